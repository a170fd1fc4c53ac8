package store

import (
	"context"
	"database/sql"
	"time"

	"rollcall/internal/rollcall"
)

// A DoubtStage says how far it has been found out whether a post arrived.
type DoubtStage string

// The stages of a doubt.
const (
	Looking DoubtStage = "looking" // messages in the chat are compared with the post
	Asking  DoubtStage = "asking"  // an owner is to be asked
	Asked   DoubtStage = "asked"   // an owner was asked
	Settled DoubtStage = "settled"
)

// A DoubtOutcome says how a doubt was settled.
type DoubtOutcome string

// The outcomes.
const (
	Found DoubtOutcome = "found" // the post was found in the chat
	There DoubtOutcome = "there" // an owner has seen it there
	Again DoubtOutcome = "again" // an owner wants it to be sent once more
)

// A Doubt is a try to post in a channel or group of which it is not known
// whether it succeeded.
type Doubt struct {
	ID    int64
	Stage DoubtStage
	Chat  rollcall.ChatID // as it is now
	Post
	Tried time.Time

	// Of a digest; zero for another post.
	Digest    string
	Number    int
	From, To  time.Time
	delivery  int64
	after     rollcall.MessageID
	compared  int
	lastTried rollcall.MessageID
}

// MaxCompared is how many messages are compared with a post whose answer was
// lost.
const MaxCompared = 20

const (
	// firstLook is left before the first comparison: a message may come into the
	// chat a little after the answer was lost.
	firstLook = 5 * time.Second
	// overtaking is within which a call whose answer was lost may have been
	// overtaken by a later one.
	overtaking = 5 * time.Minute
)

// doubt enters that it is not known whether a delivery to a channel or group,
// which has just been tried, arrived. What is known in the chat by now was sent
// before: one delivery after the other is made there. It does nothing for a
// delivery to an account.
func (tx *Tx) doubt(delivery int64) error {
	_, err := tx.exec(`INSERT INTO doubts (delivery_id, after_id, tried_at, stage, not_before)
		SELECT d.id, coalesce((SELECT max(e.message_id) FROM deliveries e WHERE e.chat_id = d.chat_id), 0), ?, 'looking', ?
		FROM deliveries d WHERE d.id = ? AND d.chat_id IS NOT NULL`, tx.Now.Unix(), tx.Now.Add(firstLook).Unix(), delivery)
	return err
}

const selectDoubt = `SELECT x.id, x.stage, ` + `coalesce((SELECT new_id FROM migrated_chats WHERE old_id = d.chat_id), d.chat_id)` + `,
		p.id, p.html, p.buttons, p.chart, coalesce(p.file_id, ''), p.protect, x.tried_at,
		coalesce(o.digest, ''), coalesce(o.number, 0), coalesce(o.covers_from, 0), coalesce(o.planned_at, 0),
		d.id, x.after_id, x.compared, x.last_id
	FROM doubts x JOIN deliveries d ON d.id = x.delivery_id JOIN posts p ON p.id = d.post_id LEFT JOIN occurrences o ON o.id = d.occurrence_id `

func scanDoubt(scan func(...any) error) (x Doubt, err error) {
	var tried, from, to int64
	if err := scan(&x.ID, &x.Stage, &x.Chat, &x.Post.ID, &x.HTML, &x.Buttons, &x.Chart, &x.FileID, &x.Protect, &tried,
		&x.Digest, &x.Number, &from, &to, &x.delivery, &x.after, &x.compared, &x.lastTried); err != nil {
		return x, err
	}
	x.Tried = instant(tried)
	if from != 0 {
		x.From = instant(from)
	}
	if to != 0 {
		x.To = instant(to)
	}
	return x, nil
}

// DueDoubts returns the doubts of which a next step is due, the oldest first, at
// most limit.
func (db *DB) DueDoubts(ctx context.Context, limit int) ([]Doubt, error) {
	var list []Doubt
	err := db.each(ctx, selectDoubt+`WHERE x.stage IN ('looking', 'asking') AND x.not_before <= ? ORDER BY x.id LIMIT ?`,
		[]any{db.now().Unix(), limit}, func(rows *sql.Rows) error {
			x, err := scanDoubt(rows.Scan)
			list = append(list, x)
			return err
		})
	return list, err
}

