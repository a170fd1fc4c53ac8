package rollcall

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of a petition, in runes.
const (
	MaxPetitionTitle = 200
	MaxPetitionText  = 20000
	MaxPartyName     = 300 // organiser, addressee
)

// A Petition is a text that accounts can sign between two instants. It is
// frozen at opening: whatever changes in it makes another petition.
type Petition struct {
	Slug       string
	Opens      time.Time // to the second, UTC
	Closes     time.Time // to the second, UTC; the first instant at which signing is refused
	Goal       int       // at opening; 0 when there is none. See [Goal] for the present one
	Milestones []int     // ascending
	Organiser  string
	Addressee  string
	Title      map[Language]string
	Text       map[Language]string
}

// A Goal is how many signatures a petition asks for at present. The frozen
// petition has the first one for good; it can be raised, and never lowered.
type Goal struct {
	Count    int       // 0 when there is none
	First    int       // at opening; 0 when there was none
	Was      int       // before it was raised last, Count where it never was
	RaisedAt time.Time // last; zero where it never was
}

// A PetitionState is where a petition stands at some instant.
type PetitionState int

// The states of a petition.
const (
	Upcoming PetitionState = iota
	Open
	Closed
)

// State returns where the petition stands at now by its own two instants. A
// petition that was closed early says so in the store.
func (p Petition) State(now time.Time) PetitionState {
	switch {
	case now.Before(p.Opens):
		return Upcoming
	case now.Before(p.Closes):
		return Open
	}
	return Closed
}

// In returns the text of m in the language, or in the first of [Languages]
// that m has. m must not be empty.
func In(m map[Language]string, l Language) string {
	if s, ok := m[l]; ok {
		return s
	}
	for _, l := range Languages {
		if s, ok := m[l]; ok {
			return s
		}
	}
	return ""
}

var slug = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// ValidSlug reports whether s can name a petition.
func ValidSlug(s string) bool { return slug.MatchString(s) }

// Validate checks a petition as its file format asks and returns every fault,
// joined.
func (p Petition) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if !ValidSlug(p.Slug) {
		bad("slug: 1 to 32 of the characters a-z 0-9 - are needed")
	}
	if p.Opens.IsZero() {
		bad("opens: is required, in the form 2026-01-31T09:00:00Z (RFC 3339)")
	}
	if p.Closes.IsZero() {
		bad("closes: is required, in the form 2026-01-31T09:00:00Z (RFC 3339)")
	}
	if !p.Opens.IsZero() && !p.Closes.IsZero() && !p.Closes.After(p.Opens) {
		bad("closes: must be later than opens")
	}
	if p.Goal < 0 {
		bad("goal: must not be negative")
	}
	for i, m := range p.Milestones {
		if m <= 0 || i > 0 && m <= p.Milestones[i-1] {
			bad("milestones: must be positive and ascending")
			break
		}
	}
	party := func(key, s string) {
		if s == "" {
			bad("%s: is required", key)
		} else if utf8.RuneCountInString(s) > MaxPartyName {
			bad("%s: is longer than %d characters", key, MaxPartyName)
		}
	}
	party("organiser", p.Organiser)
	party("addressee", p.Addressee)
	text := func(key string, m map[Language]string, max int) {
		if len(m) == 0 {
			bad("%s: is required, by language (en, uk, ru)", key)
		}
		for _, l := range sortedKeys(m) {
			if known, _ := ParseLanguage(string(l)); known != l || l == "" {
				bad("%s: %q is none of the languages en, uk, ru", key, l)
			}
			if strings.TrimSpace(m[l]) == "" {
				bad("%s.%s: is empty", key, l)
			} else if utf8.RuneCountInString(m[l]) > max {
				bad("%s.%s: is longer than %d characters", key, l, max)
			}
		}
	}
	text("title", p.Title, MaxPetitionTitle)
	text("text", p.Text, MaxPetitionText)
	for _, l := range sortedKeys(p.Title) {
		if _, ok := p.Text[l]; !ok {
			bad("text.%s: is missing, though there is a title in that language", l)
		}
	}
	for _, l := range sortedKeys(p.Text) {
		if _, ok := p.Title[l]; !ok {
			bad("title.%s: is missing, though there is a text in that language", l)
		}
	}
	return errors.Join(errs...)
}

