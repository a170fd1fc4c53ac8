package store

import (
	"context"
	"database/sql"
	"time"

	"rollcall/internal/rollcall"
)

// An OccurrenceState says what was decided about an occurrence.
type OccurrenceState string

// The states of an occurrence.
const (
	Baseline OccurrenceState = "baseline" // where a digest new to the ledger starts; nothing is posted
	Posted   OccurrenceState = "posted"   // its deliveries are in the ledger
	Skipped  OccurrenceState = "skipped"  // nothing is posted; the reason says why
)

// An Audience is whom a digest is for: a channel or group, or else an edition.
type Audience struct {
	Chat    rollcall.ChatID
	Edition string // such as "daily 09:00 Europe/Kyiv uk"; "" with a Chat
}

// InChat is the audience of a channel or group.
func InChat(c rollcall.ChatID) Audience { return Audience{Chat: c} }

// An Occurrence is one planned instant of one digest for one audience.
type Occurrence struct {
	ID     int64
	Digest string
	Key    string // see schedule.Occurrence
	Audience
	PlannedAt  time.Time
	CoversFrom time.Time // zero for the first, and where an edition begins anew
	Number     int       // of the post; 0 where nothing is posted
	State      OccurrenceState
	Reason     string
	Figures    []byte // what the next digest compares with
}

// A Post is the content of one message, made once.
type Post struct {
	ID      int64
	HTML    string
	Buttons string             // JSON, as the caller writes it
	Chart   []byte             // PNG, or nil
	FileID  string             // Telegram's, once the chart has been uploaded
	Protect bool               // not to be forwarded or saved
	ReplyTo rollcall.MessageID // in the same chat, or 0; see [DB.ReplyTo]
	Silent  bool               // without a sound; of a delivery, and not kept with the post

	// Person is the entry that the post tells a watcher of, or 0. The post is
	// dropped where the entry is withheld before it was sent.
	Person rollcall.PersonID
}

const selectOccurrence = `SELECT id, digest, key, chat_id, edition, planned_at, coalesce(covers_from, 0), number, state, reason, figures FROM occurrences `

func scanOccurrence(scan func(...any) error) (o Occurrence, err error) {
	var planned, covers int64
	if err := scan(&o.ID, &o.Digest, &o.Key, &o.Chat, &o.Edition, &planned, &covers, &o.Number, &o.State, &o.Reason, &o.Figures); err != nil {
		return o, err
	}
	o.PlannedAt = instant(planned)
	if covers != 0 {
		o.CoversFrom = instant(covers)
	}
	return o, nil
}

// LastOccurrence returns the latest occurrence of the digest for the audience
// that the ledger knows, whatever was decided about it. Returns a NotFound error for
// a digest new to the ledger.
func (db *DB) LastOccurrence(ctx context.Context, digest string, a Audience) (Occurrence, error) {
	return scanOccurrence(func(dest ...any) error {
		return db.row(ctx, selectOccurrence+`WHERE digest = ? AND chat_id = `+currentChat+` AND edition = ? ORDER BY planned_at DESC, id DESC LIMIT 1`, []any{digest, a.Chat, a.Chat, a.Edition}, dest...)
	})
}

// LastPosted returns the latest occurrence that was posted, or a NotFound error.
func (db *DB) LastPosted(ctx context.Context, digest string, a Audience) (Occurrence, error) {
	return scanOccurrence(func(dest ...any) error {
		return db.row(ctx, selectOccurrence+`WHERE digest = ? AND chat_id = `+currentChat+` AND edition = ? AND state = 'posted' ORDER BY planned_at DESC, id DESC LIMIT 1`, []any{digest, a.Chat, a.Chat, a.Edition}, dest...)
	})
}