// A Candidate is a message that may be the post in doubt.
type Candidate struct {
	Message rollcall.MessageID // 0 for none
	Busy    bool               // another post is on its way into the chat: look again when that is settled
}

// Candidate returns the next message that may be the post: one that is not in
// the ledger, after what was known in the chat when the post was sent and before
// what was sent there later. There is none when [MaxCompared] were compared, and
// none from the beginning where nothing is known of the chat, or where one of
// them may be another post of the bot's of the same kind, which a comparison
// would overwrite. The caller lets no post into the chat until it has compared.
func (db *DB) Candidate(ctx context.Context, doubt int64) (c Candidate, err error) {
	x, err := scanDoubt(func(dest ...any) error {
		return db.row(ctx, selectDoubt+`WHERE x.id = ? AND x.stage = 'looking'`, []any{doubt}, dest...)
	})
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return c, nil
	}
	if err != nil || x.after == 0 || x.compared >= MaxCompared {
		return c, err
	}
	var sending, nameless, others, closed int
	var earlier, later rollcall.MessageID
	picture := x.Chart != nil || x.FileID != ""
	// What was in doubt before this post, and was found, came before it.
	if err = db.row(ctx, `SELECT coalesce(max(d.message_id), 0) FROM doubts y JOIN deliveries d ON d.id = y.delivery_id
		WHERE d.chat_id = ? AND y.id < ? AND y.outcome = 'found'`, []any{x.Chat, x.ID}, &earlier); err != nil {
		return c, err
	}
	earlier = max(earlier, x.after)
	err = db.row(ctx, `SELECT
		(SELECT count(*) FROM deliveries WHERE chat_id = ?1 AND state = 'sending'),
		(SELECT count(*) FROM deliveries d WHERE d.chat_id = ?1 AND d.state = 'sent' AND d.message_id IS NULL
			AND NOT EXISTS (SELECT 1 FROM doubts y WHERE y.delivery_id = d.id)),
		(SELECT coalesce(min(message_id), 0) FROM deliveries WHERE chat_id = ?1 AND message_id > ?2),
		(SELECT count(*) FROM chats WHERE id = ?1 AND no_looking = 1)`, []any{x.Chat, earlier}, &sending, &nameless, &later, &closed)
	if err != nil || nameless > 0 || closed > 0 {
		return c, err
	}
	err = db.row(ctx, `SELECT count(*) FROM doubts y JOIN deliveries d ON d.id = y.delivery_id JOIN posts p ON p.id = d.post_id
		WHERE d.chat_id = ?1 AND d.id <> ?2 AND y.outcome IS NOT 'found' AND (p.chart IS NOT NULL OR p.file_id IS NOT NULL) = ?3
			AND (?4 = 0 OR y.after_id < ?4) AND (y.after_id >= ?5 OR y.tried_at > ?6)`,
		[]any{x.Chat, x.delivery, picture, later, x.after, x.Tried.Add(-overtaking).Unix()}, &others)
	if err != nil || others > 0 {
		return c, err
	}
	if sending > 0 {
		return Candidate{Busy: true}, nil
	}
	next := max(earlier, x.lastTried) + 1
	if later != 0 && next >= later {
		return c, nil
	}
	return Candidate{Message: next}, nil
}

// Compared keeps that the message is not the post.
func (tx *Tx) Compared(doubt int64, m rollcall.MessageID) error {
	_, err := tx.exec(`UPDATE doubts SET compared = compared + 1, last_id = ? WHERE id = ? AND stage = 'looking'`, m, doubt)
	return err
}

// FoundPost settles a doubt: the message is the post.
func (tx *Tx) FoundPost(doubt int64, m rollcall.MessageID) error {
	_, err := tx.settleDoubt(doubt, Found, Sent, m)
	return err
}

// settleDoubt reports whether the doubt was still open.
func (tx *Tx) settleDoubt(doubt int64, o DoubtOutcome, s DeliveryState, m rollcall.MessageID) (bool, error) {
	n, err := tx.exec(`UPDATE doubts SET stage = 'settled', outcome = ?, settled_at = ? WHERE id = ? AND stage <> 'settled'`, string(o), tx.Now.Unix(), doubt)
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.exec(`UPDATE deliveries SET state = ?1, message_id = nullif(?2, 0), not_before = 0, reason = '',
			attempts = CASE WHEN ?1 = 'pending' THEN 0 ELSE attempts END,
			chat_id = coalesce((SELECT new_id FROM migrated_chats WHERE old_id = chat_id), chat_id)
		WHERE id = (SELECT delivery_id FROM doubts WHERE id = ?3) AND state = 'unknown'`, string(s), m, doubt)
	return true, err
}

