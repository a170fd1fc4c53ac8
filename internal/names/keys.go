package names

import (
	"slices"
	"strings"
)

// A Key is an index key. There are four kinds that never collide: exact ones of
// a name part, which are skeletons; rough ones of a part, which begin with "~";
// those of several parts together, which begin with "="; and those of a part
// beside an initial, which begin with "@".
type Key string

// ExactKey returns the key that all spellings of one skeleton share. It is
// empty where the skeleton is; an empty key stands in no index.
func ExactKey(part string) Key { return Key(Skeleton(part)) }

// RoughKey returns the key of [Rough]. It is empty where that is.
func RoughKey(part string) Key {
	var buf, rbuf symbolBuf
	return roughKey(rough(rbuf[:0], symbols(buf[:0], part)))
}

func roughKey(r []rune) Key {
	if len(r) == 0 {
		return ""
	}
	return Key("~" + string(r))
}

// ExactKeys returns the exact keys of all [Variants] of a part.
func ExactKeys(part string) []Key {
	keys := make([]Key, 0, 4)
	for _, v := range Variants(part) {
		if v != "" {
			keys = append(keys, Key(v))
		}
	}
	return keys
}

// RoughKeys returns the rough keys of all [Variants] of a part.
func RoughKeys(part string) []Key {
	keys := make([]Key, 0, 4)
	for _, v := range Variants(part) {
		if k := RoughKey(v); k != "" {
			keys = appendNew(keys, k)
		}
	}
	return keys
}

// InitialKeys returns the exact keys that an entry has which gives only the
// initial of the part; see [InitialOf].
func InitialKeys(part string) []Key {
	var buf symbolBuf
	s := symbols(buf[:0], part)
	if len(s) == 0 {
		return nil
	}
	keys := []Key{Key(spell(s[:1]))}
	if len(s) > 1 && s[0] == 'i' && (s[1] == 'u' || s[1] == 'a') {
		keys = append(keys, Key(spell(s[:2])))
	}
	for _, r := range shortened(s[0]) {
		keys = append(keys, Key(spell([]rune{r})))
	}
	return keys
}

// Longest rough key, in letters, that RoughNear takes: about 270 neighbours.
const maxRoughNear = 12

// RoughNear returns the rough keys at one edit (a letter more, less, other, or
// two swapped) from that of the part, without its own. It is nil where that has
// fewer than two consonants, when too many keys are near, more than twelve
// letters, or letters of other scripts.
func RoughNear(part string) []Key {
	r := []byte(Rough(part))
	consonants := 0
	for _, c := range r {
		if strings.IndexByte(roughLetters, c) >= 0 {
			consonants++
		} else if c != 'a' {
			return nil
		}
	}
	if consonants < 2 || len(r) > maxRoughNear {
		return nil
	}
	own := Key("~" + string(r))
	seen := make(map[Key]bool, 2*(len(r)+1)*len(roughLetters))
	var keys []Key
	add := func(pieces ...[]byte) {
		b := []byte("~")
		for _, p := range pieces {
			b = append(b, p...)
		}
		if k := Key(b); k != own && len(k) > 2 && !seen[k] {
			seen[k] = true
			keys = append(keys, k)
		}
	}
	for i := range len(r) + 1 {
		letters := roughLetters
		if i == 0 {
			letters += "a"
		}
		for j := range len(letters) {
			add(r[:i], []byte{letters[j]}, r[i:])
			if i < len(r) {
				add(r[:i], []byte{letters[j]}, r[i+1:])
			}
		}
		if i < len(r) {
			add(r[:i], r[i+1:])
		}
		if i+1 < len(r) {
			add(r[:i], []byte{r[i+1], r[i]}, r[i+2:])
		}
	}
	return keys
}

// Limits of the keys of parts together. A longer name has few people, and a part
// with many readings makes many keys.
const (
	maxTogether = 4  // parts
	maxReadings = 64 // keys of one query, and of one entry's name
)

