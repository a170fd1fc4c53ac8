// Package command holds what the bot answers: one file for each command or
// group of buttons that belong together, each with its name, who may use it,
// and its handler. [Registry] is the one list from which router, menus and help
// are made.
//
// A handler reads, calls one use case and renders. It holds no SQL, no scoring
// and no wording; what it changes it leaves to the effect of its answer.
package command

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"rollcall/internal/digest"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/search"
	"rollcall/internal/secret"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
)

// Settings are the facts of the configuration that answers need.
type Settings struct {
	Username    string // the bot's own
	Operator    string // who runs the bot; may be empty
	Contact     string // how to reach them; may be empty
	MaxResults  int    // people in one answer
	RequireYear bool   // a lookup needs a birth year
	MinParts    int    // name parts that a lookup needs; with a birth year one less
	MaxWatches  int    // entries that an account may watch, wishes to be told of one counted
	Limits      Limits
	BatchLatest time.Duration
	Retention   time.Duration
	Tracing     []render.Link
	Digests     []digest.Spec // the first is the main one, to which people subscribe
	ChannelLink string        // where anyone can read that; may be empty
	Zone        *time.Location
	Sides       map[rollcall.Side]string
	Owners      []rollcall.UserID // who are told where the bot has come into, or lost a right
	Language    rollcall.Language // of an account of which nothing else is known

	MessagesPerSecond float64 // of the bot in all; 0 for no pace
}

// Handlers hold what the answers work with.
type Handlers struct {
	Settings
	DB      *store.DB
	Keys    *secret.Keys
	Search  *search.Searcher
	Log     *slog.Logger
	Fetcher Fetcher // for files that keepers send; nil takes none

	waiting *dialogs
	asked   *lookups
	forms   *fillings
	bundles *bundles
}

// A Fetcher downloads a file that somebody sent, of at most max bytes.
type Fetcher interface {
	Download(ctx context.Context, fileID string, max int64) ([]byte, error)
}

// Registry is all that the bot answers to, in the order of the help.
func Registry(h *Handlers) telegram.Registry {
	h.waiting, h.asked, h.forms, h.bundles = &dialogs{}, &lookups{}, newFillings(), &bundles{}
	g := telegram.Registry{
		Commands: []telegram.Command{
			{Name: "start", Handle: h.start},
			{Name: "find", Handle: h.find},
			{Name: "watches", Handle: h.watches},
			{Name: "petition", Groups: true, Handle: h.petition},
			{Name: "sign", Handle: h.sign},
			{Name: "withdraw", Handle: h.withdraw},
			{Name: "receipt", Handle: h.receipt},
			{Name: "subscribe", Handle: h.subscribe},
			{Name: "unsubscribe", Handle: h.unsubscribe},
			{Name: "digest", Groups: true, Handle: h.digest},
			{Name: "rounds", Groups: true, Handle: h.rounds},
			{Name: "privacy", Groups: true, Handle: h.privacy},
			{Name: "mydata", Handle: h.myData},
			{Name: "erase", Handle: h.erase},
			{Name: "lang", Handle: h.lang},
			{Name: "help", Groups: true},
			{Name: "import", Access: telegram.Editor, Handle: h.importHelp},
			{Name: "add", Access: telegram.Editor, Handle: h.add},
			{Name: "edit", Access: telegram.Editor, Handle: h.edit},
			{Name: "claim", Access: telegram.Editor, Handle: h.claim},
			{Name: "round", Access: telegram.Editor, Handle: h.round},
			{Name: "hide", Access: telegram.Editor, Handle: h.hide},
			{Name: "show", Access: telegram.Editor, Handle: h.show},
			{Name: "takedown", Access: telegram.Editor, Handle: h.takedown},
			{Name: "queue", Access: telegram.Editor, Handle: h.queue},
			{Name: "preview", Access: telegram.Editor, Handle: h.preview},
			{Name: "stats", Access: telegram.Owner, Handle: h.stats},
			{Name: "announce", Access: telegram.Owner, Handle: h.announce},
			{Name: "freeze", Access: telegram.Owner, Handle: h.freeze},
			{Name: "unfreeze", Access: telegram.Owner, Handle: h.unfreeze},
		},
		Buttons: []telegram.Button{
			{Action: "find", Handle: h.askName},
			{Action: "card", Bound: true, Handle: h.pressCard},
			{Action: "show", Bound: true, Handle: h.pressShow},
			{Action: "watch", Bound: true, Handle: h.pressWatch},
			{Action: "stop", Bound: true, Handle: h.pressStop},
			{Action: "unlist", Bound: true, Handle: h.pressUnlist},
			{Action: "tellme", Bound: true, Handle: h.pressTellMe},
			{Action: "wish", Bound: true, Handle: h.pressWish},
			{Action: "unwish", Bound: true, Handle: h.pressUnwish},
			{Action: "wrong", Bound: true, Handle: h.pressWrong},
			{Action: "right", Access: telegram.Editor, Bound: true, Handle: h.pressRight},
			{Action: "putaway", Access: telegram.Editor, Bound: true, Handle: h.pressPutAway},
			{Action: "correct", Access: telegram.Editor, Bound: true, Handle: h.pressCorrect},
			{Action: "next", Access: telegram.Editor, Bound: true, Handle: h.pressNext},
			{Action: "answer", Handle: h.pressAnswer},
			{Action: "back", Handle: h.pressBack},
			{Action: "cancel", Handle: h.pressCancel},
			{Action: "halt", Access: telegram.Owner, Handle: h.pressHalt},
			{Action: "tracing", Handle: h.pressTracing},
			{Action: "petition", Handle: h.pressPetition},
			{Action: "check", Handle: h.pressCheck},
			{Action: "sign", Handle: h.pressSign},
			{Action: "agree", Handle: h.pressAgree},
			{Action: "decline", Handle: h.pressDecline},
			{Action: "withdraw", Handle: h.pressWithdraw},
			{Action: "withdrawn", Handle: h.pressWithdrawYes},
			{Action: "keep", Handle: h.pressKeep},
			{Action: "receipt", Handle: h.pressReceipt},
			{Action: "discard", Handle: h.pressDiscard},
			{Action: "files", Handle: h.pressFiles},
			{Action: "digest", Handle: h.pressDigests},
			{Action: "mydata", Handle: h.myData},
			{Action: "erase", Handle: h.pressErase},
			{Action: "stay", Handle: h.pressStay},
			{Action: "lang", Handle: h.pressLang},
			{Action: unsureAction, Access: telegram.Owner, Bound: true, Handle: h.pressUnsure},
		},
		Text:     h.unlessFrozen(h.text),
		Document: h.document,
		Photo:    h.photo,
		Other:    h.other,
		Unknown:  h.unknown,
		OldPress: h.oldPress,
		InGroup:  h.inGroup,
		Member:   h.member,
	}
	for i := range g.Commands {
		if g.Commands[i].Name == "help" {
			g.Commands[i].Handle = h.help(g)
		}
		if frozenCommands[g.Commands[i].Name] {
			g.Commands[i].Handle = h.unlessFrozen(g.Commands[i].Handle)
		}
		g.Commands[i].Handle = h.leaving(g.Commands[i].Handle)
	}
	for i := range g.Buttons {
		if frozenButtons[g.Buttons[i].Action] {
			g.Buttons[i].Handle = h.unlessFrozen(g.Buttons[i].Handle)
		}
		if g.Buttons[i].Action != groupAction {
			g.Buttons[i].Handle = h.inPrivate(g.Buttons[i].Handle)
		}
	}
	return g
}

