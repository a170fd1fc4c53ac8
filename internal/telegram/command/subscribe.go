package command

import (
	"context"
	"slices"
	"strings"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/schedule"
	"rollcall/internal/store"
	"rollcall/internal/telegram"
)

// subscribe tells where the main digest can be read by anyone, and has it come in
// private: at once where how often, when and by which clock are all named, in any
// order, and else after asking for the rest.
func (h *Handlers) subscribe(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return h.beginSubscription(ctx, r, r.Args)
}

// pressDigests leads there too.
func (h *Handlers) pressDigests(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	return h.beginSubscription(ctx, r, "")
}

func (h *Handlers) beginSubscription(ctx context.Context, r *telegram.Request, args string) (telegram.Answer, error) {
	if len(h.Digests) == 0 {
		return r.Reply(message(r.Say.NoSubscription())), nil
	}
	had, err := h.DB.Subscription(ctx, r.From, h.Digests[0].Name)
	if err != nil && rollcall.CodeOf(err) != rollcall.NotFound {
		return telegram.Answer{}, err
	}
	var has *render.SubscriptionInfo
	if err == nil && had.Ended == "" {
		has = subscriptionInfo(had)
	}
	var link []telegram.Action
	if h.ChannelLink != "" {
		link = append(link, telegram.Say(r.Chat, message(r.Say.ChannelLink(h.ChannelLink))))
	}
	v, understood := subscriptionArgs(args)
	if len(v) == 3 && understood {
		// What was not named stays as it was.
		v["quiet"], v["sound"] = had.Quiet.String(), ""
		if had.Silent {
			v["sound"] = "silent"
		}
		a, err := h.subscribed(ctx, r, v)
		a.Actions = append(link, a.Actions...)
		return a, err
	}
	x := h.forms.begin(r.From, h.subscriptionForm(has), v, r.Now)
	x.next()
	return telegram.Answer{Actions: append(link, telegram.Say(r.Chat, h.question(r, x, !understood)))}, nil
}

func subscriptionInfo(s store.Subscription) *render.SubscriptionInfo {
	return &render.SubscriptionInfo{Edition: s.Edition, Quiet: s.Quiet, Silent: s.Silent}
}

// subscriptionArgs reads what stands behind /subscribe: a rhythm and a time, in any
// order and each where it is given, and a zone of what is left. understood is false
// where something is left that is none; the rest is taken even so.
func subscriptionArgs(args string) (v values, understood bool) {
	v, understood = values{}, true
	var place []string
	for word := range strings.FieldsSeq(args) {
		if every, ok := render.ParseRhythm(word); ok && v["every"] == "" {
			v["every"] = string(every)
		} else if at, ok := rollcall.ParseClockTime(word); ok && v["at"] == "" {
			v["at"] = at.String()
		} else {
			place = append(place, word)
		}
	}
	if len(place) > 0 {
		var zone string
		if zone, understood = schedule.FindZone(strings.Join(place, " ")); understood {
			v["zone"] = zone
		}
	}
	return v, understood
}

// offeredTimes are the times of day on buttons, and offeredZones the zones beside
// the main digest's own and UTC.
var (
	offeredTimes = []rollcall.ClockTime{7 * 60, 9 * 60, 12 * 60, 18 * 60, 20 * 60, 21 * 60}
	offeredZones = []string{"Europe/Kyiv", "Europe/Warsaw", "Europe/Berlin", "Europe/Moscow"}
	offeredQuiet = []rollcall.QuietHours{{From: 22 * 60, Until: 8 * 60}, {From: 23 * 60, Until: 7 * 60}}
)