// PutOffDoubt leaves a doubt as it is until the instant.
func (tx *Tx) PutOffDoubt(doubt int64, until time.Time) error {
	_, err := tx.exec(`UPDATE doubts SET not_before = ? WHERE id = ? AND stage <> 'settled'`, until.Unix(), doubt)
	return err
}

// StopLooking leaves it to the owners to say whether the post arrived.
func (tx *Tx) StopLooking(doubt int64) error {
	_, err := tx.exec(`UPDATE doubts SET stage = 'asking', not_before = 0 WHERE id = ? AND stage = 'looking'`, doubt)
	return err
}

// NeverLook ends looking for posts in the chat by comparing, for good: something
// was changed there that should not have been.
func (tx *Tx) NeverLook(chat rollcall.ChatID) error {
	_, err := tx.exec(`INSERT INTO chats (id, type, status, can_post, can_edit, since, no_looking) VALUES (?, '', '', 1, 0, ?, 1)
		ON CONFLICT (id) DO UPDATE SET no_looking = 1`, chat, tx.Now.Unix())
	return err
}

// AskOwners owes each of the owners who can be written to the question that make
// returns, once for each doubt, and returns how many these are: with 0 it is to
// be tried again.
func (tx *Tx) AskOwners(doubt int64, owners []rollcall.UserID, l rollcall.Language, make func(rollcall.UserID, rollcall.Language) Post) (asked int, err error) {
	var open int
	if err := tx.row(`SELECT count(*) FROM doubts WHERE id = ? AND stage = 'asking'`, []any{doubt}, &open); err != nil || open == 0 {
		return 1, err // somebody has
	}
	if asked, err = tx.TellPeers(owners, l, make); err != nil || asked == 0 {
		return asked, err
	}
	_, err = tx.exec(`UPDATE doubts SET stage = 'asked', asked_at = ? WHERE id = ?`, tx.Now.Unix(), doubt)
	return asked, err
}

// AnswerDoubt settles a doubt as an owner says: the post is there, or is to be
// sent once more. It returns how it is settled, and whether that was done before.
// Returns a NotFound error where there is no such doubt.
func (tx *Tx) AnswerDoubt(doubt int64, says DoubtOutcome) (is DoubtOutcome, before bool, err error) {
	state := Sent
	if says == Again {
		state = Pending
	}
	done, err := tx.settleDoubt(doubt, says, state, 0)
	if err != nil || done {
		return says, false, err
	}
	err = tx.row(`SELECT outcome FROM doubts WHERE id = ?`, []any{doubt}, &is)
	return is, true, err
}

// Doubting is how far what is unknown of an occurrence's posts has been found
// out. The zero Doubting is that nothing is.
type Doubting struct {
	Stage DoubtStage // the furthest from being settled; "" where nothing is in doubt
	Asked time.Time  // zero before an owner was
}

func (db *DB) doubting(ctx context.Context, occurrence int64) (d Doubting, err error) {
	err = db.each(ctx, `SELECT x.stage, coalesce(x.asked_at, 0) FROM doubts x JOIN deliveries d ON d.id = x.delivery_id
		WHERE d.occurrence_id = ? AND x.stage <> 'settled' ORDER BY x.stage`, []any{occurrence}, func(rows *sql.Rows) error {
		var at int64
		err := rows.Scan(&d.Stage, &at)
		d.Asked = time.Time{}
		if at != 0 {
			d.Asked = instant(at)
		}
		return err
	})
	return d, err
}

// OpenDoubts counts the doubts by stage that are not settled.
func (db *DB) OpenDoubts(ctx context.Context) (map[DoubtStage]int, error) {
	n := map[DoubtStage]int{}
	err := db.each(ctx, `SELECT stage, count(*) FROM doubts WHERE stage <> 'settled' GROUP BY stage`, nil, func(rows *sql.Rows) error {
		var s DoubtStage
		var count int
		err := rows.Scan(&s, &count)
		n[s] = count
		return err
	})
	return n, err
}
