package rollcall

import "time"

// A Digest is what one occurrence of a scheduled summary says. It is gathered
// once, then frozen. It holds no name.
type Digest struct {
	Name   string
	Number int       // counts the occurrences of this digest, from 1
	From   time.Time // start of the period; zero for the first digest, and for one that begins anew
	To     time.Time // end of the period
	Zone   *time.Location
	Late   bool // posted after a downtime, for the whole span that was missed

	// Sections are the parts that it has; the fields of the others are empty.
	Sections Sections

	People    []StatusFigure // by [Statuses], without [Deceased]
	Total     int            // people with at least one live claim
	PriorSeen bool           // false when no digest before told of people, to compare with
	TotalWas  int

	Rounds      []Round
	Petitions   []PetitionFigures
	Corrections []Correction // of what the digest before stated
	Signed      []DayCount   // signatures by day, of the first petition, for the chart
}

// A StatusFigure counts the people of whom at least one live claim has the
// status. One person may be counted under several: sources differ.
type StatusFigure struct {
	Status Status
	Count  int
	Was    int // the count of the digest before; meaningful with PriorSeen
}

// PetitionFigures is a petition's part of a digest.
type PetitionFigures struct {
	Slug   string
	Title  map[Language]string
	State  PetitionState
	Closes time.Time
	Goal   int // the present one; 0 when there is none
	Tally  Tally
	Since  Tally // what came within the period

	// GoalWas is the goal that the digest before told, where it has been raised since;
	// 0 elsewhere.
	GoalWas int

	// SinceUnknown says that the digest before told of no petition, so that Since
	// means nothing.
	SinceUnknown bool

	// Checkpoint is the petition's last signed tree head, as its log has it: "" where
	// there is none.
	Checkpoint string
}

// A DayCount is a number on a day.
type DayCount struct {
	Date  Date
	Count int
}

// SmallFigure is the least number of people that is published as it is; a
// figure or change below it, zero aside, is shown as "<5".
const SmallFigure = 5
