package search

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"rollcall/internal/names"
	"rollcall/internal/rollcall"
)

// MaxParts is how many name parts of a query are kept.
const MaxParts = 16

// A Query is what a family asked for. Its fields are private to the person who
// asked, and belong in no log.
type Query struct {
	Parts []string // name parts in the order typed, as names.Parts gives them; at most MaxParts
	// Maybe holds words from before Parts that are noise in most queries and a
	// surname in some ("Син"). They are parts where the roster lists a person
	// of that name, and nothing otherwise.
	Maybe []string
	// The span of birth years asked for, both ends included; 0 where none is.
	YearFrom, YearTo int
	// Text is the text that was read, and Now the year of the reading: what
	// [Query.Retyped] needs. Without them the query is taken as it is.
	Text string
	Now  int
}

// Vague reports whether the roster gives no answer to the query: it has fewer
// than two parts and no year, or nothing but initials. Maybe does not count.
func (q Query) Vague() bool {
	named := false
	for _, p := range q.Parts {
		named = named || !names.IsInitial(p)
	}
	return !named || len(q.Parts) < 2 && q.YearFrom == 0
}

// ParseQuery reads a query as people type it in Ukrainian, Russian or English.
//
//   - A birth date in a usual form, or a year from [rollcall.FirstYear] to now's,
//     gives the year; an age gives the two years that are possible for it. A
//     full date wins over a year, a year said to be one of birth over a bare
//     one, a year over an age, and the first over later ones.
//   - Words that lead up to a name are dropped ("шукаю", "ищу", "looking for",
//     "my son"), unless nothing would be left. A bare leading word that may be a
//     surname goes to Maybe.
//   - Punctuation, emoji, numbers, wildcards and query syntax are dropped.
//
// It takes time linear in the text, and any text is a query.
func ParseQuery(text string, now time.Time) Query {
	return parse(names.Clean(text), now.Year())
}

func parse(text string, year int) Query {
	s := &scanner{text: text, year: year}
	s.scan()
	s.dates()
	s.talk()
	q := s.query()
	q.Text, q.Now = text, year
	return q
}

// maxRetyped is the length of a text, in bytes, up to which it may have been
// typed with another layout. Nobody types more without looking.
const maxRetyped = 200

// Retyped returns the queries that the text would be if it was typed with
// another keyboard layout than was meant, the likeliest first; nil where it does
// not look so.
func (q Query) Retyped() []Query {
	if len(q.Text) > maxRetyped || !looksMistyped(q.Text) {
		return nil
	}
	var all []Query
	for _, t := range names.Retyped(q.Text) {
		if r := parse(t, q.Now); !r.Vague() {
			all = append(all, r)
		}
	}
	return all
}

// looksMistyped reports whether a word of the text looks mistyped, also by signs
// before a letter that are letters in another layout, or none is long enough to
// tell.
func looksMistyped(text string) bool {
	short := true
	for w := range strings.FieldsSeq(text) {
		if names.LooksMistyped(w) {
			return true
		}
		if i := strings.IndexAny(w, ",;[]"); i >= 0 && i+1 < len(w) && w[i+1]|0x20 >= 'a' && w[i+1]|0x20 <= 'z' {
			return true
		}
		short = short && utf8.RuneCountInString(w) < 4
	}
	return short
}

// A token is a word, a number or a single other rune of the text.
type token struct {
	kind       kind
	start, end int    // bytes of the text
	low        string // a word in lower case
	n          int    // a number's value; -1 where it has more than four digits
	use        use
}

type kind uint8

const (
	other kind = iota
	word
	number
)

// use says what a token is taken for.
type use uint8

const (
	free  use = iota // may be part of a name
	date             // of a date, a year or an age
	noise            // leads up to a name
	maybe            // noise or a surname
)

type scanner struct {
	text     string
	year     int // of now
	tokens   []token
	from, to int // the years found
	rank     int // how sure they are
}

// Ranks of what gives a year.
const (
	byAge = iota + 1
	byBareYear
	byMarkedYear
	byDate
)

