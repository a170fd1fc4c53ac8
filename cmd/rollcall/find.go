package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"rollcall/internal/rollcall"
	"rollcall/internal/search"
)

type findCmd struct {
	common
	Name    []string `arg:"" optional:"" placeholder:"NAME" help:"The name, with a birth year where known."`
	Explain bool     `help:"Say which part matched which, and why."`
	Batch   bool     `help:"Read a query a line from stdin."`
}

func (findCmd) Help() string {
	return `With --batch each line of stdin gives a line of query, ids, score and verdict, parted by tabs:
up to 10 ids best first, the first one's score from 0 to 1, and match, near or none.

Example: rollcall find Прикладенко Олена 1988`
}

// batchIDs is how many ids a line of --batch holds.
const batchIDs = 10

func (c *findCmd) Run(a *app) error {
	switch {
	case c.Batch && len(c.Name) > 0:
		return usageError{errors.New("with --batch the names come from stdin")}
	case !c.Batch && len(c.Name) == 0:
		return usageError{errors.New("a name is needed, or --batch")}
	}
	_, db, err := c.open(a)
	if err != nil {
		return err
	}
	defer db.Close()
	s := search.New(db)
	if c.Batch {
		return c.batch(a, s)
	}
	q := search.ParseQuery(strings.Join(c.Name, " "), a.now())
	res, err := s.Find(a.ctx, q, search.Options{Limit: batchIDs})
	if err != nil {
		return err
	}
	switch res.Verdict {
	case search.TooVague:
		return errors.New("one name part alone is not looked up: add the given name or the birth year")
	case search.None:
		a.say("nobody fits")
		return nil
	}
	for _, h := range res.Hits {
		card, err := db.Card(a.ctx, h.Person.ID)
		if rollcall.CodeOf(err) == rollcall.NotFound {
			continue // went in the meantime
		}
		if err != nil {
			return err
		}
		year := ""
		if card.BirthYear != 0 {
			year = fmt.Sprintf(", %d", card.BirthYear)
		}
		fmt.Fprintf(a.stdout, "%s\t%s%s\t%.3f\t%s\n", card.PublicID, card.FullName, year, h.Score, res.Verdict)
		if c.Explain {
			fmt.Fprintf(a.stdout, "\t%s\n", strings.ReplaceAll(strings.TrimSpace(h.Explain()), "\n", "\n\t"))
		}
		for _, cl := range card.Claims {
			fmt.Fprintf(a.stdout, "\taccording to %s, dated %s: %s\n", cl.Source, cl.Date, cl.Status)
		}
	}
	return nil
}

func (c *findCmd) batch(a *app, s *search.Searcher) error {
	in := bufio.NewReader(a.stdin)
	out := bufio.NewWriter(a.stdout)
	for {
		line, err := in.ReadString('\n')
		if line == "" && err == io.EOF {
			return out.Flush()
		}
		if err != nil && err != io.EOF {
			return errors.Join(err, out.Flush())
		}
		query := strings.TrimRight(line, "\r\n")
		res, err := s.Find(a.ctx, search.ParseQuery(query, a.now()), search.Options{Limit: batchIDs})
		if err != nil {
			return errors.Join(err, out.Flush())
		}
		if res.Verdict == search.TooVague {
			res = search.Result{Verdict: search.None}
		}
		ids, score := make([]string, 0, batchIDs), 0.0
		for i, h := range res.Hits {
			if i == 0 {
				score = h.Score
			}
			ids = append(ids, h.Person.PublicID)
		}
		fmt.Fprintf(out, "%s\t%s\t%.3f\t%s\n", strings.ReplaceAll(query, "\t", " "), strings.Join(ids, ","), score, res.Verdict)
		// Somebody may be typing: answer each line when no other waits.
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
}
