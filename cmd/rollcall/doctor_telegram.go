package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"time"

	"rollcall/internal/config"
	"rollcall/internal/rollcall"
	"rollcall/internal/telegram"
)

// telegramChecks are those that ask Telegram, once the token is accepted.
type telegramChecks struct {
	d      *doctor
	client *telegram.Client // nil where Telegram cannot be asked
	needs  string           // the check for want of which there is none
	chats  map[rollcall.ChatID]chatAnswer
}

// A chatAnswer is what Telegram says of one chat; two digests may share it.
type chatAnswer struct {
	chat telegram.Chat
	is   telegram.Membership // zero in a private chat
	err  error
}

// telegram checks the way to Telegram, the clock, the token and the webhook.
func (d *doctor) telegram() *telegramChecks {
	tg := &telegramChecks{d: d, needs: "token", chats: map[rollcall.ChatID]chatAnswer{}}
	token, err := d.cfg.RequireToken()
	reached := false
	if d.offline {
		tg.needs = "Telegram (without --offline)"
		d.tell(skip("api", tg.needs), skip("clock", tg.needs))
	} else {
		api, clock := d.reach()
		d.tell(api, clock)
		reached = api.level == passed
	}
	switch {
	case err != nil:
		d.tell(fail("token", "@BotFather shows a bot's token; keep it in a file of mode 600 that "+config.EnvTokenFile+" names", "%v", err))
	case d.offline:
		settings := d.cfg.Effective() // the token comes last
		d.tell(pass("token", "of the right form, from %s; not shown to Telegram", settings[len(settings)-1].Source))
	case !reached:
		tg.needs = "api"
		d.tell(finding{level: skipped, check: "token", text: "of the right form; whether it is accepted needs api"})
	default:
		tg.client, err = telegram.NewClient(d.a.ctx, d.cfg.APIURL, token.Reveal())
		switch {
		case err == nil:
			d.tell(pass("token", "@%s", tg.client.Username))
		case telegram.Refused(err, telegram.BadToken):
			tg.client = nil
			d.tell(fail("token", "copy it anew from @BotFather (/token), or ask there for a new one (/revoke)", "Telegram does not accept it"))
		default:
			tg.client = nil
			d.tell(fail("token", later, "whether Telegram accepts it cannot be told: %v", err))
		}
	}
	d.tell(tg.webhook())
	return tg
}

// later is the hint where Telegram has failed in a way that tends to pass.
const later = "try again in a few minutes"

// Differences between this machine's clock and Telegram's that are warned of,
// and that are a failure.
const (
	clockOff   = 30 * time.Second
	clockWrong = 10 * time.Minute
)

// reach checks whether anything answers at the API's address, and the clock by
// that answer.
func (d *doctor) reach() (api, clock finding) {
	before := d.a.now()
	at, err := telegram.Reach(d.a.ctx, d.cfg.APIURL)
	after := d.a.now()
	host := apiHost(d.cfg.APIURL)
	if err != nil {
		hint := "see whether this machine reaches the internet, and what api_url and " + config.EnvAPIURL + " say; a proxy is named by HTTPS_PROXY"
		var invalid x509.CertificateInvalidError
		if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
			hint = "see whether this machine's clock is right: certificates are judged by it"
		}
		return fail("api", hint, "%s cannot be reached: %v", host, reason(err)), skip("clock", "api")
	}
	api = pass("api", "%s answers", host)
	if at.IsZero() {
		return api, finding{level: skipped, check: "clock", text: "the answer bears no time to compare with"}
	}
	return api, clockFinding(before, after, at)
}

