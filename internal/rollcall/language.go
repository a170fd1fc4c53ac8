package rollcall

import "strings"

// A Language is one that the bot speaks, as an ISO 639-1 code.
type Language string

// The languages of the bot.
const (
	English   Language = "en"
	Ukrainian Language = "uk"
	Russian   Language = "ru"
)

// Languages lists them in the order in which they are offered.
var Languages = []Language{English, Ukrainian, Russian}

// ParseLanguage reads an IETF language tag as Telegram gives it ("uk",
// "en-GB"), of which only the primary subtag counts. ok is false for a language
// that the bot does not speak and for an empty tag.
func ParseLanguage(tag string) (l Language, ok bool) {
	primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	for _, l := range Languages {
		if string(l) == primary {
			return l, true
		}
	}
	return "", false
}
