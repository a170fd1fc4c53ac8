package store

import (
	"context"
	"database/sql"

	"rollcall/internal/rollcall"
)

// ErrNoFigure is returned for a figure of a round that is not there.
var ErrNoFigure = rollcall.E(rollcall.NotFound, "there is no such figure")

// Rounds returns the exchange rounds, newest first, each with its figures by
// date and source.
func (db *DB) Rounds(ctx context.Context) ([]rollcall.Round, error) {
	rounds, _, err := db.RoundsCorrected(ctx)
	return rounds, err
}

// RoundsCorrected returns the rounds as [DB.Rounds] does, and the id of the last
// correction that they contain, 0 for none; both are of one moment.
func (db *DB) RoundsCorrected(ctx context.Context) (rounds []rollcall.Round, last int64, err error) {
	err = db.each(ctx, `SELECT r.id, r.title, coalesce(f.side, ''), coalesce(f.stage, ''), coalesce(f.count, 0), coalesce(f.at_least, 0),
			coalesce(f.status_date, ''), coalesce(s.name, ''), coalesce(f.source_url, ''), (SELECT coalesce(max(id), 0) FROM corrections)
		FROM rounds r LEFT JOIN round_figures f ON f.round_id = r.id LEFT JOIN sources s ON s.id = f.source_id
		ORDER BY r.created_at DESC, r.id DESC, f.status_date DESC, s.name, f.side`, nil, func(rows *sql.Rows) error {
		var r rollcall.Round
		var f rollcall.RoundFigure
		var date string
		if err := rows.Scan(&r.ID, &r.Title, &f.Side, &f.Stage, &f.Count, &f.AtLeast, &date, &f.Source, &f.SourceURL, &last); err != nil {
			return err
		}
		if n := len(rounds); n == 0 || rounds[n-1].ID != r.ID {
			rounds = append(rounds, r)
		}
		if f.Source == "" {
			return nil
		}
		var err error
		f.Date, err = rollcall.ParseDate(date)
		round := &rounds[len(rounds)-1]
		round.Figures = append(round.Figures, f)
		return err
	})
	return rounds, last, err
}

// AddRoundFigure records what a source said of a round, making the round where
// there is none of that title. The same source's figure for the same side,
// stage and day is replaced; where the count or the "at least" is another, that is
// kept as a correction.
func (tx *Tx) AddRoundFigure(title string, f rollcall.RoundFigure, by Actor) error {
	if _, err := tx.exec(`INSERT INTO rounds (title, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING`, title, tx.Now.Unix()); err != nil {
		return err
	}
	source, err := tx.sourceID(f.Source)
	if err != nil {
		return err
	}
	if _, err := tx.exec(`INSERT INTO corrections (round_id, side, stage, status_date, source_id, source_url, old_count, old_at_least, new_count, new_at_least, corrected_at)
		SELECT f.round_id, f.side, f.stage, f.status_date, f.source_id, ?6, f.count, f.at_least, ?7, ?8, ?9
		FROM round_figures f JOIN rounds r ON r.id = f.round_id
		WHERE r.title = ?1 AND f.side = ?2 AND f.stage = ?3 AND f.status_date = ?4 AND f.source_id = ?5 AND (f.count, f.at_least) IS NOT (?7, ?8)`,
		title, string(f.Side), string(f.Stage), f.Date.String(), source, f.SourceURL, f.Count, f.AtLeast, tx.Now.Unix()); err != nil {
		return err
	}
	if _, err := tx.exec(`INSERT INTO round_figures (round_id, side, stage, count, at_least, status_date, source_id, source_url)
		SELECT id, ?, ?, ?, ?, ?, ?, ? FROM rounds WHERE title = ?
		ON CONFLICT (round_id, side, stage, status_date, source_id) DO UPDATE SET
			count = excluded.count, at_least = excluded.at_least, source_url = excluded.source_url`,
		string(f.Side), string(f.Stage), f.Count, f.AtLeast, f.Date.String(), source, f.SourceURL, title); err != nil {
		return err
	}
	return tx.audit(by, "round", title, "")
}

// WithdrawRoundFigure removes a figure that was entered in error, and keeps that as a
// correction. The round stays. Of f the side, stage, source and date count. Returns
// [ErrNoFigure] where there is none.
func (tx *Tx) WithdrawRoundFigure(title string, f rollcall.RoundFigure, by Actor) error {
	key := []any{title, string(f.Side), string(f.Stage), f.Date.String(), f.Source}
	const found = ` FROM round_figures f JOIN rounds r ON r.id = f.round_id JOIN sources s ON s.id = f.source_id
		WHERE r.title = ?1 AND f.side = ?2 AND f.stage = ?3 AND f.status_date = ?4 AND s.name = ?5`
	n, err := tx.exec(`INSERT INTO corrections (round_id, side, stage, status_date, source_id, source_url, old_count, old_at_least, corrected_at)
		SELECT f.round_id, f.side, f.stage, f.status_date, f.source_id, f.source_url, f.count, f.at_least, ?6`+found, append(key, tx.Now.Unix())...)
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNoFigure
	}
	if _, err := tx.exec(`DELETE FROM round_figures WHERE id IN (SELECT f.id`+found+`)`, key...); err != nil {
		return err
	}
	return tx.audit(by, "round-withdraw", title, "")
}