func (s *scanner) scan() {
	text := s.text
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == ' ':
			i += n
		case '0' <= r && r <= '9':
			j := i
			for j < len(text) && '0' <= text[j] && text[j] <= '9' {
				j++
			}
			v := -1
			if j-i <= 4 {
				v, _ = strconv.Atoi(text[i:j])
			}
			s.tokens = append(s.tokens, token{kind: number, start: i, end: j, n: v})
			i = j
		case unicode.IsLetter(r):
			j, end := i, i
			for j < len(text) {
				r, n := utf8.DecodeRuneInString(text[j:])
				if unicode.IsLetter(r) || unicode.IsMark(r) {
					end = j + n
				} else if !strings.ContainsRune("-'’ʼ`", r) {
					break
				}
				j += n
			}
			s.tokens = append(s.tokens, token{kind: word, start: i, end: end, low: fold(text[i:end])})
			i = end
		default:
			s.tokens = append(s.tokens, token{start: i, end: i + n})
			i += n
		}
	}
}

// fold brings a word to the form of the word lists.
func fold(w string) string {
	w = strings.ToLower(w)
	if strings.ContainsAny(w, "’ʼ`ё") {
		w = strings.NewReplacer("’", "'", "ʼ", "'", "`", "'", "ё", "е").Replace(w)
	}
	return w
}

// at returns the token i, or one that is nothing outside the text.
func (s *scanner) at(i int) token {
	if i < 0 || i >= len(s.tokens) {
		return token{}
	}
	return s.tokens[i]
}

func (s *scanner) is(i int, runes string) bool {
	t := s.at(i)
	return t.kind == other && t.end > t.start && strings.Contains(runes, s.text[t.start:t.end])
}

// tight reports whether nothing stands between the tokens i and i+1.
func (s *scanner) tight(i int) bool {
	return i >= 0 && i+1 < len(s.tokens) && s.tokens[i].end == s.tokens[i+1].start
}

func (s *scanner) take(from, to int, u use) {
	for i := max(0, from); i < min(to, len(s.tokens)); i++ {
		s.tokens[i].use = u
	}
}

func (s *scanner) found(from, to, rank int) {
	if rank > s.rank {
		s.from, s.to, s.rank = from, to, rank
	}
}

func (s *scanner) isYear(n int) bool { return rollcall.FirstYear <= n && n <= s.year }

// dates finds dates, years and ages, and takes their tokens.
func (s *scanner) dates() {
	for i := 0; i < len(s.tokens); {
		if s.tokens[i].kind == other {
			i++
			continue
		}
		year, n := s.date(i)
		if n == 0 {
			year, n = s.wordDate(i)
		}
		if n > 0 {
			if year != 0 {
				s.found(year, year, byDate)
			}
			s.take(i, i+n, date)
			s.before(i)
			i = s.after(i + n)
			continue
		}
		if s.tokens[i].kind != number {
			i++
			continue
		}
		if n := s.tokens[i].n; s.isYear(n) && s.tokens[i].end-s.tokens[i].start == 4 {
			s.take(i, i+1, date)
			marked := s.before(i)
			next := s.after(i + 1)
			if marked || next > i+1 {
				s.found(n, n, byMarkedYear)
			} else {
				s.found(n, n, byBareYear)
			}
			i = next
			continue
		}
		i = s.age(i)
	}
}

// date reads 12.03.1985, 12/03/85, 1985-03-12 at token i and returns the year,
// 0 where it is out of range, and how many tokens it takes, 0 for no date.
func (s *scanner) date(i int) (year, n int) {
	a, b, c := s.at(i), s.at(i+2), s.at(i+4)
	if a.kind != number || b.kind != number || c.kind != number {
		return 0, 0
	}
	if !s.is(i+1, ".") && !s.is(i+1, "/") && !s.is(i+1, "-") || s.text[s.tokens[i+1].start] != s.text[s.tokens[i+3].start] || s.at(i+3).kind != other {
		return 0, 0
	}
	digits := func(t token) int { return t.end - t.start }
	switch {
	case digits(a) == 4 && digits(b) <= 2 && digits(c) <= 2:
		year = a.n
	case digits(a) <= 2 && digits(b) <= 2 && digits(c) == 4:
		year = c.n
	case digits(a) <= 2 && digits(b) <= 2 && digits(c) == 2:
		year = s.year - s.year%100 + c.n
		if year > s.year {
			year -= 100
		}
	default:
		return 0, 0
	}
	if !s.isYear(year) {
		year = 0
	}
	return year, 5
}

