package demo

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// Slug names the petition.
const Slug = "demo"

// Signatures is how many signatures stand after [World.Fill], whatever the seed:
// one less than a milestone, so that the next one reaches it.
const Signatures = 1199

// days is how long the petition has been open, and how long it still is.
const days = 30

// Petition returns the petition as it was opened; it depends on Now alone.
func (w World) Petition() rollcall.Petition {
	midnight := w.now().Truncate(24 * time.Hour)
	return rollcall.Petition{
		Slug:       Slug,
		Opens:      midnight.AddDate(0, 0, -days).Add(6 * time.Hour),
		Closes:     midnight.AddDate(0, 0, days).Add(18 * time.Hour),
		Goal:       2000,
		Milestones: []int{100, 300, 600, 900, 1200, 1600, 2000},
		Organiser:  "Families' Circle of Exampleville (invented)",
		Addressee:  "Example Office (invented)",
		Title: map[rollcall.Language]string{
			rollcall.English:   "An answer for every family of Exampleville within ten days",
			rollcall.Ukrainian: "Відповідь кожній родині Зразкового протягом десяти днів",
			rollcall.Russian:   "Ответ каждой семье Образцова в течение десяти дней",
		},
		Text: map[rollcall.Language]string{
			rollcall.English: `This petition is invented, to show how signing works. The town, the office and the families are invented too.

Families of Exampleville write to the Example Office to learn whether a person they look for is known there. Many wait for months and do not know whether their letter was read.

We ask the Example Office:
1. to answer every family within ten days, also where there is nothing new to say;
2. to say from which day the information is;
3. to tell the family first, and nobody else without its consent.

We take no side. We ask on behalf of all who wait.`,
			rollcall.Ukrainian: `Ця петиція вигадана, щоб показати, як підписують. Місто, управління і родини теж вигадані.

Родини міста Зразкове пишуть до Зразкового управління, щоб дізнатися, чи відомо там про людину, яку вони шукають. Багато хто чекає місяцями і не знає, чи прочитано листа.

Ми просимо Зразкове управління:
1. відповідати кожній родині протягом десяти днів, навіть коли нового немає;
2. називати день, на який відомості чинні;
3. повідомляти передусім родину, а інших лише за її згодою.

Ми не стаємо на жодну сторону. Ми просимо за всіх, хто чекає.`,
			rollcall.Russian: `Эта петиция вымышлена, чтобы показать, как подписывают. Город, управление и семьи тоже вымышлены.

Семьи города Образцова пишут в Образцовое управление, чтобы узнать, известно ли там о человеке, которого они ищут. Многие ждут месяцами и не знают, прочитано ли письмо.

Мы просим Образцовое управление:
1. отвечать каждой семье в течение десяти дней, даже когда нового нет;
2. называть день, на который сведения верны;
3. сообщать прежде всего семье, а другим лишь с её согласия.

Мы не принимаем ничью сторону. Мы просим за всех, кто ждёт.`,
		},
	}
}

// The course of the petition: how the signatures share out over its days, the
// first being 0 and the last that of Now. A rush at first, a long ebb, and a
// second wave in the third week.
var course = [days + 1]int{90, 140, 110, 82, 60, 46, 38, 32, 28, 25, 23, 21, 20, 19, 20, 24,
	55, 78, 66, 48, 36, 29, 25, 22, 20, 19, 18, 18, 17, 17, 16}

// weekday is what a day of the week has of its share, in percent.
var weekday = [7]int{time.Sunday: 70, time.Monday: 105, time.Tuesday: 115, time.Wednesday: 110, time.Thursday: 105, time.Friday: 95, time.Saturday: 60}

// A press is a signature, or its withdrawal.
type press struct {
	at       time.Time
	signer   [32]byte
	withdraw bool
}

