package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"rollcall/internal/rosterio"
)

type exportCmd struct {
	Roster exportRosterCmd `cmd:"" help:"Write the roster as a file that import reads back."`
}

type exportRosterCmd struct {
	common
	Format string `enum:",csv,jsonl" default:"" placeholder:"FORMAT" help:"csv or jsonl (default by the name of --out, else csv)."`
	Out    string `placeholder:"FILE" help:"Where to (default: stdout)."`
}

func (exportRosterCmd) Help() string {
	return `Expired claims are in it, withheld entries are not. Importing the file again changes nothing.

Example: rollcall export roster --out roster.csv`
}

func (c *exportRosterCmd) Run(a *app) error {
	format := rosterio.Format(c.Format)
	if format == "" {
		format = rosterio.CSV
		if c.Out != "" {
			f, err := rosterio.FormatOf(c.Out)
			if err != nil || f == rosterio.XLSX {
				return usageError{errors.New("--out: a name that ends in .csv or .jsonl is needed, or --format")}
			}
			format = f
		}
	}
	_, db, err := c.open(a)
	if err != nil {
		return err
	}
	defer db.Close()
	write := func(to io.Writer) error {
		w, err := rosterio.NewWriter(to, format)
		if err != nil {
			return err
		}
		if err := db.Export(a.ctx, w.Write); err != nil {
			return err
		}
		return w.Close()
	}
	if c.Out == "" {
		return write(a.stdout)
	}
	return replaceFile(c.Out, write)
}

// replaceFile writes a whole file, readable by its owner alone, and then puts
// it in the place of the old one: a failure leaves that as it was.
func replaceFile(path string, write func(io.Writer) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".rollcall-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	err = errors.Join(write(tmp), tmp.Sync())
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