// subscriptionForm asks for what is not known yet. has is what the account gets
// already, or nil.
func (h *Handlers) subscriptionForm(has *render.SubscriptionInfo) *form {
	unless := func(name string) func(values) bool {
		return func(v values) bool { return v[name] == "" }
	}
	return &form{access: telegram.Anyone,
		fields: []field{
			{name: "every", when: unless("every"), orLookup: true,
				ask: func(r *telegram.Request, _ values) render.HTML { return r.Say.AskRhythm(has) },
				options: func(r *telegram.Request, _ values) []option {
					return []option{{r.Say.Label(render.LabelDaily), string(rollcall.Daily)}, {r.Say.Label(render.LabelWeekly), string(rollcall.Weekly)}}
				},
				read: func(_ *telegram.Request, text string) (string, bool) {
					every, ok := render.ParseRhythm(text)
					return string(every), ok
				}},
			{name: "at", when: unless("at"), orLookup: true,
				ask: func(r *telegram.Request, _ values) render.HTML { return r.Say.AskTimeOfDay() },
				options: func(*telegram.Request, values) (list []option) {
					for _, t := range offeredTimes {
						list = append(list, option{t.String(), t.String()})
					}
					return list
				},
				read: func(_ *telegram.Request, text string) (string, bool) {
					at, ok := rollcall.ParseClockTime(text)
					return at.String(), ok
				}},
			{name: "zone", when: unless("zone"),
				ask:     func(r *telegram.Request, _ values) render.HTML { return r.Say.AskZone() },
				options: func(r *telegram.Request, _ values) []option { return h.zoneOptions(r) },
				read:    func(_ *telegram.Request, text string) (string, bool) { return schedule.FindZone(text) }},
			{name: "quiet", orLookup: true,
				ask: func(r *telegram.Request, _ values) render.HTML { return r.Say.AskQuietHours() },
				options: func(r *telegram.Request, _ values) []option {
					list := []option{{r.Say.Label(render.LabelNoQuietHours), ""}}
					for _, q := range offeredQuiet {
						list = append(list, option{q.String(), q.String()})
					}
					return list
				},
				read: func(_ *telegram.Request, text string) (string, bool) {
					q, ok := rollcall.ParseQuietHours(text)
					return q.String(), ok && !q.None()
				}},
			{name: "sound", orLookup: true,
				ask: func(r *telegram.Request, _ values) render.HTML { return r.Say.AskSound() },
				options: func(r *telegram.Request, _ values) []option {
					return []option{{r.Say.Label(render.LabelWithSound), ""}, {r.Say.Label(render.LabelSilent), "silent"}}
				}},
		},
		finish: h.subscribed,
	}
}

// zoneOptions are zones with what their clocks show: the main digest's first.
func (h *Handlers) zoneOptions(r *telegram.Request) (list []option) {
	zones := []string{"UTC"}
	if main := h.Digests[0].Zone; main != nil && main.String() != "UTC" {
		zones = []string{main.String(), "UTC"}
	}
	for _, z := range offeredZones {
		if !slices.Contains(zones, z) {
			zones = append(zones, z)
		}
	}
	for _, z := range zones {
		if loc, err := rollcall.LoadZone(z); err == nil {
			list = append(list, option{r.Say.ZoneLabel(z, r.Now.In(loc)), z})
		}
	}
	return list
}

// subscribed keeps what was answered, and says when the next digest comes.
func (h *Handlers) subscribed(_ context.Context, r *telegram.Request, v values) (telegram.Answer, error) {
	at, _ := rollcall.ParseClockTime(v["at"])
	quiet, _ := rollcall.ParseQuietHours(v["quiet"])
	s := store.Subscription{Digest: h.Digests[0].Name, Quiet: quiet, Silent: v["sound"] != "",
		Edition: rollcall.Edition{Every: rollcall.Rhythm(v["every"]), At: at, Zone: v["zone"], Language: r.Language}}
	when, err := schedule.ForEdition(s.Edition)
	if err != nil {
		return telegram.Answer{}, err
	}
	zone, err := rollcall.LoadZone(s.Zone)
	if err != nil {
		return telegram.Answer{}, err
	}
	next, _ := when.Next(r.Now)
	first := schedule.AfterQuiet(next.At, s.Quiet, zone).In(zone)
	return telegram.Answer{Effect: func(tx *store.Tx) ([]telegram.Action, error) {
		return []telegram.Action{r.Replacing(message(r.Say.Subscribed(*subscriptionInfo(s), first)))}, tx.Subscribe(r.From, s)
	}}, nil
}

// unsubscribe ends it without a question.
func (h *Handlers) unsubscribe(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	return telegram.Answer{Effect: func(tx *store.Tx) ([]telegram.Action, error) {
		was, err := tx.Unsubscribe(r.From)
		if err != nil {
			return nil, err
		}
		if !was {
			return []telegram.Action{telegram.Say(r.Chat, message(r.Say.NotSubscribed()))}, nil
		}
		return []telegram.Action{telegram.Say(r.Chat, message(r.Say.Unsubscribed()))}, nil
	}}, nil
}

// resume adds to an answer that the digests of one who had blocked the bot come
// again.
func (h *Handlers) resume(ctx context.Context, r *telegram.Request, a telegram.Answer) (telegram.Answer, error) {
	if len(h.Digests) == 0 {
		return a, nil
	}
	s, err := h.DB.Subscription(ctx, r.From, h.Digests[0].Name)
	if err != nil && rollcall.CodeOf(err) != rollcall.NotFound {
		return telegram.Answer{}, err
	}
	if s.Ended == "" {
		return a, nil
	}
	effect := a.Effect
	a.Effect = func(tx *store.Tx) (actions []telegram.Action, err error) {
		if effect != nil {
			if actions, err = effect(tx); err != nil {
				return nil, err
			}
		}
		revived, err := tx.RevivePeer(r.From)
		if revived {
			actions = append(actions, telegram.Say(r.Chat, message(r.Say.Resumed(*subscriptionInfo(s)))))
		}
		return actions, err
	}
	return a, nil
}