// clockFinding compares the clock before and after a question with the time in
// its answer, which is in whole seconds.
func clockFinding(before, after, at time.Time) finding {
	const check, hint = "clock", "let the machine keep its clock by NTP (timedatectl set-ntp true): digests are posted by it"
	var off time.Duration // beyond what the way there and back explains
	way := "ahead of"
	switch {
	case before.After(at.Add(time.Second)):
		off = before.Sub(at.Add(time.Second))
	case after.Before(at):
		off, way = at.Sub(after), "behind"
	}
	text := fmt.Sprintf("%s %s Telegram's", off.Round(time.Second), way)
	switch {
	case off >= clockWrong:
		return fail(check, hint, "%s", text)
	case off >= clockOff:
		return warn(check, hint, "%s", text)
	case off >= time.Second:
		return pass(check, "%s", text)
	}
	return pass(check, "the same as Telegram's")
}

// apiHost is the server of an address, without an account or a path.
func apiHost(api string) string {
	u, err := url.Parse(api)
	if err != nil || u.Host == "" {
		return "the address of api_url"
	}
	return u.Scheme + "://" + u.Host
}

func (tg *telegramChecks) webhook() finding {
	const check = "webhook"
	if tg.client == nil {
		return skip(check, tg.needs)
	}
	set, err := tg.client.HasWebhook(tg.d.a.ctx)
	switch {
	case err != nil:
		return fail(check, later, "%v", err)
	case set:
		return fail(check, "end the program that uses this bot by a webhook, then call the method deleteWebhook with the token; or ask @BotFather for a bot of its own",
			"one is set, which keeps updates from rollcall serve")
	}
	return pass(check, "none is set")
}

// chat checks whether the bot may post in a digest's chat. key is where the id
// stands in the configuration.
func (tg *telegramChecks) chat(id rollcall.ChatID, check, key string) finding {
	if id == 0 {
		return skip(check, "configuration: "+key+" is not set")
	}
	if tg.client == nil {
		return skip(check, tg.needs)
	}
	a, asked := tg.chats[id]
	if !asked {
		a = tg.ask(id)
		tg.chats[id] = a
	}
	return chatFinding(check, key, tg.client.Username, id, a)
}

func (tg *telegramChecks) ask(id rollcall.ChatID) (a chatAnswer) {
	a.chat, a.err = tg.client.Chat(tg.d.a.ctx, id)
	if a.err == nil && a.chat.Type != "private" {
		a.is, a.err = tg.client.Membership(tg.d.a.ctx, id)
	}
	return a
}

// chatFinding judges what Telegram says of a chat. A private chat's id and
// title, which are a person's, are not told.
func chatFinding(check, key, bot string, id rollcall.ChatID, a chatAnswer) finding {
	named := fmt.Sprint(int64(id))
	if id.Private() {
		named = "the private chat"
	}
	switch {
	case telegram.Refused(a.err, telegram.ChatGone) && id.Private():
		return fail(check, "the person must write /start to @"+bot+" once; "+key+" of a channel or group is negative", "the bot knows no such private chat")
	case telegram.Refused(a.err, telegram.ChatGone):
		return fail(check, "correct "+key+": a channel's id begins with -100 and stands in its address in Telegram's web client; @"+bot+" must have been added there",
			"%s is not found", named)
	case telegram.Refused(a.err, telegram.NoRights), telegram.Refused(a.err, telegram.Blocked):
		return fail(check, "add @"+bot+" there again: to a channel as an administrator with the right to post messages, to a group as a member", "the bot is not in %s", named)
	case a.err != nil:
		return fail(check, later, "%v", a.err)
	case a.chat.Type == "private":
		return pass(check, "a private chat")
	}
	named = fmt.Sprintf("%s %q (%d)", a.chat.Type, printable(a.chat.Title), int64(id))
	switch {
	case a.chat.Type == "channel" && !a.is.MaySend("channel"):
		return fail(check, "give the right to post messages: in the channel's settings, make @"+bot+" an administrator with that right", "%s: the bot has no right to post", named)
	case !a.is.MaySend(a.chat.Type):
		return fail(check, "add @"+bot+" to the group, and let it send messages", "%s: the bot may not write there", named)
	case a.chat.Type == "channel" && a.is.Edit:
		return warn(check, "take away the right to edit others' messages: without it a lost answer can be settled", "%s: the bot may post, and edit others' messages, too", named)
	}
	return pass(check, "%s, the bot may post", named)
}