const selectCorrection = `SELECT c.id, r.title, c.side, c.stage, c.status_date, s.name, c.source_url, c.old_count, c.old_at_least,
	coalesce(c.new_count, 0), c.new_at_least, c.new_count IS NULL, c.corrected_at
	FROM corrections c JOIN rounds r ON r.id = c.round_id JOIN sources s ON s.id = c.source_id `

func (db *DB) corrections(ctx context.Context, where string, args ...any) (all []rollcall.Correction, err error) {
	err = db.each(ctx, selectCorrection+where+` ORDER BY c.id`, args, func(rows *sql.Rows) error {
		var c rollcall.Correction
		var date string
		var at int64
		w, n := &c.Was, &c.Now
		err := rows.Scan(&c.ID, &c.Round, &w.Side, &w.Stage, &date, &w.Source, &w.SourceURL, &w.Count, &w.AtLeast, &n.Count, &n.AtLeast, &c.Withdrawn, &at)
		if err != nil {
			return err
		}
		if w.Date, err = rollcall.ParseDate(date); err != nil {
			return err
		}
		n.Side, n.Stage, n.Date, n.Source, n.SourceURL = w.Side, w.Stage, w.Date, w.Source, w.SourceURL
		c.At = instant(at)
		all = append(all, c)
		return nil
	})
	return all, err
}

// Corrections returns what was corrected after the correction of the id, oldest
// first.
func (db *DB) Corrections(ctx context.Context, after int64) ([]rollcall.Correction, error) {
	return db.corrections(ctx, `WHERE c.id > ?`, after)
}

// CorrectionsToTell returns the corrections that [Tx.CorrectionTold] has not settled,
// oldest first.
func (db *DB) CorrectionsToTell(ctx context.Context) ([]rollcall.Correction, error) {
	return db.corrections(ctx, `WHERE c.told = 0`)
}

// A Statement is where an occurrence's text stands in a chat.
type Statement struct {
	Occurrence int64
	Chat       rollcall.ChatID
	State      DeliveryState
	Message    rollcall.MessageID // with Sent
}

// StatementOf returns where the text of an occurrence stands. Returns a NotFound
// error for one without a delivery.
func (db *DB) StatementOf(ctx context.Context, occurrence int64) (s Statement, err error) {
	s.Occurrence = occurrence
	err = db.row(ctx, `SELECT chat_id, state, coalesce(message_id, 0) FROM deliveries
		WHERE occurrence_id = ? AND chat_id IS NOT NULL ORDER BY part DESC, id LIMIT 1`, []any{occurrence}, &s.Chat, &s.State, &s.Message)
	return s, err
}

// ReplyToStatement owes the chat an answer with a correction to the message, or a
// post of its own where that is not known. Once for each correction and occurrence:
// a second call changes nothing.
func (tx *Tx) ReplyToStatement(correction int64, s Statement, p Post) error {
	n, err := tx.exec(`INSERT INTO correction_replies (correction_id, occurrence_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, correction, s.Occurrence)
	if err != nil || n == 0 {
		return err
	}
	post, err := tx.addPost(p)
	if err != nil {
		return err
	}
	if _, err := tx.exec(`UPDATE posts SET reply_to = nullif(?, 0) WHERE id = ?`, s.Message, post); err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO deliveries (post_id, chat_id, part, state, created_at)
		VALUES (?, coalesce((SELECT new_id FROM migrated_chats WHERE old_id = ?2), ?2), 0, 'pending', ?)`, post, s.Chat, tx.Now.Unix())
	return err
}

// ReplyTo returns the message that a post answers, or 0.
func (db *DB) ReplyTo(ctx context.Context, post int64) (m rollcall.MessageID, err error) {
	err = db.row(ctx, `SELECT coalesce(reply_to, 0) FROM posts WHERE id = ?`, []any{post}, &m)
	return m, err
}

// CorrectionTold notes that no post is left to be answered with the correction.
func (tx *Tx) CorrectionTold(id int64) error {
	_, err := tx.exec(`UPDATE corrections SET told = 1 WHERE id = ?`, id)
	return err
}
