package store

import (
	"time"
)

// Bursts are held, never dropped. A script that taps with thousands of accounts
// cannot be told from a petition that has just been shared widely, by nothing that
// is known here: no account is looked into, and no account has a history. So what
// comes faster than a petition's own pace waits until the keeper has had the time to
// look, and then counts like any other.
//
// The pace is the greater of [Options].HoldAbove and burstTimes the petition's
// average over the last burstDays, by what was counted then, in signatures a minute.
// Half an hour's worth of it (burstWindow) may come at once: a level rises by one
// with each signature that is not held, sinks by the pace, and what would raise it
// over that half hour's worth is held. Held signatures raise nothing, so that the
// attack's length is not the length of the wait of those who come after it, and raise
// no average until they are counted. With the default of 10 a minute, of 10,000 taps
// within ten minutes 300 and 100 pass, and 9,600 are held.
//
// A held signature is as good as another: its account is told the same, it can be
// withdrawn and closes the petition with the rest. It is released with time, when it
// has waited for the longest that any entry waits (Batching.Latest), so that what its
// account was told holds: "within 24 hours at the latest". Until then a keeper may
// release what is held, or void it by a public leaf for each with its reason; honest
// signatures that came with the burst would be voided with it, so that a keeper who
// cannot tell lets time pass.
//
// Among the level's figures is no account and no time but the last signature's, to
// the second.
const (
	burstTimes  = 10
	burstDays   = 7
	burstWindow = 30 * time.Minute
)

// holds decides about one more signature, and counts it. opens is when the
// petition opened.
func (tx *Tx) holds(slug string, opens int64) (bool, error) {
	if tx.db.holdAbove <= 0 {
		return false, nil
	}
	pace, err := tx.pace(slug, opens)
	if err != nil {
		return false, err
	}
	var level float64
	var at int64
	if err := tx.row(`SELECT burst_level, burst_at FROM petitions WHERE slug = ?`, []any{slug}, &level, &at); err != nil {
		return false, err
	}
	now := tx.Now.Unix()
	if passed := now - at; passed > 0 {
		level = max(0, level-pace*float64(passed)/60)
	}
	if level+1 > pace*burstWindow.Minutes() {
		return true, nil
	}
	_, err = tx.exec(`UPDATE petitions SET burst_level = ?, burst_at = ? WHERE slug = ?`, level+1, max(now, at), slug)
	return false, err
}

// pace is how many signatures a minute are nothing unusual for the petition.
func (tx *Tx) pace(slug string, opens int64) (float64, error) {
	from := tx.Now.AddDate(0, 0, -burstDays)
	var counted float64
	err := tx.row(`SELECT coalesce(sum(signed - voided), 0) FROM petition_days WHERE petition = ? AND day >= ?`,
		[]any{slug, from.Format(time.DateOnly)}, &counted)
	if err != nil {
		return 0, err
	}
	// A petition that is new has no average yet: its days count as one at least.
	since := from.Truncate(24 * time.Hour)
	if o := instant(opens); o.After(since) {
		since = o
	}
	minutes := max(tx.Now.Sub(since), 24*time.Hour).Minutes()
	return max(tx.db.holdAbove, burstTimes*counted/minutes), nil
}
