package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
)

// petition is open from an hour before [noon] to an hour after.
func petition(slug string) rollcall.Petition {
	return rollcall.Petition{Slug: slug, Opens: noon.Add(-time.Hour), Closes: noon.Add(time.Hour), Goal: 10, Milestones: []int{2, 3, 5},
		Organiser: "Example Group", Addressee: "Sample Office",
		Title: map[rollcall.Language]string{rollcall.English: "Sample"}, Text: map[rollcall.Language]string{rollcall.English: "A sample text."}}
}

func openPetition(t testing.TB, db *DB, p rollcall.Petition) {
	t.Helper()
	if err := db.OpenPetition(context.Background(), p, Shell); err != nil {
		t.Fatal(err)
	}
}

// signer is an account's tag on a petition; the true one takes milliseconds.
func signer(n int) secret.Tag {
	var tag secret.Tag
	copy(tag[:], fmt.Sprintf("signer %025d", n))
	return tag
}

func sign(t testing.TB, db *DB, slug string, tag secret.Tag) (out SignOutcome) {
	t.Helper()
	update(t, db, func(tx *Tx) (err error) { out, err = tx.Sign(slug, 1, tag); return err })
	return out
}

func withdraw(t testing.TB, db *DB, slug string, tag secret.Tag) (out SignOutcome) {
	t.Helper()
	update(t, db, func(tx *Tx) (err error) { out, err = tx.Withdraw(slug, tag); return err })
	return out
}

// sequence appends all that waits to the logs.
func sequence(t testing.TB, db *DB) {
	t.Helper()
	if _, err := db.Sequence(context.Background(), Batching{Min: 1, Look: true, Latest: 24 * time.Hour}); err != nil {
		t.Fatal(err)
	}
}

// audited is [DB.AuditLog] without its figures.
func audited(db *DB, slug string) error {
	_, err := db.AuditLog(context.Background(), slug)
	return err
}

// tally is what the petition counts once nothing waits.
func tally(t testing.TB, db *DB, slug string) rollcall.Tally {
	t.Helper()
	if db.looking == nil {
		sequence(t, db)
	}
	p, err := db.Petition(context.Background(), slug)
	if err != nil {
		t.Fatal(err)
	}
	return p.Tally
}

func TestPetitionIsKeptAsItWasOpened(t *testing.T) {
	db, _ := openTest(t)
	p := petition("sample")
	openPetition(t, db, p)
	openPetition(t, db, withPetition(petition("later"), func(p *rollcall.Petition) { p.Opens = noon.Add(-time.Minute) }))
	got, err := db.Petition(t.Context(), "sample")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, PetitionRecord{Petition: p, Goal: rollcall.Goal{Count: p.Goal, First: p.Goal, Was: p.Goal}, Checkpoint: got.Checkpoint}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if got.TextSHA256() != p.TextSHA256() {
		t.Error("the digest is another one")
	}
	sum := p.TextSHA256()
	if diff := cmp.Diff(query(t, db, `SELECT text_sha256 FROM petitions WHERE slug = 'sample'`), []string{"x" + hex.EncodeToString(sum[:])}); diff != "" {
		t.Errorf("the digest that is kept (-got +want):\n%s", diff)
	}
	all, err := db.Petitions(t.Context())
	if err != nil || len(all) != 2 || all[0].Slug != "later" || all[1].Slug != "sample" {
		t.Errorf("got %v (%v), want the last opened first", all, err)
	}
	if diff := cmp.Diff(query(t, db, `SELECT role, action, object FROM audit`), []string{"shell|petition open|sample", "shell|petition open|later"}); diff != "" {
		t.Errorf("the audit (-got +want):\n%s", diff)
	}
}

func withPetition(p rollcall.Petition, change func(*rollcall.Petition)) rollcall.Petition {
	change(&p)
	return p
}

