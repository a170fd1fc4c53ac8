// Package rollcall holds the words that everything else speaks in: people and
// the claims that sources make about them, exchange rounds, petitions, digests,
// and the short list of error codes.
//
// It knows nothing of SQL, of Telegram or of wording, and imports the standard
// library only. Two rules of the whole program are visible in its types. A
// [Person] has no status: only a [Claim] has one, and a claim cannot exist
// without a source and a date. And there is no field for a photo, an address, a
// place of detention, health, a unit, a rank, a phone or a relative: what
// cannot be stored cannot leak.
package rollcall

// A UserID is a Telegram account's id (at most 52 bits, Bot API "User"). It is
// never stored in the clear: see package secret.
type UserID int64

// A ChatID is a Telegram chat's id. A private chat has the id of its user;
// groups and channels have negative ones.
type ChatID int64

// A MessageID numbers a message within one chat. Zero is no message.
type MessageID int64

// Private reports whether the chat is a private one with a user.
func (c ChatID) Private() bool { return c > 0 }

// Chat returns the id of the user's private chat, which is the same number.
func (u UserID) Chat() ChatID { return ChatID(u) }
