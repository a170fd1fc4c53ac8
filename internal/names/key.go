package names

import "strings"

// A Key is an index key: the 64-bit hash of something that the name of an entry
// has, such as two of its parts. Two things may share a key by chance, so a key
// only brings candidates, whose names are then compared.
type Key uint64

// HashKey returns the key of s: FNV-1a, and the last step of MurmurHash3 over
// it, so that the high bits are as good as the low ones.
func HashKey(s string) Key {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	h ^= h >> 33
	return Key(h)
}

// A Token stands for all spellings that are taken for one name part: the family
// of a given name or of a patronymic, the stem of any other part, or an initial.
// Their first bytes tell the kinds apart.
type Token string

// The first bytes of tokens. A stem begins with a letter or a digit.
const (
	givenToken      = "#"
	patronymicToken = "+"
	initialToken    = "." // of a part that is an initial
	letterToken     = "," // the initial that a given name has
)

// Given reports whether the token is that of a known given name.
func (t Token) Given() bool { return strings.HasPrefix(string(t), givenToken) }

// Patronymic reports whether the token is that of a patronymic.
func (t Token) Patronymic() bool { return strings.HasPrefix(string(t), patronymicToken) }

// PartKey is the key of an entry with a part of that token.
func PartKey(t Token) Key { return HashKey("1" + string(t)) }

// PairKey is the key of an entry with two parts of those tokens, in any order.
func PairKey(a, b Token) Key {
	if b < a {
		a, b = b, a
	}
	return HashKey("2" + string(a) + " " + string(b))
}

// Tokens returns the tokens of a part in all its [Variants]: of which an entry
// has one if it spells the same name. An initial has that of its letter; see
// [InitialTokens].
func Tokens(part string) []Token {
	if IsInitial(part) {
		return initials(initialToken, part, false)
	}
	var tokens []Token
	for _, v := range Variants(part) {
		tokens = appendTokens(tokens, v)
	}
	return tokens
}

// WordTokens returns the tokens of a skeleton, as [Tokens] does for a part.
func WordTokens(skeleton string) []Token { return appendTokens(nil, skeleton) }

func appendTokens(tokens []Token, skeleton string) []Token {
	if skeleton == "" {
		return tokens
	}
	given := Given(skeleton)
	for _, f := range given {
		tokens = appendNew(tokens, Token(givenToken+f.Family))
	}
	if len(given) > 0 {
		return tokens
	}
	if families, _, ok := Patronymic(skeleton); ok {
		for _, f := range families {
			tokens = appendNew(tokens, Token(patronymicToken+f))
		}
		return tokens
	}
	return appendNew(tokens, Token(Stem(skeleton)))
}

// InitialTokens returns the tokens that an initial of an entry may have which
// stands for the part; see [InitialOf].
func InitialTokens(part string) []Token { return initials(initialToken, part, true) }

// LetterTokens returns tokens for the letters with which a part begins: an entry
// has them for each of its given names, beside the tokens of its other parts, and
// an initial has that of its letter alone.
func LetterTokens(part string) []Token {
	return initials(letterToken, part, !IsInitial(part))
}

// initials returns tokens for the initials of the part, with those that its
// letter may be shortened to.
func initials(kind, part string, shorter bool) []Token {
	var buf symbolBuf
	s := symbols(buf[:0], part)
	if len(s) == 0 {
		return nil
	}
	if !shorter {
		return []Token{Token(kind + spell(s))}
	}
	tokens := []Token{Token(kind + spell(s[:1]))}
	if len(s) > 1 && s[0] == 'i' && (s[1] == 'u' || s[1] == 'a') {
		tokens = append(tokens, Token(kind+spell(s[:2])))
	}
	for _, r := range shortened(s[0]) {
		tokens = append(tokens, Token(kind+spell([]rune{r})))
	}
	return tokens
}

// appendNew appends v unless it is there. Linear, for the few keys of a name.
func appendNew[T comparable](s []T, v T) []T {
	for _, x := range s {
		if x == v {
			return s
		}
	}
	return append(s, v)
}
