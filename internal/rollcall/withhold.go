package rollcall

// A Withholding is why an entry is kept from everybody but its keepers, beyond
// what its statements say themselves. The zero value withholds nothing.
type Withholding string

// The withholdings.
const (
	Hidden    Withholding = "hidden"   // by a keeper, for now
	InReview  Withholding = "review"   // until a keeper has looked at it
	TakenDown Withholding = "takedown" // by a keeper, for good: only an owner lifts it
)

// Limits of what is written about an entry, in runes.
const (
	MaxReason = 500 // why a keeper acts
	MaxReport = 500 // what somebody says is wrong
)