// wordDate reads "12 березня 1985", "March 12, 1985" and the like at token i,
// with results as date has them. The name of a month counts as one beside the
// number of a day only: "Марта 1985" is a person.
func (s *scanner) wordDate(i int) (year, n int) {
	day := func(i int) bool { t := s.at(i); return t.kind == number && 1 <= t.n && t.n <= 31 && t.end-t.start <= 2 }
	month := func(i int) bool { t := s.at(i); return t.kind == word && months[t.low] }
	j := i
	switch {
	case day(j):
		j++
		if s.is(j, "-") && len(s.at(j+1).low) <= 4 { // 12-го
			j++
		}
		if t := s.at(j); t.kind == word && dayEndings[t.low] {
			j++
		}
		if s.is(j, ".") {
			j++
		}
		if !month(j) {
			return 0, 0
		}
		j++
	case month(j) && day(j+1):
		j += 2
		if t := s.at(j); t.kind == word && dayEndings[t.low] {
			j++
		}
	default:
		return 0, 0
	}
	end := j
	for s.is(j, ",.") {
		j++
		if j > end+2 {
			break
		}
	}
	if t := s.at(j); t.kind == number && t.end-t.start == 4 && s.isYear(t.n) {
		return t.n, j + 1 - i
	}
	return 0, end - i
}

// before takes the words before a year that say whose it is ("born", "нар.",
// "д.р.", "р.н."), and reports whether there were any.
func (s *scanner) before(i int) (marked bool) {
	j := i - 1
	for s.is(j, ".,:") && j > i-3 {
		j--
	}
	t := s.at(j)
	switch {
	case t.kind != word || t.use == date:
		return false
	case bornWords[t.low]:
		s.take(j, i, date)
		return true
	case t.low == "b" && s.text[t.start] == 'b':
		s.take(j, i, date)
		return true
	}
	// Letters of an abbreviation, in lower case, or they are initials.
	if s.is(j-1, ".") && s.tight(j-2) && s.tight(j-1) && birthLetters(s.text[s.at(j-2).start:s.at(j-2).end]+s.text[t.start:t.end]) {
		s.take(j-2, i, date)
		return true
	}
	return false
}

// after takes the words after a year or a date that ends before token i ("року
// народження", "р.н.", "г.", "born") and returns the token after them.
func (s *scanner) after(i int) int {
	if t, d, u := s.at(i), s.at(i+1), s.at(i+2); t.kind == word && u.kind == word && d.kind == other && s.tight(i) && s.is(i+1, ".") &&
		birthLetters(s.text[t.start:t.end]+s.text[u.start:u.end]) {
		s.take(i, i+3, date)
		return i + 3
	}
	start, end := i, i
	for range 3 {
		t := s.at(i)
		if t.kind != word || !afterYear[t.low] || !s.small(i) {
			break
		}
		i++
		end = i
		if s.is(i, ".") {
			i++
		}
	}
	s.take(start, end, date)
	return end
}

// small reports whether the word i is no initial: longer than a letter, or in
// lower case.
func (s *scanner) small(i int) bool {
	t := s.at(i)
	return utf8.RuneCountInString(t.low) > 1 || s.text[t.start:t.end] == t.low
}

// birthLetters tells the abbreviations of "born" that are written by letters.
func birthLetters(s string) bool {
	switch s {
	case "рн", "гр", "др", "дн", "рр":
		return true
	}
	return false
}