// Plan enters an occurrence and, where posts are given, one delivery of each of
// them to the chat, in their order. Returns a Conflict error, and enters
// nothing, where the ledger has the occurrence already: somebody else planned
// it.
func (tx *Tx) Plan(o Occurrence, posts []Post) error {
	id, err := tx.addOccurrence(o)
	if err != nil {
		return err
	}
	for i, p := range posts {
		if err := tx.owe(p, id, o.Chat, i); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) addOccurrence(o Occurrence) (id int64, err error) {
	var covers any
	if !o.CoversFrom.IsZero() {
		covers = o.CoversFrom.Unix()
	}
	figures := string(o.Figures)
	if figures == "" {
		figures = "{}"
	}
	return tx.insert(`INSERT INTO occurrences (digest, key, chat_id, edition, planned_at, covers_from, number, state, reason, figures)
		VALUES (?, ?, `+currentChat+`, ?, ?, ?, ?, ?, ?, ?)`, o.Digest, o.Key, o.Chat, o.Chat, o.Edition, o.PlannedAt.Unix(), covers, o.Number, string(o.State), o.Reason, figures)
}

// owe enters a post and its delivery to one chat. occurrence is 0 for none.
func (tx *Tx) owe(p Post, occurrence int64, chat rollcall.ChatID, part int) error {
	post, err := tx.addPost(p)
	if err != nil {
		return err
	}
	var occ any
	if occurrence != 0 {
		occ = occurrence
	}
	_, err = tx.exec(`INSERT INTO deliveries (post_id, occurrence_id, chat_id, part, state, created_at)
		VALUES (?, ?, `+currentChat+`, ?, 'pending', ?)`,
		post, occ, chat, chat, part, tx.Now.Unix())
	return err
}

// oweTo enters a post and its delivery to one account.
func (tx *Tx) oweTo(peer int64, p Post) error {
	post, err := tx.addPost(p)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO deliveries (post_id, peer_id, part, state, created_at) VALUES (?, ?, 0, 'pending', ?)`,
		post, peer, tx.Now.Unix())
	return err
}

func (tx *Tx) addPost(p Post) (id int64, err error) {
	var chart any
	if p.Chart != nil {
		chart = p.Chart
	}
	return tx.insert(`INSERT INTO posts (html, buttons, chart, protect, person_id, created_at) VALUES (?, ?, ?, ?, nullif(?, 0), ?)`,
		p.HTML, p.Buttons, chart, p.Protect, p.Person, tx.Now.Unix())
}

// A Delivery is one message owed to one chat, of which a try is due.
type Delivery struct {
	ID       int64
	Chat     rollcall.ChatID     // for an account its private chat, as unsealed
	Attempts int                 // this one included
	Peer     int64               // the account's row; 0 for a channel or group
	Quiet    rollcall.QuietHours // of a subscriber to a digest, a second part aside: to be put off where it is within them
	Zone     string              // IANA name of theirs; "" without a digest
	Post
}

// NextDelivery returns the next message that is due in a channel or group; ok is
// false when none is due. A second part waits for the first. It writes nothing, and
// returns the same again until that is claimed or no longer due: see [DB.Claim].
func (db *DB) NextDelivery(ctx context.Context) (d Delivery, ok bool, err error) {
	err = db.row(ctx, `SELECT d.id, d.chat_id, d.attempts + 1, p.id, p.html, p.buttons, p.chart, coalesce(p.file_id, ''), p.protect
		FROM deliveries d JOIN posts p ON p.id = d.post_id
		WHERE d.state = 'pending' AND d.not_before <= ? AND d.chat_id IS NOT NULL AND NOT EXISTS (
			SELECT 1 FROM deliveries e WHERE e.occurrence_id = d.occurrence_id AND e.chat_id = d.chat_id
				AND e.part < d.part AND e.state IN ('pending', 'sending'))
		ORDER BY d.id LIMIT 1`, []any{db.now().Unix()},
		&d.ID, &d.Chat, &d.Attempts, &d.Post.ID, &d.HTML, &d.Buttons, &d.Chart, &d.FileID, &d.Protect)
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return d, false, nil
	}
	return d, err == nil, err
}

// dueToPeer finds the next message of a priority that is due to an account. Its
// index holds only what waits for nothing, so that this costs the same however
// much is owed. An account to which something is under way, or that is among those
// given, is passed over: what it is owed comes in order.
const dueToPeer = `SELECT d.id FROM deliveries d WHERE d.state = 'pending' AND d.peer_id IS NOT NULL AND d.held = 0 AND d.priority = ? AND d.not_before <= ?
	AND d.peer_id NOT IN (SELECT value FROM json_each(?))
	AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.peer_id = d.peer_id AND e.state = 'sending') ORDER BY d.not_before, d.id LIMIT 1`

// priorities are those of deliveries to accounts, in the order in which they are
// sent: news of what is watched, digests, announcements.
const priorities = 3

// NextPrivate does the same for the next message that is due to an account,
// whose id it unseals, and passes over the accounts with the given rows, to which
// the caller has something to bring already. One whose id cannot be read is marked
// dead. News of a watched entry go before digests, digests before announcements. Of
// a post with a chart that Telegram does not have yet one delivery is due at a time.
func (db *DB) NextPrivate(ctx context.Context, except ...int64) (d Delivery, ok bool, err error) {
	now, busy := db.now().Unix(), idList(except)
	for p := 0; p < priorities; {
		var sealed []byte
		var from, until string
		d = Delivery{}
		err := db.row(ctx, `SELECT d.id, d.peer_id, d.attempts + 1, r.sealed_id, p.id, p.html, p.buttons, CASE WHEN p.file_id IS NULL THEN p.chart END, coalesce(p.file_id, ''), p.protect, d.silent,
				coalesce(s.quiet_from, ''), coalesce(s.quiet_until, ''), coalesce(s.zone, '')
			FROM deliveries d JOIN posts p ON p.id = d.post_id JOIN peers r ON r.id = d.peer_id
				LEFT JOIN occurrences o ON o.id = d.occurrence_id AND d.part = 0 LEFT JOIN subscriptions s ON o.id IS NOT NULL AND s.peer_id = d.peer_id
			WHERE d.id = (`+dueToPeer+`)`, []any{p, now, busy},
			&d.ID, &d.Peer, &d.Attempts, &sealed, &d.Post.ID, &d.HTML, &d.Buttons, &d.Chart, &d.FileID, &d.Protect, &d.Silent, &from, &until, &d.Zone)
		if rollcall.CodeOf(err) == rollcall.NotFound {
			p++
			continue
		}
		if err != nil {
			return Delivery{}, false, err
		}
		user, err := db.keys.UnsealPeer(sealed)
		if err != nil {
			if err := db.Update(ctx, func(tx *Tx) error {
				_, err := tx.exec(`UPDATE deliveries SET state = 'dead', reason = 'the id of the account cannot be read' WHERE id = ? AND state = 'pending'`, d.ID)
				return err
			}); err != nil {
				return Delivery{}, false, err
			}
			continue
		}
		d.Chat = user.Chat()
		d.Quiet.From, _ = rollcall.ParseClockTime(from)
		d.Quiet.Until, _ = rollcall.ParseClockTime(until)
		return d, true, nil
	}
	return Delivery{}, false, nil
}

// Claim marks a delivery as being sent. The call to Telegram may begin once it has
// returned true: the mark is committed then. Should the program end before
// [DB.Settle], it is not known whether the message arrived, and it is not sent again
// blindly. ok is false, and nothing is changed, where the delivery is no longer as
// it was read: another has claimed or tried it, it was withdrawn, put off, or goes
// to another chat now, or something else is under way to its account; and while the
// bot is frozen.
func (db *DB) Claim(ctx context.Context, d Delivery) (ok bool, err error) {
	err = db.Update(ctx, func(tx *Tx) (err error) {
		ok, err = tx.claim(d)
		return err
	})
	return ok && err == nil, err
}

func (tx *Tx) claim(d Delivery) (ok bool, err error) {
	n, err := tx.exec(`UPDATE deliveries AS d SET state = 'sending', attempts = attempts + 1
		WHERE id = ? AND state = 'pending' AND attempts = ? AND held = 0 AND not_before <= ? AND coalesce(chat_id, ?) = ?
			AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.peer_id = d.peer_id AND e.state = 'sending')
			AND NOT EXISTS (SELECT 1 FROM meta WHERE key = 'frozen')`, d.ID, d.Attempts-1, tx.Now.Unix(), d.Chat, d.Chat)
	return n > 0, err
}

// PutOff has a delivery that is due wait for an instant, without a try; another of
// the same post uploads the chart meanwhile. It changes nothing where [DB.Claim]
// would not.
func (db *DB) PutOff(ctx context.Context, d Delivery, until time.Time) error {
	return db.Update(ctx, func(tx *Tx) error {
		if ok, err := tx.claim(d); err != nil || !ok {
			return err
		}
		_, err := tx.exec(`UPDATE deliveries SET state = 'pending', attempts = attempts - 1, not_before = ? WHERE id = ?`, until.Unix(), d.ID)
		return err
	})
}

// A DeliveryState is where a delivery stands.
type DeliveryState string

// The states of a delivery.
const (
	Pending DeliveryState = "pending" // to be sent, not before an instant
	Sending DeliveryState = "sending" // claimed
	Sent    DeliveryState = "sent"    // confirmed by Telegram
	Dead    DeliveryState = "dead"    // will not be sent
	Unsure  DeliveryState = "unknown" // may have arrived; not sent again by itself
)

// A Settlement says how a claimed delivery went.
type Settlement struct {
	State     DeliveryState
	Message   rollcall.MessageID // with Sent
	FileID    string             // with Sent, where a chart was uploaded
	NotBefore time.Time          // with Pending
	Reason    string             // with Dead and Unsure; no names, no ids
	Gone      bool               // with Dead: the account can no longer be written to
}

// Settle notes how a claimed delivery went. It is no error where the account
// has been erased meanwhile, and the delivery with it. With Gone the account's
// watches and subscriptions end, and what else it is owed is dead.
func (db *DB) Settle(ctx context.Context, d Delivery, s Settlement) error {
	return db.Update(ctx, func(tx *Tx) error {
		var message any
		if s.Message != 0 {
			message = s.Message
		}
		notBefore := int64(0)
		if !s.NotBefore.IsZero() {
			notBefore = s.NotBefore.Unix()
		}
		if _, err := tx.exec(`UPDATE deliveries SET state = ?, message_id = ?, not_before = ?, reason = ? WHERE id = ?`,
			string(s.State), message, notBefore, s.Reason, d.ID); err != nil {
			return err
		}
		if s.State == Pending {
			if _, err := tx.exec(`UPDATE deliveries SET state = 'dead', held = 0, reason = ? WHERE id = ?
				AND announcement_id IN (SELECT id FROM announcements WHERE state = 'stopped')`, stoppedReason, d.ID); err != nil {
				return err
			}
		}
		if s.State == Unsure {
			if err := tx.doubt(d.ID); err != nil {
				return err
			}
		}
		if s.Gone && d.Peer != 0 {
			if err := tx.endPeer(d.Peer, Blocked, s.Reason); err != nil {
				return err
			}
		}
		if s.FileID == "" {
			return nil
		}
		// The chart is at Telegram now; its bytes are not needed again.
		_, err := tx.exec(`UPDATE posts SET file_id = ?, chart = NULL WHERE id = ?`, s.FileID, d.Post.ID)
		return err
	})
}

// AbandonClaims marks what a former run was sending when it ended as unknown,
// and returns how many these were. No other process may be delivering.
func (db *DB) AbandonClaims(ctx context.Context) (n int64, err error) {
	err = db.Update(ctx, func(tx *Tx) (err error) {
		var claimed []int64
		if err := tx.each(`SELECT id FROM deliveries WHERE state = 'sending' AND chat_id IS NOT NULL ORDER BY id`, nil, func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			claimed = append(claimed, id)
			return err
		}); err != nil {
			return err
		}
		for _, id := range claimed {
			if err := tx.doubt(id); err != nil {
				return err
			}
		}
		n, err = tx.exec(`UPDATE deliveries SET state = 'unknown', reason = 'the program ended while this was being sent' WHERE state = 'sending'`)
		return err
	})
	return n, err
}

// NextDeliveryDue returns when the next pending delivery to a channel or group
// may be sent; ok is false when there is none.
func (db *DB) NextDeliveryDue(ctx context.Context) (at time.Time, ok bool, err error) {
	var seconds sql.NullInt64
	err = db.row(ctx, `SELECT min(not_before) FROM deliveries WHERE state = 'pending' AND chat_id IS NOT NULL`, nil, &seconds)
	return instant(seconds.Int64), seconds.Valid, err
}

// currentChat is a chat's id where the group has moved, and else the one that is
// given, which it takes twice.
const currentChat = `coalesce((SELECT new_id FROM migrated_chats WHERE old_id = ?), ?)`

// CurrentChat returns the id that a group has now, for one that the
// configuration may name by a former one.
func (db *DB) CurrentChat(ctx context.Context, chat rollcall.ChatID) (now rollcall.ChatID, err error) {
	err = db.row(ctx, `SELECT `+currentChat, []any{chat, chat}, &now)
	return now, err
}

// MigrateChat follows a group to its new id, in what is owed and was posted. It
// is found by the old one as well from then on, which the configuration may
// still name.
func (db *DB) MigrateChat(ctx context.Context, from, to rollcall.ChatID) error {
	return db.Update(ctx, func(tx *Tx) error {
		if _, err := tx.exec(`INSERT INTO migrated_chats (old_id, new_id) VALUES (?, ?) ON CONFLICT (old_id) DO UPDATE SET new_id = excluded.new_id`, from, to); err != nil {
			return err
		}
		if _, err := tx.exec(`UPDATE migrated_chats SET new_id = ? WHERE new_id = ?`, to, from); err != nil {
			return err
		}
		if _, err := tx.exec(`UPDATE deliveries SET chat_id = ? WHERE chat_id = ? AND state IN ('pending', 'sending')`, to, from); err != nil {
			return err
		}
		if _, err := tx.exec(`UPDATE OR IGNORE occurrences SET chat_id = ? WHERE chat_id = ?`, to, from); err != nil {
			return err
		}
		return tx.moveChat(from, to)
	})
}

// A PlannedPost is an occurrence with how its deliveries stand, for `digest
// list`.
type PlannedPost struct {
	Occurrence
	Deliveries map[DeliveryState]int
	Problem    string // the reason of a dead or unknown delivery
	Doubt      Doubting
}