func TestPetitionCannotBeOpenedTwice(t *testing.T) {
	db, _ := openTest(t)
	openPetition(t, db, petition("sample"))
	before := dump(t, db)
	for name, p := range map[string]rollcall.Petition{
		"the same":       petition("sample"),
		"another text":   withPetition(petition("sample"), func(p *rollcall.Petition) { p.Text = map[rollcall.Language]string{rollcall.English: "Another."} }),
		"other instants": withPetition(petition("sample"), func(p *rollcall.Petition) { p.Closes = p.Closes.Add(time.Hour) }),
	} {
		err := db.OpenPetition(t.Context(), p, Shell)
		if rollcall.CodeOf(err) != rollcall.Conflict {
			t.Errorf("%s: got %v, want a conflict", name, err)
		}
	}
	if diff := cmp.Diff(dump(t, db), before); diff != "" {
		t.Errorf("something was changed (-got +want):\n%s", diff)
	}
}

func TestUnknownPetition(t *testing.T) {
	db, _ := openTest(t)
	for name, call := range map[string]func() error{
		"Petition":      func() error { _, err := db.Petition(t.Context(), "nope"); return err },
		"ClosePetition": func() error { return db.ClosePetition(t.Context(), "nope", Shell) },
		"Sign": func() error {
			return db.Update(t.Context(), func(tx *Tx) error { _, err := tx.Sign("nope", 1, signer(1)); return err })
		},
		"Withdraw": func() error {
			return db.Update(t.Context(), func(tx *Tx) error { _, err := tx.Withdraw("nope", signer(1)); return err })
		},
	} {
		if err := call(); rollcall.CodeOf(err) != rollcall.NotFound {
			t.Errorf("%s: got %v, want not found", name, err)
		}
	}
	if v, err := db.SignedUnder(t.Context(), "nope", signer(1)); v != 0 || err != nil {
		t.Errorf("SignedUnder: got %v, %v", v, err)
	}
	if signed, err := db.HasSigned(t.Context(), "nope", signer(1)); signed || err != nil {
		t.Errorf("HasSigned: got %v, %v", signed, err)
	}
}

