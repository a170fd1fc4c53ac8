package names

// A Lookup says which people a search wants to look at. An index answers it;
// what is found is then scored.
type Lookup struct {
	// Groups: a person must bear at least one key of every group.
	Groups [][]Key
	// YearFrom and YearTo, where not 0, keep those born within that span, both
	// ends included.
	YearFrom, YearTo int
	// UnknownYear also keeps those of no known birth year.
	UnknownYear bool
	// Limit is the most people that are returned.
	Limit int
}
