package schedule

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"time"

	"rollcall/internal/rollcall"
)

// ForEdition returns when an edition is due: every day or every Monday at its
// time, in its zone, by the rules of the package for clock changes. The error is
// [rollcall.Invalid].
func ForEdition(e rollcall.Edition) (*Schedule, error) {
	if err := e.Validate(); err != nil {
		return nil, err
	}
	zone, err := rollcall.LoadZone(e.Zone)
	if err != nil {
		return nil, err
	}
	days := "*"
	if e.Every == rollcall.Weekly {
		days = "1"
	}
	return Parse(fmt.Sprintf("%d %d * * %s", e.At%60, e.At/60, days), zone)
}

// AfterQuiet returns the instant itself, or the end of the quiet hours in which it
// falls by the clock of the zone. Where a clock change skips that reading, they
// end with the gap; where one repeats it, they end the first time.
func AfterQuiet(t time.Time, q rollcall.QuietHours, zone *time.Location) time.Time {
	if q.None() {
		return t
	}
	c := clock{zone}
	reading := c.reached(t)
	now := rollcall.ClockTime(reading.Hour()*60 + reading.Minute())
	if !q.Holds(now) {
		return t
	}
	y, m, d := reading.Date()
	if q.From > q.Until && now >= q.From {
		d++ // it is the evening of quiet hours that end in the morning
	}
	return c.reach(time.Date(y, m, d, int(q.Until)/60, int(q.Until)%60, 0, 0, time.UTC))
}

//go:embed zones.txt
var zonesFile string

// places are the zones by their own names, by the last parts of these, and by
// what else people call them, all folded.
var places = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	put := func(name, zone string) {
		if _, ok := all[foldPlace(name)]; !ok {
			all[foldPlace(name)] = zone
		}
	}
	for line := range strings.Lines(zonesFile) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		zone, others, _ := strings.Cut(line, "\t")
		put(zone, zone)
		put(zone[strings.LastIndexByte(zone, '/')+1:], zone)
		for name := range strings.SplitSeq(others, ",") {
			if name != "" {
				put(name, zone)
			}
		}
	}
	return all
})

func foldPlace(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == ' ' || r == '_' || r == '-' || r == '.' }), " ")
}

// FindZone returns the IANA name of the zone that somebody means by its name, in
// whatever case, or by a city or country of one zone, in English and for many
// places in Ukrainian and Russian. ok is false where nothing is known by that
// name.
func FindZone(text string) (name string, ok bool) {
	text = strings.TrimSpace(text)
	if len(text) > 100 {
		return "", false
	}
	if zone, ok := places()[foldPlace(text)]; ok {
		return zone, true
	}
	// An older name, such as Asia/Calcutta, is known to the zone data alone.
	if !strings.Contains(text, "/") {
		return "", false
	}
	if _, err := rollcall.LoadZone(text); err != nil {
		return "", false
	}
	return text, true
}