func TestSignWithdrawAndSignAgain(t *testing.T) {
	db, _ := openTest(t)
	openPetition(t, db, petition("sample"))
	openPetition(t, db, petition("other"))
	for i, step := range []struct {
		do    func(testing.TB, *DB, string, secret.Tag) SignOutcome
		who   int
		want  SignOutcome
		tally rollcall.Tally
	}{
		{withdraw, 1, NotSigned, rollcall.Tally{}},
		{sign, 1, Recorded, rollcall.Tally{Signed: 1}},
		{sign, 1, AlreadySigned, rollcall.Tally{Signed: 1}},
		{sign, 2, Recorded, rollcall.Tally{Signed: 2}},
		{withdraw, 1, Withdrawn, rollcall.Tally{Signed: 2, Withdrawn: 1}},
		{withdraw, 1, NotSigned, rollcall.Tally{Signed: 2, Withdrawn: 1}},
		{sign, 1, Recorded, rollcall.Tally{Signed: 3, Withdrawn: 1}},
		{sign, 1, AlreadySigned, rollcall.Tally{Signed: 3, Withdrawn: 1}},
	} {
		if got := step.do(t, db, "sample", signer(step.who)); got != step.want {
			t.Errorf("step %d: got %d, want %d", i, got, step.want)
		}
		if diff := cmp.Diff(tally(t, db, "sample"), step.tally); diff != "" {
			t.Errorf("step %d (-got +want):\n%s", i, diff)
		}
		signed, err := db.HasSigned(t.Context(), "sample", signer(step.who))
		if v, err := db.SignedUnder(t.Context(), "sample", signer(step.who)); err != nil || v != map[bool]int{true: ConsentVersion}[signed] {
			t.Errorf("SignedUnder: got %d (%v), signed %t", v, err, signed)
		}
		if want := step.want == Recorded || step.want == AlreadySigned; err != nil || signed != want {
			t.Errorf("step %d: signed is %v (%v), want %v", i, signed, err, want)
		}
	}
	if diff := cmp.Diff(tally(t, db, "other"), rollcall.Tally{}); diff != "" {
		t.Errorf("the other petition (-got +want):\n%s", diff)
	}
	if err := db.CheckTallies(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestSigningIsOpenToTheSecond(t *testing.T) {
	p := petition("sample")
	for _, tt := range []struct {
		name string
		now  time.Time
		want SignOutcome
	}{
		{"long before", p.Opens.AddDate(-1, 0, 0), NotOpenYet},
		{"a second before", p.Opens.Add(-time.Second), NotOpenYet},
		{"a nanosecond before", p.Opens.Add(-1), NotOpenYet},
		{"at the opening", p.Opens, Recorded},
		{"a second before the closing", p.Closes.Add(-time.Second), Recorded},
		{"a nanosecond before the closing", p.Closes.Add(-1), Recorded},
		{"at the closing", p.Closes, PetitionClosed},
		{"after it", p.Closes.Add(time.Second), PetitionClosed},
		{"at the opening, in another zone", p.Opens.In(time.FixedZone("", 5*3600+45*60)), Recorded},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, c := openTest(t)
			openPetition(t, db, p)
			c.set(tt.now)
			if got := sign(t, db, "sample", signer(1)); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
			want := rollcall.Tally{}
			if tt.want == Recorded {
				want.Signed = 1
			}
			if diff := cmp.Diff(tally(t, db, "sample"), want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

func TestWithdrawalIsPossibleAfterTheClosing(t *testing.T) {
	db, c := openTest(t)
	openPetition(t, db, petition("sample"))
	sign(t, db, "sample", signer(1))
	sign(t, db, "sample", signer(2))
	c.set(noon.Add(2 * time.Hour))
	if got := withdraw(t, db, "sample", signer(1)); got != WithdrawnUncounted {
		t.Errorf("got %d, want withdrawn, uncounted", got)
	}
	due(t, db, Batching{Min: 1, Look: true, Latest: 24 * time.Hour}) // closes the log
	if got := withdraw(t, db, "sample", signer(2)); got != Withdrawn {
		t.Errorf("got %d, want withdrawn", got)
	}
	if got := sign(t, db, "sample", signer(1)); got != PetitionClosed {
		t.Errorf("got %d, want closed", got)
	}
	if got := sign(t, db, "sample", signer(2)); got != PetitionClosed {
		t.Errorf("got %d, want closed", got)
	}
	if got := tally(t, db, "sample"); got != (rollcall.Tally{Signed: 1, Withdrawn: 1}) {
		t.Errorf("%+v is counted", got)
	}
}

func TestPetitionClosedEarly(t *testing.T) {
	db, c := openTest(t)
	openPetition(t, db, petition("sample"))
	sign(t, db, "sample", signer(1))
	if err := db.ClosePetition(t.Context(), "sample", Shell); err != nil {
		t.Fatal(err)
	}
	p, err := db.Petition(t.Context(), "sample")
	if err != nil || !p.ClosedAt.Equal(noon) || p.State(noon) != rollcall.Closed {
		t.Errorf("got %v, state %v (%v), want closed at noon", p.ClosedAt, p.State(noon), err)
	}
	if got := sign(t, db, "sample", signer(2)); got != PetitionClosed { // within the same second
		t.Errorf("got %d, want closed", got)
	}
	if got := withdraw(t, db, "sample", signer(1)); got != Withdrawn {
		t.Errorf("got %d, want withdrawn", got)
	}
	wantCode(t, db.ClosePetition(t.Context(), "sample", Shell), rollcall.Conflict)

	openPetition(t, db, petition("over"))
	c.set(noon.Add(time.Hour))
	wantCode(t, db.ClosePetition(t.Context(), "over", Shell), rollcall.Conflict)
	if got := query(t, db, `SELECT count(*) FROM audit WHERE action = 'petition close'`); got[0] != "1" {
		t.Errorf("got %s closings in the audit, want 1", got[0])
	}
}

func TestOneAccountSignsOnceHoweverOftenItPresses(t *testing.T) {
	db, _ := openTest(t)
	other := openAt(t, db.path, Options{Now: db.now, Keys: db.keys})
	openPetition(t, db, petition("sample"))
	var mu sync.Mutex
	outcomes := map[SignOutcome]int{}
	var wg sync.WaitGroup
	for i := range 1000 {
		wg.Go(func() {
			db := db
			if i%10 == 0 {
				db = other
			}
			var out SignOutcome
			if err := db.Update(context.Background(), func(tx *Tx) (err error) { out, err = tx.Sign("sample", 1, signer(1)); return err }); err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			outcomes[out]++
		})
	}
	wg.Wait()
	if diff := cmp.Diff(outcomes, map[SignOutcome]int{Recorded: 1, AlreadySigned: 999}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(tally(t, db, "sample"), rollcall.Tally{Signed: 1}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if err := db.CheckTallies(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestManyAccountsSignAtOnce(t *testing.T) {
	db, _ := openTest(t)
	openPetition(t, db, withPetition(petition("sample"), func(p *rollcall.Petition) { p.Milestones = []int{1, 100, 299, 300, 301} }))
	var wg sync.WaitGroup
	for i := range 300 {
		wg.Go(func() {
			if err := db.Update(context.Background(), func(tx *Tx) error { _, err := tx.Sign("sample", 1, signer(i)); return err }); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if diff := cmp.Diff(tally(t, db, "sample"), rollcall.Tally{Signed: 300}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(query(t, db, `SELECT count FROM milestones ORDER BY count`), []string{"1", "100", "299", "300"}); diff != "" {
		t.Errorf("milestones (-got +want):\n%s", diff)
	}
	if got := query(t, db, `SELECT count(DISTINCT sealed_salt), min(length(sealed_salt)) FROM signatures`); got[0] != "300|72" {
		t.Errorf("salts: got %s, want 300 different ones of 32 bytes, sealed", got[0])
	}
}

func milestones(t testing.TB, db *DB) []int {
	t.Helper()
	sequence(t, db)
	var counts []int
	ms, err := db.MilestonesToPost(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range ms {
		counts = append(counts, m.Count)
	}
	return counts
}

func TestMilestoneIsReachedOnce(t *testing.T) {
	db, c := openTest(t)
	openPetition(t, db, petition("sample"))
	step := func(name string, want []int) {
		t.Helper()
		if diff := cmp.Diff(milestones(t, db), want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", name, diff)
		}
	}
	sign(t, db, "sample", signer(1))
	step("one", nil)
	sign(t, db, "sample", signer(2))
	step("two", []int{2})
	c.set(noon.Add(time.Minute))
	withdraw(t, db, "sample", signer(1))
	sequence(t, db)
	sign(t, db, "sample", signer(1))
	step("down and up again", []int{2})
	if err := db.Update(t.Context(), func(tx *Tx) error { return tx.PostMilestone(Milestone{"sample", 2}, nil) }); err != nil {
		t.Fatal(err)
	}
	withdraw(t, db, "sample", signer(1))
	sequence(t, db)
	sign(t, db, "sample", signer(1))
	step("down and up again after its post", nil)
	sign(t, db, "sample", signer(3))
	step("three", []int{3})
	if got := query(t, db, `SELECT count, reached_at, posted FROM milestones ORDER BY count`); got[0] != fmt.Sprintf("2|%d|1", noon.Unix()) {
		t.Errorf("got %q, want when it was reached first", got)
	}
}

// After a random walk the figures are those of the walk, and the check proves
// them equal to the rows.
func TestTalliesAfterAnyWalk(t *testing.T) {
	db, c := openTest(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		p := withPetition(petition(fmt.Sprintf("sample-%d", n)), func(p *rollcall.Petition) {
			p.Opens, p.Closes = noon.AddDate(0, 0, -1), noon.AddDate(0, 0, 40)
			p.Milestones = rapid.SampledFrom([][]int{nil, {1}, {2, 4}, {1, 2, 3, 4, 5, 6}}).Draw(rt, "milestones")
		})
		c.set(noon)
		openPetition(t, db, p)
		signed, reached := map[int]bool{}, map[int]bool{}
		var want rollcall.Tally
		days := map[rollcall.Date]int{}
		for range rapid.IntRange(0, 30).Draw(rt, "steps") {
			who := rapid.IntRange(1, 6).Draw(rt, "who")
			today := rollcall.DateOf(c.Now())
			switch rapid.SampledFrom([]string{"sign", "sign", "withdraw", "erase", "wait"}).Draw(rt, "what") {
			case "sign":
				out, expect := sign(t, db, p.Slug, signer(who)), Recorded
				if signed[who] {
					expect = AlreadySigned
				} else {
					signed[who] = true
					want.Signed++
					days[today]++
				}
				if out != expect {
					rt.Fatalf("sign: got %d, want %d", out, expect)
				}
			case "withdraw":
				out, expect := withdraw(t, db, p.Slug, signer(who)), NotSigned
				if signed[who] {
					expect = Withdrawn
					delete(signed, who)
					want.Withdrawn++
					days[today]--
				}
				if out != expect {
					rt.Fatalf("withdraw: got %d, want %d", out, expect)
				}
			case "erase":
				var erased int
				update(t, db, func(tx *Tx) (err error) {
					erased, err = tx.EraseSignatures(map[string]secret.Tag{p.Slug: signer(who), "unknown": signer(who)})
					return err
				})
				expect := 0
				if signed[who] {
					expect = 1
					delete(signed, who)
					want.Withdrawn++
					days[today]--
				}
				if erased != expect {
					rt.Fatalf("erase: got %d, want %d", erased, expect)
				}
			case "wait":
				c.set(c.Now().Add(7 * time.Hour))
			}
			for _, m := range p.Milestones {
				reached[m] = reached[m] || len(signed) >= m
			}
			if diff := cmp.Diff(tally(t, db, p.Slug), want); diff != "" || want.Net() != len(signed) {
				rt.Fatalf("net %d (-got +want):\n%s", len(signed), diff)
			}
		}
		if err := db.CheckTallies(context.Background()); err != nil {
			rt.Fatal(err)
		}
		got, err := db.PetitionDays(context.Background(), p.Slug, rollcall.DateOf(noon))
		if err != nil {
			rt.Fatal(err)
		}
		for i, d := range got {
			if i > 0 && got[i-1].Date.Compare(d.Date) >= 0 || days[d.Date] != d.Count {
				rt.Fatalf("got the days %v, want %v in order", got, days)
			}
			delete(days, d.Date)
		}
		for d, n := range days {
			if n != 0 {
				rt.Fatalf("%v is missing, with %d", d, n)
			}
		}
		if late, err := db.PetitionDays(context.Background(), p.Slug, rollcall.DateOf(noon).AddDays(1)); err != nil || len(late) > len(got) ||
			len(late) > 0 && late[0].Date.Compare(rollcall.DateOf(noon)) <= 0 {
			rt.Fatalf("from the second day: got %v (%v)", late, err)
		}
		var there []int
		for _, line := range query(t, db, `SELECT count FROM milestones WHERE petition = ? ORDER BY count`, p.Slug) {
			var m int
			fmt.Sscan(line, &m)
			there = append(there, m)
		}
		var expect []int
		for _, m := range p.Milestones {
			if reached[m] {
				expect = append(expect, m)
			}
		}
		if diff := cmp.Diff(there, expect); diff != "" {
			rt.Fatalf("milestones (-got +want):\n%s", diff)
		}
	})
}

func TestCheckTalliesFindsATamperedRow(t *testing.T) {
	for name, tamper := range map[string]string{
		"a signature removed":           `DELETE FROM signatures WHERE petition = 'b' AND id = (SELECT max(id) FROM signatures WHERE petition = 'b')`,
		"a signature added":             `INSERT INTO signatures (petition, signer_tag, sealed_salt, consent_version, leaf_index) VALUES ('b', zeroblob(32), zeroblob(32), 1, 99)`,
		"a signature moved":             `UPDATE signatures SET petition = 'a', leaf_index = leaf_index + 100 WHERE petition = 'b'`,
		"a removal added":               `INSERT INTO removals (petition, leaf_index, kind, reason, waiting_since) VALUES ('b', 1, 'withdraw', '', 1)`,
		"more signed":                   `UPDATE petitions SET signed = signed + 1 WHERE slug = 'b'`,
		"more signed and withdrawn":     `UPDATE petitions SET signed = signed + 1, withdrawn = withdrawn + 1 WHERE slug = 'b'`,
		"voided for withdrawn":          `UPDATE petitions SET voided = withdrawn, withdrawn = 0 WHERE slug = 'b'`,
		"a day removed":                 `DELETE FROM petition_days WHERE petition = 'b'`,
		"a day's figure":                `UPDATE petition_days SET signed = signed + 1 WHERE petition = 'b'`,
		"a day's withdrawal is a void":  `UPDATE petition_days SET voided = withdrawn, withdrawn = 0 WHERE petition = 'b'`,
		"a day added":                   `INSERT INTO petition_days (petition, day, signed) VALUES ('b', '2026-01-01', 1)`,
		"signature, figure, but no day": `INSERT INTO signatures (petition, signer_tag, sealed_salt, consent_version, leaf_index) VALUES ('b', zeroblob(32), zeroblob(32), 1, 99); UPDATE petitions SET signed = signed + 1 WHERE slug = 'b'`,
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := openTest(t)
			for _, slug := range []string{"a", "b", "c"} {
				openPetition(t, db, petition(slug))
				for i := range 3 {
					sign(t, db, slug, signer(i+int(slug[0])*10))
				}
				sequence(t, db)
				withdraw(t, db, slug, signer(int(slug[0])*10))
				sequence(t, db)
			}
			if err := db.CheckTallies(t.Context()); err != nil {
				t.Fatal("before:", err)
			}
			for _, one := range strings.Split(tamper, "; ") {
				execute(t, db, one)
			}
			err := db.CheckTallies(t.Context())
			wantCode(t, err, rollcall.Internal)
			if !strings.Contains(err.Error(), "petition b ") && !strings.Contains(name, "moved") {
				t.Errorf("got %q, want it to name the petition b", err)
			}
		})
	}
}

func TestEraseSignaturesOnAllPetitions(t *testing.T) {
	db, _ := openTest(t)
	tags := map[string]secret.Tag{}
	for i, slug := range []string{"a", "b", "c"} {
		openPetition(t, db, petition(slug))
		tags[slug] = signer(i)
		sign(t, db, slug, signer(9))
	}
	sign(t, db, "a", tags["a"])
	sign(t, db, "c", tags["c"])
	var n int
	update(t, db, func(tx *Tx) (err error) { n, err = tx.EraseSignatures(tags); return err })
	if n != 2 {
		t.Errorf("got %d, want 2", n)
	}
	for _, slug := range []string{"a", "b", "c"} {
		if got := tally(t, db, slug).Net(); got != 1 {
			t.Errorf("%s: got %d, want the other one's", slug, got)
		}
	}
	if err := db.CheckTallies(t.Context()); err != nil {
		t.Error(err)
	}
}

// After a withdrawal neither the tag nor the salt is in the file.
func TestWithdrawnSignatureIsOverwritten(t *testing.T) {
	db, _ := openTest(t)
	openPetition(t, db, petition("sample"))
	update(t, db, func(tx *Tx) error {
		for i := range 2000 {
			if _, err := tx.Sign("sample", 1, scattered(i)); err != nil {
				return err
			}
		}
		return nil
	})
	gone := []int{0, 1, 999, 1000, 1500, 1998, 1999}
	var secrets []string
	for _, i := range gone {
		tag := scattered(i)
		secrets = append(secrets, query(t, db, `SELECT hex(signer_tag) || hex(sealed_salt) FROM signatures WHERE signer_tag = ?`, tag[:])...)
	}
	checkpoint(t, db)
	wantThere(t, files(t, db.path), "a tag", unhex(t, secrets[0][:64]))
	for _, i := range gone {
		withdraw(t, db, "sample", scattered(i))
	}
	checkpoint(t, db)
	after := files(t, db.path)
	for _, s := range secrets {
		wantGone(t, after, "a tag", unhex(t, s[:64]))
		wantGone(t, after, "a salt", unhex(t, s[64:]))
	}
}

// scattered is a tag that looks like a hash.
func scattered(n int) secret.Tag {
	keys, err := secret.New([32]byte{9})
	if err != nil {
		panic(err)
	}
	return keys.Mark(fmt.Sprint(n))
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.TrimPrefix(s, "x"))
	if err != nil || len(b) == 0 {
		t.Fatalf("no bytes: %q %v", s, err)
	}
	return b
}

// wantGone fails the test where eight bytes in a row of the secret are left.
func wantGone(t testing.TB, in []byte, what string, secret []byte) {
	t.Helper()
	for piece := range slices.Chunk(secret, 8) {
		if len(piece) == 8 && bytes.Contains(in, piece) {
			t.Errorf("%s is still in the files", what)
			return
		}
	}
}

// wantThere shows that [wantGone] can find what it looks for.
func wantThere(t testing.TB, in []byte, what string, secret []byte) {
	t.Helper()
	for piece := range slices.Chunk(secret, 8) {
		if len(piece) == 8 && !bytes.Contains(in, piece) {
			t.Fatalf("%s is not in the files before", what)
		}
	}
}

func TestAGoalIsRaisedAndNeverLowered(t *testing.T) {
	db, c := openTest(t)
	p := petition("sample")
	openPetition(t, db, p)
	openPetition(t, db, withPetition(petition("none"), func(p *rollcall.Petition) { p.Goal = 0 }))
	raise := func(slug string, to int) (g rollcall.Goal, err error) {
		err = db.Update(t.Context(), func(tx *Tx) error { g, err = tx.RaiseGoal(slug, to, Shell); return err })
		return g, err
	}
	later := noon.Add(10 * time.Minute)
	for i, step := range []struct {
		slug string
		at   time.Time
		to   int
		code rollcall.Code // "" where it is raised
		want rollcall.Goal // afterwards
	}{
		{"sample", noon, 10, rollcall.Conflict, rollcall.Goal{Count: 10, First: 10, Was: 10}},
		{"sample", noon, 9, rollcall.Conflict, rollcall.Goal{Count: 10, First: 10, Was: 10}},
		{"sample", noon, -1, rollcall.Conflict, rollcall.Goal{Count: 10, First: 10, Was: 10}},
		{"sample", noon, 11, "", rollcall.Goal{Count: 11, First: 10, Was: 10, RaisedAt: noon}},
		{"sample", later, 11, rollcall.Conflict, rollcall.Goal{Count: 11, First: 10, Was: 10, RaisedAt: noon}},
		{"sample", later, 10, rollcall.Conflict, rollcall.Goal{Count: 11, First: 10, Was: 10, RaisedAt: noon}},
		{"sample", later, 500, "", rollcall.Goal{Count: 500, First: 10, Was: 11, RaisedAt: later}},
		{"none", later, 0, rollcall.Conflict, rollcall.Goal{}},
		{"none", later, 20, "", rollcall.Goal{Count: 20, RaisedAt: later}},
		{"none", later, 30, "", rollcall.Goal{Count: 30, Was: 20, RaisedAt: later}},
		{"sample", noon.Add(time.Hour), 1000, rollcall.Conflict, rollcall.Goal{Count: 500, First: 10, Was: 11, RaisedAt: later}}, // closed
	} {
		c.set(step.at)
		got, err := raise(step.slug, step.to)
		if rollcall.CodeOf(err) != step.code {
			t.Errorf("step %d: %v, want code %q", i, err, step.code)
		}
		rec, rerr := db.Petition(t.Context(), step.slug)
		if rerr != nil {
			t.Fatal(rerr)
		}
		if diff := cmp.Diff(rec.Goal, step.want); diff != "" {
			t.Errorf("step %d (-got +want):\n%s", i, diff)
		}
		if diff := cmp.Diff(got, step.want); err == nil && diff != "" {
			t.Errorf("step %d returns (-got +want):\n%s", i, diff)
		}
	}
	if _, err := raise("nothing", 5); rollcall.CodeOf(err) != rollcall.NotFound {
		t.Errorf("an unknown petition gives %v", err)
	}
	// What is published stays what was frozen.
	rec, err := db.Petition(t.Context(), "sample")
	if err != nil || rec.TextSHA256() != p.TextSHA256() || rec.Petition.Goal != 10 {
		t.Errorf("the frozen text is %s (%v)", rec.CanonicalJSON(), err)
	}
	if f := rec.Figure(); f.Name != "petition sample" || !strings.HasSuffix(f.Value, ", goal 500") {
		t.Errorf("the statistics say %v", f)
	}
	if diff := cmp.Diff(query(t, db, `SELECT role, object, reason FROM audit WHERE action = 'petition goal'`), []string{
		"shell|sample|10 to 11", "shell|sample|11 to 500", "shell|none|0 to 20", "shell|none|20 to 30"}); diff != "" {
		t.Errorf("the audit (-got +want):\n%s", diff)
	}
}
