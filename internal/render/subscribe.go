package render

import (
	"strings"
	"time"

	"rollcall/internal/rollcall"
)

// SubscriptionInfo is how digests come to an account.
type SubscriptionInfo struct {
	rollcall.Edition
	Quiet  rollcall.QuietHours
	Silent bool
}

// ChannelLink tells where the digests are posted for anyone to read.
func (p *Phrases) ChannelLink(link string) HTML {
	return p.html("subscribe.link", arg{"Link", link})
}

// AskRhythm asks how often a digest should come. has is what the account gets
// already, or nil.
func (p *Phrases) AskRhythm(has *SubscriptionInfo) HTML {
	if has == nil {
		return p.html("subscribe.every")
	}
	return paragraphs(p.html("subscribe.has", arg{"What", p.subscription(*has)}), p.html("subscribe.every"))
}

// ParseRhythm reads how often a digest should come, in the words of the buttons in
// any language or those of the command.
func ParseRhythm(text string) (every rollcall.Rhythm, ok bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	for every, label := range map[rollcall.Rhythm]Label{rollcall.Daily: LabelDaily, rollcall.Weekly: LabelWeekly} {
		if text == string(every) {
			return every, true
		}
		for _, p := range load() {
			if text == strings.ToLower(p.Label(label)) {
				return every, true
			}
		}
	}
	return "", false
}

// AskTimeOfDay asks when it should come.
func (p *Phrases) AskTimeOfDay() HTML { return p.html("subscribe.at") }

// AskZone asks by whose clock.
func (p *Phrases) AskZone() HTML { return p.html("subscribe.zone") }

// AskQuietHours asks when nothing should come.
func (p *Phrases) AskQuietHours() HTML { return p.html("subscribe.quiet") }

// AskSound asks whether it should sound.
func (p *Phrases) AskSound() HTML { return p.html("subscribe.sound") }

// ZoneLabel is a zone on a button with what its clock shows, as plain text: people
// know the time better than the name.
func (p *Phrases) ZoneLabel(zone string, now time.Time) string {
	return p.text("subscribe.zone_label", arg{"Zone", zone}, arg{"Time", now.Format("15:04")})
}

// Subscribed confirms how digests come from now on, and says when the next one
// does, in the location of next.
func (p *Phrases) Subscribed(s SubscriptionInfo, next time.Time) HTML {
	return lines(p.html("subscribe.done", arg{"What", p.subscription(s)}), p.html("subscribe.next", arg{"Time", p.Time(next)}))
}

// NoSubscription answers /subscribe where there is no digest.
func (p *Phrases) NoSubscription() HTML { return p.html("subscribe.none") }

// Resumed says that digests come again to one who has come back.
func (p *Phrases) Resumed(s SubscriptionInfo) HTML {
	return p.html("subscribe.resumed", arg{"What", p.subscription(s)})
}

// Unsubscribed confirms that no more digests come.
func (p *Phrases) Unsubscribed() HTML { return p.html("unsubscribe.done") }

// NotSubscribed answers /unsubscribe where none did.
func (p *Phrases) NotSubscribed() HTML { return p.html("unsubscribe.none") }

// MayHaveMissed says before the latest digest that the reader's own may have been
// lost.
func (p *Phrases) MayHaveMissed() HTML { return p.html("digest.missed") }

// subscription says how digests come, as part of a sentence.
func (p *Phrases) subscription(s SubscriptionInfo) HTML {
	return p.comes(string(s.Every), s.At.String(), s.Zone, s.Quiet.String(), s.Silent)
}

func (p *Phrases) comes(every, at, zone, quiet string, silent bool) HTML {
	var text HTML
	if every == string(rollcall.Weekly) {
		text = p.html("subscribe.weekly", arg{"At", at}, arg{"Zone", zone})
	} else {
		text = p.html("subscribe.daily", arg{"At", at}, arg{"Zone", zone})
	}
	if quiet != "" {
		text += ", " + p.html("subscribe.quiet_hours", arg{"Quiet", quiet})
	}
	if silent {
		text += ", " + p.html("subscribe.silent")
	}
	return text
}
