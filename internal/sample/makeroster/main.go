// Command makeroster writes a roster of invented people as CSV to stdout, for
// benchmarks and rehearsals:
//
//	go run ./internal/sample/makeroster -rows 100000 >roster.csv
//
// With -names it writes one full name a line instead, for looking up.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/rosterio"
	"rollcall/internal/sample"
)

func main() {
	rows := flag.Int("rows", 1000, "how many rows")
	seed := flag.Uint64("seed", 1, "same seed, same people")
	names := flag.Bool("names", false, "write only the full names, each once")
	flag.Parse()
	if err := write(*seed, *rows, *names); err != nil {
		fmt.Fprintln(os.Stderr, "makeroster:", err)
		os.Exit(1)
	}
}

func write(seed uint64, rows int, names bool) error {
	out := bufio.NewWriter(os.Stdout)
	today := rollcall.DateOf(time.Now().UTC())
	if names {
		last := ""
		for r := range sample.Rows(seed, rows, today) {
			if r.FullName != last {
				last = r.FullName
				fmt.Fprintln(out, last)
			}
		}
		return out.Flush()
	}
	w, err := rosterio.NewWriter(out, rosterio.CSV)
	if err != nil {
		return err
	}
	for r := range sample.Rows(seed, rows, today) {
		if err := w.Write(r); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return out.Flush()
}
