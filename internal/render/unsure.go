package render

import (
	"strconv"
	"strings"
	"time"

	"rollcall/internal/rollcall"
)

// An UnsurePost is a post in a channel or group of which it is not known whether
// it arrived.
type UnsurePost struct {
	Name    string          // of the digest; "" for another post
	Digest  rollcall.Digest // its number, period and zone
	Text    HTML            // of the post; "" where it is a picture alone
	Picture bool            // it is a picture without a text, which follows by itself
	Chat    rollcall.ChatID
	Tried   time.Time // in the zone to show it in
}

// UnsurePost asks an owner to look whether a post is in its chat.
func (p *Phrases) UnsurePost(u UnsurePost) HTML {
	var what HTML
	switch {
	case u.Name == "":
		first, _, _ := strings.Cut(Plain(u.Text), "\n")
		what = p.html("unsure.other", arg{"Text", first})
	case u.Picture:
		what = p.html("unsure.picture", arg{"Title", p.DigestTitle(u.Digest)}, arg{"Name", u.Name})
	default:
		what = p.html("unsure.digest", arg{"Title", p.DigestTitle(u.Digest)}, arg{"Name", u.Name})
	}
	return paragraphs(
		p.html("unsure.head", arg{"Chat", chatID(u.Chat)}, arg{"Time", p.Time(u.Tried)}),
		what,
		p.html("unsure.ask", arg{"There", p.Label(LabelItIsThere)}, arg{"Again", p.Label(LabelSendAgain)}))
}

// chatID is a chat's id as it is written in the configuration.
func chatID(c rollcall.ChatID) string { return strconv.FormatInt(int64(c), 10) }

// UnsureSettled says how it was settled whether a post arrived: it is there, or
// is sent again. before says that this was done before the press.
func (p *Phrases) UnsureSettled(again, before bool) HTML {
	switch {
	case again && before:
		return p.html("unsure.was_again")
	case again:
		return p.html("unsure.again")
	case before:
		return p.html("unsure.was_there")
	}
	return p.html("unsure.there")
}

// A ChatStanding is what is new of the bot's standing in a channel or group.
type ChatStanding struct {
	Chat     rollcall.ChatID
	Channel  bool
	Added    bool // the bot has come into it
	MayPost  bool
	Lost     bool // it may not post there
	Regained bool // it may post there again
	MayEdit  bool // it has got the right to edit what others have posted
}

// ChatStanding tells an owner what is new of the bot's standing in a chat, and
// what to do about it.
func (p *Phrases) ChatStanding(s ChatStanding) HTML {
	var said []HTML
	if s.Added {
		said = append(said, p.html("chat.added", arg{"Chat", chatID(s.Chat)}))
	}
	switch {
	case s.MayPost && s.Regained:
		said = append(said, p.html("chat.regained", arg{"Chat", chatID(s.Chat)}))
	case !s.MayPost && (s.Lost || s.Added) && s.Channel:
		said = append(said, p.html("chat.lost_channel", arg{"Chat", chatID(s.Chat)}))
	case !s.MayPost && (s.Lost || s.Added):
		said = append(said, p.html("chat.lost", arg{"Chat", chatID(s.Chat)}))
	}
	if s.MayEdit {
		said = append(said, p.html("chat.may_edit", arg{"Chat", chatID(s.Chat)}))
	}
	return lines(said...)
}
