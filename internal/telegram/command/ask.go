package command

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/rosterio"
	"rollcall/internal/telegram"
)

// The questions that several forms ask. What is read is checked as a roster file
// is, by the rules of package rollcall.

// faulty reports whether one of the faults is of the column.
func faulty(errs []rollcall.FieldError, column string) bool {
	for _, e := range errs {
		if e.Column == column {
			return true
		}
	}
	return false
}

// line is a text as the roster keeps texts.
func line(text string) (string, bool) {
	return rosterio.Clean(strings.Join(strings.Fields(text), " "))
}

func today(r *telegram.Request) rollcall.Date { return rollcall.DateOf(r.Now) }

func askFullName(when func(values) bool) field {
	return field{name: "full_name", when: when,
		ask: func(r *telegram.Request, _ values) render.HTML { return r.Say.AskFullName() },
		read: func(r *telegram.Request, text string) (string, bool) {
			name, ok := line(text)
			return name, ok && !faulty(rollcall.Person{FullName: name}.Validate(today(r)), "full_name")
		}}
}

// askBirthYear has the answer "0" for a year that is not known.
func askBirthYear(when func(values) bool) field {
	return field{name: "birth_year", when: when,
		ask: func(r *telegram.Request, _ values) render.HTML { return r.Say.AskBirthYear() },
		options: func(r *telegram.Request, _ values) []option {
			return []option{{r.Say.Label(render.LabelSkip), "0"}}
		},
		read: func(r *telegram.Request, text string) (string, bool) {
			year, err := strconv.Atoi(strings.TrimSpace(text))
			ok := err == nil && year != 0 && !faulty(rollcall.Person{BirthYear: year}.Validate(today(r)), "birth_year")
			return strconv.Itoa(year), ok
		}}
}

func askStatus() field {
	return field{name: "status",
		ask: func(r *telegram.Request, _ values) render.HTML { return r.Say.AskStatus() },
		options: func(r *telegram.Request, _ values) (list []option) {
			for _, s := range rollcall.Statuses {
				list = append(list, option{r.Say.StatusLabel(s), string(s)})
			}
			return list
		}}
}

func askDate() field {
	return field{name: "date",
		ask: func(r *telegram.Request, _ values) render.HTML { return r.Say.AskDate() },
		options: func(r *telegram.Request, _ values) []option {
			return []option{{r.Say.Label(render.LabelToday), today(r).String()}}
		},
		read: func(r *telegram.Request, text string) (string, bool) {
			d, err := rollcall.ParseDate(strings.TrimSpace(text))
			return d.String(), err == nil && !faulty(rollcall.Claim{Date: d}.Validate(today(r)), "status_date")
		}}
}

func askSource() field {
	return field{name: "source",
		ask: func(r *telegram.Request, _ values) render.HTML { return r.Say.AskSource() },
		read: func(r *telegram.Request, text string) (string, bool) {
			source, ok := line(text)
			return source, ok && !faulty(rollcall.Claim{Source: source}.Validate(today(r)), "source")
		}}
}

// askSourceURL has the answer "" for an address that is skipped.
func askSourceURL() field {
	return field{name: "source_url",
		ask: func(r *telegram.Request, _ values) render.HTML { return r.Say.AskSourceURL() },
		options: func(r *telegram.Request, _ values) []option {
			return []option{{r.Say.Label(render.LabelSkip), ""}}
		},
		read: func(r *telegram.Request, text string) (string, bool) {
			address := strings.TrimSpace(text)
			return address, address != "" && utf8.ValidString(address) && !faulty(rollcall.Claim{SourceURL: address}.Validate(today(r)), "source_url")
		}}
}

// confirm shows what is to be saved, and waits for the button alone.
func confirm(ask func(r *telegram.Request, v values) render.HTML) field {
	return field{name: "confirm", ask: ask, options: func(r *telegram.Request, _ values) []option {
		return []option{{r.Say.Label(render.LabelSave), "yes"}}
	}}
}

// The answers as what they stand for; they have been checked when they were given.

func (v values) person() rollcall.Person {
	year, _ := strconv.Atoi(v["birth_year"])
	return rollcall.Person{FullName: v["full_name"], BirthYear: year}
}

func (v values) claim() rollcall.Claim {
	return rollcall.Claim{Status: rollcall.Status(v["status"]), Date: v.date(), Source: v["source"], SourceURL: v["source_url"]}
}

func (v values) date() rollcall.Date {
	d, _ := rollcall.ParseDate(v["date"])
	return d
}