// age reads an age around the number at token i and returns the token after it.
func (s *scanner) age(i int) int {
	t := s.tokens[i]
	next := i + 1
	if s.is(next, "-") && s.tight(i) && s.at(next+1).kind == word && s.tight(next) {
		next++ // 35-річний
		// The ending of a numeral ("2-й", "12-го") is not an initial.
		if w := s.at(next).low; utf8.RuneCountInString(w) <= 2 && !ageWords[w] {
			s.take(i, next+1, date)
			return next + 1
		}
	}
	if t.n < 1 || t.n > 115 {
		return i + 1
	}
	prev := i - 1
	if s.is(prev, ":-") {
		prev--
	}
	led := s.at(prev).kind == word && agePrefixes[s.at(prev).low]
	w := s.at(next)
	followed := w.kind == word && (ageWords[w.low] && s.small(next) || hasAnyPrefix(w.low, ageAdjectives))
	if !led && !followed {
		return i + 1
	}
	s.found(s.year-t.n-1, s.year-t.n, byAge)
	end := i + 1
	if led {
		s.take(prev, i, date)
	}
	if followed {
		end = next + 1
		if s.at(end).kind == word && s.at(end).low == "old" {
			end++
		} else if (w.low == "y" || w.low == "р") && s.is(end, "./") && s.at(end+1).low == "o" { // y.o., y/o
			end += 2
		}
	}
	s.take(i, end, date)
	return end
}

func hasAnyPrefix(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// talk takes the words that lead up to a name.
func (s *scanner) talk() {
	capitals := false // whether some word that is not talk has a capital
	for i := range s.tokens {
		t := &s.tokens[i]
		if t.kind != word || t.use != free {
			continue
		}
		if talkWords[t.low] {
			t.use = noise
		} else if !kinWords[t.low] && unicode.IsUpper(firstRune(s.text[t.start:t.end])) {
			capitals = true
		}
	}
	led := false  // whether talk came right before
	start := true // whether no name part has come yet
	for i := range s.tokens {
		t := &s.tokens[i]
		if t.kind != word || t.use == date {
			continue
		}
		w := s.text[t.start:t.end]
		switch {
		case t.use == noise:
			led = true
			continue
		case smallWords[t.low] && !s.is(i+1, ".") && (s.nextWordIs(i, noise) || led && w == t.low):
			t.use = noise
			continue
		case !kinWords[t.low]:
			led, start = false, false
			continue
		case led || capitals && w == t.low:
			t.use = noise
			led = true
		case start:
			t.use = maybe
		default:
			led = false
		}
	}
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// nextWordIs reports whether the token after i is a word of that use.
func (s *scanner) nextWordIs(i int, u use) bool {
	t := s.at(i + 1)
	return t.kind == word && t.use == u
}

// query gathers what is left.
func (s *scanner) query() Query {
	q := Query{YearFrom: s.from, YearTo: s.to}
	q.Parts = s.parts(func(u use) bool { return u == free })
	if len(q.Parts) > 0 {
		q.Maybe = s.parts(func(u use) bool { return u == maybe })
	} else if q.Parts = s.parts(func(u use) bool { return u == maybe }); len(q.Parts) == 0 {
		q.Parts = s.parts(func(u use) bool { return u != date })
	}
	return q
}

// parts returns the name parts among the tokens whose use is kept.
func (s *scanner) parts(kept func(use) bool) []string {
	b := []byte(s.text)
	for _, t := range s.tokens {
		if t.kind == number || t.kind == word && !kept(t.use) {
			for i := t.start; i < t.end; i++ {
				b[i] = ' '
			}
		}
	}
	parts := names.Parts(string(b))
	if len(parts) > MaxParts {
		parts = parts[:MaxParts]
	}
	for i, p := range parts {
		// A longer one is in no roster.
		if utf8.RuneCountInString(p) > rollcall.MaxName {
			parts[i] = string([]rune(p)[:rollcall.MaxName])
		}
	}
	return parts
}
