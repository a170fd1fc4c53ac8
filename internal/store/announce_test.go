package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
)

// subscribed are accounts with a running subscription each, in turn in the three
// languages; every fourth without a sound.
// subscribed are accounts with a running subscription each, in turn in the three
// languages; every fourth without a sound.
func subscribed(t testing.TB, db *DB, accounts ...rollcall.UserID) {
	t.Helper()
	update(t, db, func(tx *Tx) error {
		for i, user := range accounts {
			if err := tx.Subscribe(user, Subscription{Digest: "daily", Silent: i%4 == 3,
				Edition: rollcall.Edition{Every: rollcall.Daily, At: 9 * 60, Zone: "UTC", Language: rollcall.Languages[i%3]}}); err != nil {
				return err
			}
		}
		return nil
	})
}

func atOnce(rollcall.QuietHours, string) time.Time { return time.Time{} }

func announcement() map[rollcall.Language]Post {
	posts := map[rollcall.Language]Post{}
	for _, l := range rollcall.Languages {
		posts[l] = Post{HTML: "in " + string(l), Buttons: "[]"}
	}
	return posts
}

const owner = 7_000_000_001

func announced(t testing.TB, db *DB) (id int64, n int) {
	t.Helper()
	update(t, db, func(tx *Tx) (err error) {
		id, n, err = tx.Announce(owner, rollcall.English, 42, announcement(), atOnce, Shell)
		return err
	})
	return id, n
}

func TestAnAnnouncementIsOwedToEachSubscriberInItsLanguage(t *testing.T) {
	db, _ := openTest(t)
	if id, n := announced(t, db); id != 0 || n != 0 {
		t.Errorf("with nobody to tell: got announcement %d to %d, want none", id, n)
	}
	subscribed(t, db, 7_000_000_011, 7_000_000_012, 7_000_000_013, 7_000_000_014)
	update(t, db, func(tx *Tx) error { // a second subscription, and one that has ended
		err := tx.Subscribe(7_000_000_011, Subscription{Digest: "other", Edition: rollcall.Edition{Every: rollcall.Weekly, Zone: "UTC", Language: rollcall.Russian}})
		if err != nil {
			return err
		}
		_, err = tx.exec(`UPDATE subscriptions SET ended_reason = 'blocked' WHERE id = 2`)
		return err
	})
	id, n := announced(t, db)
	if n != 3 {
		t.Fatalf("got %d subscribers, want 3", n)
	}
	got := map[rollcall.ChatID]string{}
	for {
		d, ok, err := claimToPeer(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		got[d.Chat] += d.HTML
		s := Settlement{State: Sent, Message: 1}
		switch len(got) {
		case 2:
			s = Settlement{State: Dead, Reason: "no"}
		case 3:
			s = Settlement{State: Unsure, Reason: "who knows"}
		}
		if err := db.Settle(t.Context(), d, s); err != nil {
			t.Fatal(err)
		}
	}
	want := map[rollcall.ChatID]string{}
	for i, user := range []rollcall.UserID{7_000_000_011, 0, 7_000_000_013, 7_000_000_014} {
		if user != 0 {
			want[user.Chat()] = "in " + string(rollcall.Languages[i%3])
		}
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	a, err := db.RunningAnnouncement(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantA := Announcement{ID: id, Owner: owner, Language: rollcall.English, Message: 42, State: AnnouncementRunning,
		Progress: rollcall.AnnouncementProgress{Sent: 1, Failed: 1, Unknown: 1}}
	if diff := cmp.Diff(a, wantA); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	update(t, db, func(tx *Tx) error { return tx.AnnouncementToldDone(id) })
	if _, err := db.RunningAnnouncement(t.Context()); rollcall.CodeOf(err) != rollcall.NotFound {
		t.Errorf("after its end was told: got %v, want not found", err)
	}
}

func TestAnAnnouncementCanBeStopped(t *testing.T) {
	db, _ := openTest(t)
	subscribed(t, db, 7_000_000_011, 7_000_000_012, 7_000_000_013)
	id, _ := announced(t, db)
	err := db.Update(t.Context(), func(tx *Tx) error {
		_, _, err := tx.Announce(owner, rollcall.English, 0, announcement(), atOnce, Shell)
		return err
	})
	if rollcall.CodeOf(err) != rollcall.Conflict {
		t.Errorf("a second one beside it: got %v, want a conflict", err)
	}
	d, _, err := claimToPeer(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	stop := func() (p rollcall.AnnouncementProgress, err error) {
		err = db.Update(t.Context(), func(tx *Tx) (err error) {
			p, err = tx.StopAnnouncement(id, Shell)
			return err
		})
		return p, err
	}
	p, err := stop()
	if want := (rollcall.AnnouncementProgress{Waiting: 1, Stopped: 2}); p != want || err != nil {
		t.Errorf("stopped: got %+v, %v, want %+v", p, err, want)
	}
	if _, err := stop(); rollcall.CodeOf(err) != rollcall.Conflict {
		t.Errorf("stopped again: got %v, want a conflict", err)
	}
	// What was being sent is not tried again.
	if err := db.Settle(t.Context(), d, Settlement{State: Pending}); err != nil {
		t.Fatal(err)
	}
	if d, ok, err := claimToPeer(t.Context(), db); ok || err != nil {
		t.Errorf("after the stop %+v is due (%v)", d, err)
	}
	var acts []string
	if err := db.Audit(t.Context(), noon.AddDate(-1, 0, 0), func(e AuditEntry) error {
		acts = append(acts, fmt.Sprint(e.Action, " ", e.Object, " ", e.Reason))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{fmt.Sprintf("announce %d to 3 subscribers", id), fmt.Sprintf("announce stop %d ", id)}
	if diff := cmp.Diff(acts, want); diff != "" {
		t.Errorf("the audit (-got +want):\n%s", diff)
	}
}

func TestAnAnnouncementWaitsForTheEndOfQuietHours(t *testing.T) {
	db, _ := openTest(t)
	subscribed(t, db, 7_000_000_011)
	quiet := rollcall.QuietHours{From: 22 * 60, Until: 8 * 60}
	update(t, db, func(tx *Tx) error {
		return tx.Subscribe(7_000_000_012, Subscription{Digest: "daily", Quiet: quiet,
			Edition: rollcall.Edition{Every: rollcall.Daily, At: 9 * 60, Zone: "Europe/Kyiv", Language: rollcall.Ukrainian}})
	})
	update(t, db, func(tx *Tx) error {
		_, n, err := tx.Announce(owner, rollcall.English, 0, announcement(), func(q rollcall.QuietHours, zone string) time.Time {
			if q != quiet || zone != "Europe/Kyiv" {
				return time.Time{}
			}
			return tx.Now.Add(time.Hour)
		}, Shell)
		if n != 2 {
			t.Errorf("got %d subscribers, want 2", n)
		}
		return err
	})
	d, ok, err := claimToPeer(t.Context(), db)
	if !ok || err != nil || d.Chat != rollcall.UserID(7_000_000_011).Chat() {
		t.Fatalf("got %+v (%t, %v), want that of the account without quiet hours", d, ok, err)
	}
	if d, ok, err := claimToPeer(t.Context(), db); ok || err != nil {
		t.Errorf("in quiet hours %+v is due (%v)", d, err)
	}
}