// groupAction is the one action that a button in a group may call: the choice
// of a petition to read.
const groupAction = "petition"

// inPrivate keeps a button to the private chat. No other chat is offered it, but
// a modified client can press what it likes where it likes, and an answer about
// a person or a signer is for nobody else to read.
func (h *Handlers) inPrivate(handle telegram.Handler) telegram.Handler {
	return func(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
		if !r.Private() {
			return h.oldPress(ctx, r)
		}
		return handle(ctx, r)
	}
}

// message is a message with rows of buttons.
func message(text render.HTML, rows ...[]render.Button) render.Message {
	var kept [][]render.Button
	for _, r := range rows {
		if len(r) > 0 {
			kept = append(kept, r)
		}
	}
	return render.Message{Text: text, Buttons: kept}
}

func row(buttons ...render.Button) []render.Button { return buttons }

// button makes a button that calls an action.
func button(r *telegram.Request, l render.Label, action string, args ...string) render.Button {
	return render.Button{Label: r.Say.Label(l), Data: telegram.CallbackData(action, args...)}
}

// personButton makes a button that names a person, for the presser alone.
func (h *Handlers) personButton(r *telegram.Request, label, action string, id rollcall.PersonID) render.Button {
	return render.Button{Label: label, Data: personData(h.Keys, r.From, action, id)}
}

func personData(k *secret.Keys, user rollcall.UserID, action string, id rollcall.PersonID) string {
	return telegram.BoundCallbackData(k, user, action, strconv.FormatInt(int64(id), 36))
}

// OpenData is the data of a button that shows an entry's card to the account, for
// messages that are no answers.
func OpenData(k *secret.Keys, user rollcall.UserID, id rollcall.PersonID) string {
	return personData(k, user, "card", id)
}

// pressedPerson reads the argument of a bound button.
func pressedPerson(r *telegram.Request) rollcall.PersonID {
	if len(r.Press.Args) != 1 {
		return 0
	}
	n, _ := strconv.ParseInt(r.Press.Args[0], 36, 64)
	return rollcall.PersonID(n)
}

// pressedSlug reads the petition that a button is about; "" where there is none.
func pressedSlug(r *telegram.Request) string {
	if len(r.Press.Args) != 1 || !rollcall.ValidSlug(r.Press.Args[0]) {
		return ""
	}
	return r.Press.Args[0]
}
