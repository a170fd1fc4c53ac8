package secret

import (
	"encoding/binary"

	"rollcall/internal/rollcall"
)

// The limits of lookups remember who was shown whom by tags of three kinds, all
// under one key. The first byte of what is hashed tells the kinds apart, and the
// second field is a number of a span of time: tags of two spans cannot be joined
// without the secret file, nor any of them with a peer's tag.
const (
	lookupAccount byte = iota + 1
	lookupShown
	lookupRoster
)

// LookupAccount stands for an account in one week.
func (k *Keys) LookupAccount(week int64, id rollcall.UserID) Tag {
	return k.lookupTag(lookupAccount, week, int64(id))
}

// LookupShown stands for an entry that was shown to an account in one week: two
// accounts that were shown the same entry have different tags for it.
func (k *Keys) LookupShown(week int64, id rollcall.UserID, person rollcall.PersonID) Tag {
	return k.lookupTag(lookupShown, week, int64(id), int64(person))
}

// LookupRoster stands for an entry that was shown to somebody on one day.
func (k *Keys) LookupRoster(day int64, person rollcall.PersonID) Tag {
	return k.lookupTag(lookupRoster, day, int64(person))
}

func (k *Keys) lookupTag(kind byte, fields ...int64) Tag {
	b := []byte{kind}
	for _, f := range fields {
		b = binary.BigEndian.AppendUint64(b, uint64(f))
	}
	return Tag(mac(k.lookup, b))
}