// TogetherKeys returns the keys of which an entry bears one if one of its names
// has all the parts, whatever their order, or has some of them as initials: parts
// holds for each of them the keys of its readings. ok is false for a single part,
// for more than four, and where there would be too many keys.
func TogetherKeys(parts [][]Key) (keys []Key, ok bool) {
	n := 1
	for _, p := range parts {
		n *= len(p)
	}
	if len(parts) < 2 || len(parts) > maxTogether || n == 0 || n > maxReadings {
		return nil, false
	}
	keys = appendTogether(nil, parts)
	for _, p := range parts {
		for _, k := range p {
			keys = append(keys, besideInitial(k))
		}
	}
	return keys, true
}

// besideInitial is the key of a part of a name in which there are initials too.
func besideInitial(part Key) Key { return "@" + part }

// appendTogether appends a key for each way to read the parts.
func appendTogether(keys []Key, parts [][]Key) []Key {
	var read [maxTogether]string
	var each func(i int)
	each = func(i int) {
		if i < len(parts) {
			for _, k := range parts[i] {
				read[i] = string(k)
				each(i + 1)
			}
			return
		}
		sorted := read
		slices.Sort(sorted[:i])
		keys = appendNew(keys, Key("="+strings.Join(sorted[:i], "+")))
	}
	each(0)
	return keys
}

// appendGroups appends the keys of every two, three and four parts of a name
// together. A name that would have too many has none: it is found by its parts.
func appendGroups(keys []Key, parts []string) []Key {
	if len(parts) < 2 {
		return keys
	}
	readings := make([][]Key, 0, maxTogether)
	n := 1
	for _, p := range parts {
		if IsInitial(p) {
			continue
		}
		r := ExactKeys(p)
		for _, h := range Halves(p) {
			for _, k := range ExactKeys(h) {
				r = appendNew(r, k)
			}
		}
		if len(r) > 0 {
			readings = append(readings, r)
			n *= len(r)
		}
	}
	if slices.ContainsFunc(parts, IsInitial) {
		for _, r := range readings {
			for _, k := range r {
				keys = appendNew(keys, besideInitial(k))
			}
		}
	}
	if len(readings) > maxTogether || n > maxReadings {
		return keys
	}
	for set := range 1 << len(readings) {
		var chosen [][]Key
		for i, r := range readings {
			if set&(1<<i) != 0 {
				chosen = append(chosen, r)
			}
		}
		if len(chosen) >= 2 {
			keys = appendTogether(keys, chosen)
		}
	}
	return keys
}

// Apart takes the hyphens of the parts as spaces.
func Apart(parts []string) []string {
	var apart []string
	for _, p := range parts {
		if h := Halves(p); len(h) > 0 {
			apart = append(apart, h...)
		} else {
			apart = append(apart, p)
		}
	}
	return apart
}

// Keys returns the distinct keys under which an entry is indexed: for every
// part of every name, and every half of a hyphenated part, its exact and rough
// keys in all variants, and the keys of its parts together. An initial has its
// exact key only.
func Keys(fullName string, altNames []string) []Key {
	keys := appendKeys(make([]Key, 0, 8), fullName)
	for _, n := range altNames {
		keys = appendKeys(keys, n)
	}
	return keys
}

func appendKeys(keys []Key, name string) []Key {
	parts := Parts(name)
	keys = appendGroups(keys, parts)
	if apart := Apart(parts); len(apart) > len(parts) {
		keys = appendGroups(keys, apart)
	}
	for _, p := range parts {
		keys = appendPart(keys, p)
		for _, h := range Halves(p) {
			keys = appendPart(keys, h)
		}
	}
	return keys
}

func appendPart(keys []Key, part string) []Key {
	var lbuf, sbuf, rbuf symbolBuf
	l := letters(lbuf[:0], part)
	habits := [...]habit{english, continental, french, hardC}
	n := 1
	if ambiguous(l) {
		n = len(habits)
	}
	initial := IsInitial(part)
	for _, h := range habits[:n] {
		s := read(sbuf[:0], l, h)
		if len(s) == 0 {
			continue
		}
		keys = appendNew(keys, Key(spell(s)))
		if !initial {
			keys = appendNew(keys, roughKey(rough(rbuf[:0], s)))
		}
	}
	return keys
}

// appendNew appends v unless it is there. Linear, for the few keys of a name.
func appendNew[T comparable](s []T, v T) []T {
	if slices.Contains(s, v) {
		return s
	}
	return append(s, v)
}