// history returns what was pressed on each day. Withdrawals come at the
// beginning of a day, and none on the last two, so that the count approaches
// [Signatures] from below.
func (w World) history() [days + 1][]press {
	r := w.stream("petition")
	withdrawals := 36 + r.n(10)
	counts := w.counts(r, Signatures+withdrawals)

	// Who signed when, by the number of the signer.
	var signers [][32]byte
	var signed []int
	for day, n := range counts {
		for range n {
			signers = append(signers, r.tag())
			signed = append(signed, day)
		}
	}
	var withdrawn [days + 1][]int
	taken := map[int]bool{}
	for len(taken) < withdrawals {
		i := r.n(len(signers))
		if left := days - 2 - signed[i]; left > 0 && !taken[i] {
			taken[i] = true
			day := signed[i] + 1 + r.n(min(left, 7)) // mostly soon after
			withdrawn[day] = append(withdrawn[day], i)
		}
	}

	var all [days + 1][]press
	for day, next := 0, 0; day <= days; day++ {
		for _, i := range withdrawn[day] {
			all[day] = append(all[day], press{signer: signers[i], withdraw: true})
		}
		for range counts[day] {
			all[day] = append(all[day], press{signer: signers[next]})
			next++
		}
		from, span := w.open(day)
		for i := range all[day] {
			all[day][i].at = from.Add(span * time.Duration(i+1) / time.Duration(len(all[day])+1)).Truncate(time.Second)
		}
	}
	return all
}

// open returns from when and how long the petition was open on its day in UTC.
func (w World) open(day int) (from time.Time, span time.Duration) {
	opens := w.Petition().Opens
	from = opens.Truncate(24*time.Hour).AddDate(0, 0, day)
	until := from.AddDate(0, 0, 1)
	if from.Before(opens) {
		from = opens
	}
	if until.After(w.now()) {
		until = w.now()
	}
	return from, until.Sub(from)
}

// counts shares a total out over the days. It counts in whole numbers, which
// are alike on every machine.
func (w World) counts(r stream, total int) (counts [days + 1]int) {
	var share [days + 1]int64
	var sum int64
	for day := range share {
		from, span := w.open(day)
		minutes := int64(span / time.Minute) // a day that is not over has less
		share[day] = minutes * int64(course[day]*weekday[from.Weekday()]*(85+r.n(31)))
		sum += share[day]
	}
	var upTo int64
	before := 0
	for day := range share {
		upTo += share[day]
		n := int(int64(total) * upTo / sum)
		counts[day], before = n-before, n
	}
	return counts
}

// A stream is of the numbers of a seed; ChaCha8 is specified (C2SP
// chacha8rand), and so the same in every release of Go.
type stream struct{ *rand.ChaCha8 }

// stream returns the numbers for a use of their own.
func (w World) stream(use string) stream {
	seed := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("rollcall demo "+use+" "), w.Seed))
	return stream{rand.NewChaCha8(seed)}
}

// n returns a number from 0 to max-1.
func (s stream) n(max int) int { return int(s.Uint64() >> 32 * uint64(max) >> 32) }

// tag stands for a signer who is nobody. It is an account's with a chance of one
// in 2^256.
func (s stream) tag() (tag [32]byte) {
	s.Read(tag[:]) // never fails
	return tag
}

// nobody stands in the commitments of signers who are nobody.
const nobody rollcall.UserID = 0

// fillPetition opens the petition and lets it be signed, a transaction and a batch
// of the log a day.
func (w World) fillPetition(ctx context.Context, db *store.DB) error {
	if err := db.OpenPetition(ctx, w.Petition(), store.Shell); err != nil {
		return err
	}
	for day, presses := range w.history() {
		err := db.Update(ctx, func(tx *store.Tx) error {
			for _, p := range presses {
				if err := tx.Backdate(p.at); err != nil {
					return err
				}
				do, want := func() (store.SignOutcome, error) { return tx.Sign(Slug, nobody, p.signer) }, store.Recorded
				if p.withdraw {
					do, want = func() (store.SignOutcome, error) { return tx.Withdraw(Slug, p.signer) }, store.Withdrawn
				}
				if got, err := do(); err != nil {
					return err
				} else if got != want {
					return fmt.Errorf("outcome %d instead of %d", got, want)
				}
			}
			if len(presses) == 0 {
				return nil
			}
			_, _, err := tx.Sequence(Slug, 0)
			return err
		})
		if err != nil {
			return fmt.Errorf("day %d: %w", day, err)
		}
	}
	reached, err := db.MilestonesToPost(ctx)
	if err != nil {
		return err
	}
	return db.Update(ctx, func(tx *store.Tx) error {
		for _, m := range reached {
			if err := tx.PostMilestone(m, nil); err != nil {
				return err
			}
		}
		return nil
	})
}
