package store

import (
	"context"

	"rollcall/internal/rollcall"
)

// A Standing is what the bot is in a channel or group, and what it may do there.
type Standing struct {
	Chat   rollcall.ChatID
	Type   string // "group", "supergroup" or "channel"; "" where it is not known
	Status string // as in the Bot API's ChatMember; "" where it is not known
	Post   bool   // it may write there
	Edit   bool   // it may edit what others have posted in the channel
}

// present reports whether the bot is in the chat.
func (s Standing) present() bool { return s.Status != "left" && s.Status != "kicked" }

// StandingNews is what a new standing has of news for the owners.
type StandingNews struct {
	Added    bool // the bot has come into the chat
	Lost     bool // it may not write there, of which the owners have not been told
	Regained bool // it may write there again, after they have been told that it may not
	MayEdit  bool // it has got the right to edit what others have posted
}

// Any reports whether there are any.
func (n StandingNews) Any() bool { return n != StandingNews{} }

// NoteStanding keeps the bot's standing in a chat and returns what is new. That
// the right to write is lost is news once until it is regained: whoever calls
// this tells the owners with the same transaction. came says that Telegram told
// of a change; without it a standing of which nothing was known is no arrival.
func (tx *Tx) NoteStanding(s Standing, came bool) (n StandingNews, err error) {
	was := Standing{Chat: s.Chat, Status: "left"}
	var told, known bool
	err = tx.row(`SELECT type, status, can_post, can_edit, lost_told FROM chats WHERE id = ?`, []any{s.Chat},
		&was.Type, &was.Status, &was.Post, &was.Edit, &told)
	if known = err == nil; !known && rollcall.CodeOf(err) != rollcall.NotFound {
		return n, err
	}
	if s.Type == "" {
		s.Type = was.Type
	}
	if s.Status == "" {
		s.Status = was.Status
	}
	n.Added = came && s.present() && !was.present()
	n.Lost = !s.Post && !told && (known && was.Post || n.Added || !came)
	n.Regained = s.Post && told && !n.Added
	n.MayEdit = s.Edit && !was.Edit && (known || n.Added)
	told = !s.Post && (told || n.Lost)
	if known && s == was && !n.Any() {
		return n, nil
	}
	_, err = tx.exec(`INSERT INTO chats (id, type, status, can_post, can_edit, since, lost_told) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET type = excluded.type, status = excluded.status, can_post = excluded.can_post,
			can_edit = excluded.can_edit, since = excluded.since, lost_told = excluded.lost_told`,
		s.Chat, s.Type, s.Status, s.Post, s.Edit, tx.Now.Unix(), told)
	return n, err
}

// NoteRefused keeps that Telegram has refused a post in the chat for want of the
// right, and reports whether that is news for the owners.
func (tx *Tx) NoteRefused(chat rollcall.ChatID) (news bool, err error) {
	n, err := tx.exec(`INSERT INTO chats (id, type, status, can_post, can_edit, since, lost_told) VALUES (?, '', '', 0, 0, ?, 1)
		ON CONFLICT (id) DO UPDATE SET can_post = 0, since = excluded.since, lost_told = 1 WHERE lost_told = 0`, chat, tx.Now.Unix())
	return n > 0, err
}

// moveChat follows a group to its new id.
func (tx *Tx) moveChat(from, to rollcall.ChatID) error {
	if _, err := tx.exec(`UPDATE OR IGNORE chats SET id = ?, type = 'supergroup' WHERE id = ?`, to, from); err != nil {
		return err
	}
	_, err := tx.exec(`DELETE FROM chats WHERE id = ?`, from)
	return err
}

// TellPeers owes each of the accounts that can be written to the post that make
// returns for it, and returns how many these are. l is spoken to one that has
// chosen no language.
func (tx *Tx) TellPeers(users []rollcall.UserID, l rollcall.Language, make func(rollcall.UserID, rollcall.Language) Post) (told int, err error) {
	for _, user := range users {
		tag := tx.db.keys.PeerTag(user)
		var peer int64
		speaks := l
		err := tx.row(`SELECT id, coalesce(language, ?) FROM peers WHERE tag = ?`, []any{string(l), tag[:]}, &peer, &speaks)
		if rollcall.CodeOf(err) == rollcall.NotFound {
			continue
		}
		if err != nil {
			return told, err
		}
		if err := tx.oweTo(peer, make(user, speaks)); err != nil {
			return told, err
		}
		told++
	}
	return told, nil
}

// KnowPeer keeps that the account can be written to. Nothing else is kept of it.
func (tx *Tx) KnowPeer(user rollcall.UserID) error {
	_, err := tx.peerID(user)
	return err
}

// KnowsPeer reports whether the account can be written to.
func (db *DB) KnowsPeer(ctx context.Context, user rollcall.UserID) (bool, error) {
	tag := db.keys.PeerTag(user)
	var n int
	err := db.row(ctx, `SELECT count(*) FROM peers WHERE tag = ?`, []any{tag[:]}, &n)
	return n > 0, err
}
