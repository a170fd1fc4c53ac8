package main

import (
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"

	_ "modernc.org/sqlite" // the alternatives to the search are plain SQLite

	"rollcall/internal/search"
)

// lower is the text that the plain engine keeps and asks for.
func lower(text string) string { return strings.ToLower(text) }

// latinised writes what is Cyrillic in Latin letters: by ICAO 9303 where the
// word has a Russian letter, else by KMU 2010.
func latinised(text string) string {
	words := strings.Fields(strings.ToLower(text))
	for i, w := range words {
		switch {
		case strings.ContainsAny(w, "ыэъё"):
			words[i] = icaoRussian.word(w)
		case strings.ContainsFunc(w, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }):
			words[i] = kmu2010.word(w)
		}
	}
	return strings.Join(words, " ")
}

// loadFTS makes the database of the alternative: one FTS5 table of the names as
// text gives them, with the year of birth as a word.
func loadFTS(text func(string) string) func(context.Context, string, string) error {
	return func(ctx context.Context, file, path string) (err error) {
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		db, err := sql.Open("sqlite", path)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, db.Close()) }()
		if _, err = db.ExecContext(ctx, `CREATE VIRTUAL TABLE people USING fts5(id UNINDEXED, name, tokenize='trigram')`); err != nil {
			return err
		}
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		add, err := tx.PrepareContext(ctx, `INSERT INTO people (id, name) VALUES (?, ?)`)
		if err != nil {
			return err
		}
		defer add.Close()
		r := csv.NewReader(f)
		header, err := r.Read()
		if err != nil {
			return err
		}
		header[0] = strings.TrimPrefix(header[0], "\ufeff")
		id, name, year := slices.Index(header, "id"), slices.Index(header, "full_name"), slices.Index(header, "birth_year")
		for {
			row, err := r.Read()
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
			if _, err := add.ExecContext(ctx, row[id], text(row[name])+" "+row[year]); err != nil {
				return err
			}
		}
		return tx.Commit()
	}
}

// ftsEngine asks for any of the query's trigrams. SQLite ranks those who have the
// most and the rarest of them first.
type ftsEngine struct {
	db   *sql.DB
	text func(string) string
}

func openFTS(text func(string) string) func(context.Context, string) (engine, error) {
	return func(_ context.Context, path string) (engine, error) {
		db, err := sql.Open("sqlite", path)
		if err != nil {
			return nil, err
		}
		return &ftsEngine{db, text}, nil
	}
}

func (e *ftsEngine) find(ctx context.Context, text string) (answer, error) {
	var terms []string
	for _, w := range strings.Fields(e.text(text)) {
		letters := []rune(strings.ReplaceAll(w, `"`, ""))
		for i := 0; i+3 <= len(letters); i++ {
			terms = append(terms, `"`+string(letters[i:i+3])+`"`)
		}
	}
	if len(terms) == 0 {
		return answer{Verdict: search.None}, nil
	}
	rows, err := e.db.QueryContext(ctx, `SELECT id, -bm25(people) FROM people WHERE people MATCH ? ORDER BY bm25(people) LIMIT 10`, strings.Join(terms, " OR "))
	if err != nil {
		return answer{}, err
	}
	defer rows.Close()
	a := answer{Verdict: search.None}
	for rows.Next() {
		var id string
		var score float64
		if err := rows.Scan(&id, &score); err != nil {
			return answer{}, err
		}
		if len(a.IDs) == 0 {
			a.Verdict, a.Score = search.Match, score
		}
		a.IDs = append(a.IDs, id)
	}
	return a, rows.Err()
}

func (e *ftsEngine) close() error { return e.db.Close() }
