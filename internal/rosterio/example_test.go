package rosterio_test

import (
	"fmt"
	"io"
	"os"
	"strings"

	"rollcall/internal/rollcall"
	"rollcall/internal/rosterio"
)

func ExampleReader_Next() {
	const file = "full_name,birth_year,status,status_date,source\n" +
		"Зразкова  Ганна,1984,missing,2026-05-06,Example Register\n" +
		"Вигаденко Іван,84,lost,2026-05-06,Example Register\n"
	today := rollcall.Date{Year: 2026, Month: 11, Day: 1}
	r, err := rosterio.NewReader(strings.NewReader(file), int64(len(file)), "roster.csv", rosterio.CSV, today)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	for {
		row, errs, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, e := range errs {
			fmt.Println(e)
		}
		if len(errs) == 0 {
			fmt.Printf("%d: %s, %d\n", r.Line(), row.FullName, row.BirthYear)
		}
	}
	// Output:
	// 2: Зразкова Ганна, 1984
	// roster.csv:3: birth_year: must be a whole year such as 1984
	// roster.csv:3: status: must be one of missing, reported_held, confirmed_held, said_not_included, returned, deceased, unknown
}

func ExampleWriter() {
	w, err := rosterio.NewWriter(os.Stdout, rosterio.JSONL)
	if err != nil {
		fmt.Println(err)
		return
	}
	w.Write(rollcall.RosterRow{
		Person: rollcall.Person{PublicID: "EX-1", FullName: "Зразкова Ганна"},
		Claim:  rollcall.Claim{Status: rollcall.Missing, Date: rollcall.Date{Year: 2026, Month: 5, Day: 6}, Source: "Example Register"},
	})
	if err := w.Close(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"id":"EX-1","full_name":"Зразкова Ганна","alt_names":[],"birth_year":null,"status":"missing","status_date":"2026-05-06","source":"Example Register","source_url":"","note":"","expires":""}
}
