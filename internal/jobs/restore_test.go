package jobs

import (
	"testing"
	"time"

	"rollcall/internal/store"
)

// What was posted after a copy was made is not posted again when it is restored; the
// next instant is as any other.
func TestNothingIsPostedAgainAfterARestoring(t *testing.T) {
	g := makeDigest(t, "daily", "0 9 * * *")
	d := newDesk(t, at("2026-03-01 08:00:00"), g)
	posted := func(when string) int {
		t.Helper()
		before := len(d.sender.seen())
		d.clock.set(at(when))
		d.plan(g)
		d.deliverAll()
		return len(d.sender.seen()) - before
	}
	posted("2026-03-01 08:00:00")
	each := posted("2026-03-01 09:00:00")
	if each == 0 {
		t.Fatal("nothing is posted")
	}
	d.owe("owed", g.Chat, text("a post"))
	copied := d.path + ".copy"
	if _, err := store.Backup(d.ctx, d.path, copied, d.clock.now); err != nil {
		t.Fatal(err)
	}
	if got := posted("2026-03-02 09:00:00"); got != each+1 {
		t.Fatalf("%d are posted after the copy was made, want %d", got, each+1)
	}
	if err := d.DB.Close(); err != nil {
		t.Fatal(err)
	}
	d.clock.move(time.Minute)
	if _, err := store.Restore(d.ctx, copied, d.path, store.RestoreOptions{Keys: d.keys, Now: d.clock.now}); err != nil {
		t.Fatal(err)
	}
	d.open(g)
	if _, err := d.DB.AbandonClaims(d.ctx); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		when string
		want int
	}{{"2026-03-02 09:02:00", 0}, {"2026-03-02 20:00:00", 0}, {"2026-03-03 09:00:00", each}} {
		if got := posted(c.when); got != c.want {
			t.Errorf("at %s %d are posted, want %d", c.when, got, c.want)
		}
	}
}