func sortedKeys(m map[Language]string) []Language {
	keys := make([]Language, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i] < keys[j] })
	return keys
}

// CanonicalJSON returns the petition's one byte form: an object with its keys
// in the order of RFC 8785 (JSON Canonicalization Scheme), no insignificant
// white space, instants in RFC 3339 UTC to the second, and only the characters
// escaped that JSON must have escaped. It is the bundle's petition.json.
func (p Petition) CanonicalJSON() []byte {
	milestones := p.Milestones
	if milestones == nil {
		milestones = []int{}
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	// A map is written with sorted keys. All keys here are ASCII, so that byte
	// order and the UTF-16 order of RFC 8785 are the same.
	err := enc.Encode(map[string]any{
		"addressee":  p.Addressee,
		"closes":     p.Closes.UTC().Format(time.RFC3339),
		"goal":       p.Goal,
		"milestones": milestones,
		"opens":      p.Opens.UTC().Format(time.RFC3339),
		"organiser":  p.Organiser,
		"slug":       p.Slug,
		"text":       p.Text,
		"title":      p.Title,
	})
	if err != nil {
		panic("rollcall: a petition is always encodable: " + err.Error())
	}
	// encoding/json escapes U+2028 and U+2029 even without HTML escaping;
	// RFC 8785 does not.
	s := strings.TrimSuffix(b.String(), "\n")
	return []byte(unescapeLineSeparators(s))
}

// unescapeLineSeparators undoes \u2028 and \u2029 where the backslash is not
// itself escaped.
func unescapeLineSeparators(s string) string {
	if !strings.Contains(s, `\u202`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		switch {
		case strings.HasPrefix(s[i:], `\u2028`):
			b.WriteRune('\u2028')
			i += 6
		case strings.HasPrefix(s[i:], `\u2029`):
			b.WriteRune('\u2029')
			i += 6
		case s[i] == '\\' && i+1 < len(s):
			b.WriteString(s[i : i+2])
			i += 2
		default:
			b.WriteByte(s[i])
			i++
		}
	}
	return b.String()
}

// TextSHA256 is the digest that freezes the petition: SHA-256 of
// [Petition.CanonicalJSON].
func (p Petition) TextSHA256() [32]byte { return sha256.Sum256(p.CanonicalJSON()) }

// ParsePetitionJSON reads what [Petition.CanonicalJSON] wrote.
func ParsePetitionJSON(b []byte) (Petition, error) {
	var f struct {
		Addressee  string              `json:"addressee"`
		Closes     time.Time           `json:"closes"`
		Goal       int                 `json:"goal"`
		Milestones []int               `json:"milestones"`
		Opens      time.Time           `json:"opens"`
		Organiser  string              `json:"organiser"`
		Slug       string              `json:"slug"`
		Text       map[Language]string `json:"text"`
		Title      map[Language]string `json:"title"`
	}
	if err := json.Unmarshal(b, &f); err != nil {
		return Petition{}, fmt.Errorf("read the petition's canonical JSON: %w", err)
	}
	p := Petition{Slug: f.Slug, Opens: f.Opens.UTC(), Closes: f.Closes.UTC(), Goal: f.Goal, Organiser: f.Organiser,
		Addressee: f.Addressee, Title: f.Title, Text: f.Text}
	if len(f.Milestones) > 0 {
		p.Milestones = f.Milestones
	}
	return p, nil
}

// Hex returns the digest in lower-case hexadecimal.
func Hex(sum [32]byte) string { return hex.EncodeToString(sum[:]) }

// A Tally is what a petition's log adds up to. Every signature is of one
// account; accounts are not checked people.
type Tally struct {
	Signed    int // all that were ever appended
	Withdrawn int // taken back by their accounts
	Voided    int // removed by the keeper, each with a public reason
}

// Net is the figure that is shown: signed less withdrawn less voided.
func (t Tally) Net() int { return t.Signed - t.Withdrawn - t.Voided }