// Occurrences returns the latest occurrences of a digest in its chats, newest
// first, baselines aside.
func (db *DB) Occurrences(ctx context.Context, digest string, limit int) ([]PlannedPost, error) {
	var all []PlannedPost
	err := db.each(ctx, selectOccurrence+`WHERE digest = ? AND edition = '' AND state <> 'baseline' ORDER BY planned_at DESC, id DESC LIMIT ?`, []any{digest, limit}, func(rows *sql.Rows) error {
		o, err := scanOccurrence(rows.Scan)
		all = append(all, PlannedPost{Occurrence: o, Deliveries: map[DeliveryState]int{}})
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range all {
		if err := db.countDeliveries(ctx, &all[i]); err != nil {
			return nil, err
		}
		if all[i].Doubt, err = db.doubting(ctx, all[i].ID); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (db *DB) countDeliveries(ctx context.Context, p *PlannedPost) error {
	return db.each(ctx, `SELECT state, count(*), max(reason) FROM deliveries WHERE occurrence_id = ? GROUP BY state`, []any{p.ID}, func(rows *sql.Rows) error {
		var s DeliveryState
		var n int
		var reason string
		err := rows.Scan(&s, &n, &reason)
		p.Deliveries[s] = n
		if reason != "" {
			p.Problem = reason
		}
		return err
	})
}

// LastOfEdition returns the latest occurrence of a digest's edition, with how its
// deliveries stand; those to accounts are kept for three days. Returns a NotFound
// error for an edition new to the ledger.
func (db *DB) LastOfEdition(ctx context.Context, digest, edition string) (PlannedPost, error) {
	o, err := db.LastOccurrence(ctx, digest, Audience{Edition: edition})
	p := PlannedPost{Occurrence: o, Deliveries: map[DeliveryState]int{}}
	if err != nil {
		return p, err
	}
	return p, db.countDeliveries(ctx, &p)
}

// LatestPosts returns the messages of the last digest that was posted in the
// chat, in their order. Returns a NotFound error where there was none.
func (db *DB) LatestPosts(ctx context.Context, digest string, chat rollcall.ChatID) ([]Post, error) {
	o, err := db.LastPosted(ctx, digest, InChat(chat))
	if err != nil {
		return nil, err
	}
	var posts []Post
	err = db.each(ctx, `SELECT p.id, p.html, p.buttons, p.chart, coalesce(p.file_id, '') FROM deliveries d JOIN posts p ON p.id = d.post_id
		WHERE d.occurrence_id = ? ORDER BY d.part`, []any{o.ID}, func(rows *sql.Rows) error {
		var p Post
		err := rows.Scan(&p.ID, &p.HTML, &p.Buttons, &p.Chart, &p.FileID)
		posts = append(posts, p)
		return err
	})
	return posts, err
}

// A Milestone is a figure that a petition has reached.
type Milestone struct {
	Petition string
	Count    int
}

// MilestonesToPost returns the milestones whose posts are not in the ledger
// yet.
func (db *DB) MilestonesToPost(ctx context.Context) ([]Milestone, error) {
	var all []Milestone
	err := db.each(ctx, `SELECT petition, count FROM milestones WHERE posted = 0 ORDER BY reached_at, petition, count`, nil, func(rows *sql.Rows) error {
		var m Milestone
		err := rows.Scan(&m.Petition, &m.Count)
		all = append(all, m)
		return err
	})
	return all, err
}

// PostMilestone enters one post for each chat and marks the milestone as
// posted. A second call changes nothing.
func (tx *Tx) PostMilestone(m Milestone, posts map[rollcall.ChatID]Post) error {
	n, err := tx.exec(`UPDATE milestones SET posted = 1 WHERE petition = ? AND count = ? AND posted = 0`, m.Petition, m.Count)
	if err != nil || n == 0 {
		return err
	}
	for chat, p := range posts {
		if err := tx.owe(p, 0, chat, 0); err != nil {
			return err
		}
	}
	return nil
}
