package render

import (
	"bytes"
	"encoding/json"
	"time"

	"rollcall/internal/rollcall"
)

// MyDataInfo is what is kept about an account, for the words and for the file
// alike. Instants are UTC.
type MyDataInfo struct {
	At            time.Time         // when it was looked up
	Since         time.Time         // when the account was first kept so that it can be written to; zero where it is not
	Language      rollcall.Language // "" when none was chosen
	Watches       []MyDataWatch
	Wishes        []time.Time // since when it wishes to be told of somebody
	Subscriptions []MyDataSubscription
	Signatures    []MyDataSignature
	Messages      []MyDataMessage // owed to it or lately sent, of those that are no answers
	LookupsToday  int
	LateToday     int       // drawn past the roster's budget
	ShownInWeek   int       // different entries shown to the account in seven days
	ShownFall     time.Time // from when some of these no longer count; zero where there are none
	Reports       int       // of entries that the account has said are wrong
	Answered      int       // entries that a keeper has found right after such a report
	Acts          int       // as a keeper
}

// A MyDataWatch is a watched entry, by its id. No name stands with it, here or in
// the file: what a person is told about an account may be shown to others.
type MyDataWatch struct {
	Entry string    `json:"entry"`
	Since time.Time `json:"since"`
}

// A MyDataSubscription is a wish for digests.
type MyDataSubscription struct {
	Digest     string            `json:"digest"`
	Every      string            `json:"every"` // "daily" or "weekly"
	At         string            `json:"at"`    // local time
	Zone       string            `json:"zone"`  // IANA
	Language   rollcall.Language `json:"language"`
	QuietFrom  string            `json:"quiet_from,omitempty"`
	QuietUntil string            `json:"quiet_until,omitempty"`
	Silent     bool              `json:"silent"`
	Ended      string            `json:"ended,omitempty"` // why; "" while it runs
	Since      time.Time         `json:"since"`
}

// A MyDataSignature is a signature with the version of the consent text that was
// agreed to.
type MyDataSignature struct {
	Petition string `json:"petition"` // its slug
	Title    string `json:"title"`
	Consent  int    `json:"consent_version"`
}

// A MyDataMessage is a message by its state in the ledger of posts.
type MyDataMessage struct {
	State string    `json:"state"`
	Since time.Time `json:"since"`
}

// Nothing reports whether nothing is kept about the account.
func (v MyDataInfo) Nothing() bool {
	return v.onlyCounts() && v.LookupsToday == 0 && v.LateToday == 0 && v.ShownInWeek == 0
}

// onlyCounts reports whether nothing is kept but what the limits count.
func (v MyDataInfo) onlyCounts() bool {
	return v.Since.IsZero() && v.Language == "" && len(v.Signatures) == 0 && len(v.Watches) == 0 && len(v.Wishes) == 0 && len(v.Subscriptions) == 0 &&
		len(v.Messages) == 0 && v.Reports == 0 && v.Answered == 0 && v.Acts == 0
}

// MyData tells an account all that is kept about it.
func (p *Phrases) MyData(v MyDataInfo) HTML {
	if v.Nothing() {
		return p.html("mydata.nothing")
	}
	limits := []HTML{p.html("mydata.limits", arg{"Lookups", v.LookupsToday}, arg{"Shown", v.ShownInWeek})}
	if v.LateToday > 0 {
		limits = append(limits, p.html("mydata.late", arg{"Late", v.LateToday}))
	}
	if v.onlyCounts() {
		return lines(p.html("mydata.only_counts"), lines(limits...))
	}
	spoken := p.text("mydata.no_language")
	if v.Language != "" {
		spoken = p.Label(LanguageLabel(v.Language))
	}
	var watches, subscriptions, signatures []HTML
	for _, w := range v.Watches {
		watches = append(watches, p.html("mydata.watch", arg{"Entry", w.Entry}, arg{"Date", p.date(rollcall.DateOf(w.Since))}))
	}
	for _, s := range v.Subscriptions {
		quiet := ""
		if s.QuietFrom != "" {
			quiet = s.QuietFrom + "-" + s.QuietUntil
		}
		what, spoken := p.comes(s.Every, s.At, s.Zone, quiet, s.Silent), p.Label(LanguageLabel(s.Language))
		if s.Ended == "" {
			subscriptions = append(subscriptions, p.html("mydata.subscription", arg{"Digest", s.Digest}, arg{"What", what}, arg{"Language", spoken},
				arg{"Date", p.date(rollcall.DateOf(s.Since))}))
		} else {
			subscriptions = append(subscriptions, p.html("mydata.subscription_ended", arg{"Digest", s.Digest}, arg{"What", what}, arg{"Language", spoken},
				arg{"Date", p.date(rollcall.DateOf(s.Since))}))
		}
	}
	for _, s := range v.Signatures {
		signatures = append(signatures, p.html("mydata.signature", arg{"Title", s.Title}, arg{"Consent", s.Consent}))
	}
	kept := []HTML{
		p.html("mydata.head"),
		p.html("mydata.language", arg{"Language", spoken}),
		p.html("mydata.watches", arg{"Watches", len(watches)}), bullets(watches),
		p.html("mydata.wishes", arg{"Wishes", len(v.Wishes)}),
		p.html("mydata.subscriptions", arg{"Subscriptions", len(subscriptions)}), bullets(subscriptions),
	}
	if len(v.Messages) > 0 {
		kept = append(kept, p.html("mydata.messages", arg{"Messages", len(v.Messages)}))
	}
	if v.Reports > 0 {
		kept = append(kept, p.html("mydata.reports", arg{"Reports", v.Reports}))
	}
	if v.Answered > 0 {
		kept = append(kept, p.html("mydata.answered", arg{"Answered", v.Answered}))
	}
	kept = append(kept, limits...)
	if v.Acts > 0 {
		kept = append(kept, p.html("mydata.acts", arg{"Acts", v.Acts}))
	}
	if len(signatures) == 0 {
		return paragraphs(lines(kept...), p.html("mydata.no_signatures"))
	}
	return paragraphs(lines(kept...), lines(p.html("mydata.signatures"), bullets(signatures)), p.html("mydata.apart"))
}

// MyDataFileName is the name of the file that [Phrases.MyDataFile] makes.
const MyDataFileName = "mydata.json"

// MyDataFileCaption stands under the file: what it is, and what is not in it.
func (p *Phrases) MyDataFileCaption() HTML { return p.html("mydata.file") }

// MyDataFile is the same as MyData as an indented JSON object: for each kind of
// thing that is kept, its meaning in the language of p and its values, under keys
// that are the same in all languages. Lists are never null. The account's own
// number is not in it, nor any name of a listed person: a file is passed on and
// copied to other places more easily than a chat.
func (p *Phrases) MyDataFile(v MyDataInfo) []byte {
	type values struct {
		Meaning string `json:"meaning"`
		Items   any    `json:"items"`
	}
	orNull := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		return &t
	}
	var language *rollcall.Language
	if v.Language != "" {
		language = &v.Language
	}
	file := struct {
		About   string    `json:"about"`
		At      time.Time `json:"at"`
		Account struct {
			Meaning string     `json:"meaning"`
			Kept    bool       `json:"kept"`
			Since   *time.Time `json:"since"`
		} `json:"account"`
		Language struct {
			Meaning string             `json:"meaning"`
			Value   *rollcall.Language `json:"value"`
		} `json:"language"`
		Watches       values `json:"watches"`
		Wishes        values `json:"wishes"`
		Subscriptions values `json:"subscriptions"`
		Signatures    values `json:"signatures"`
		Messages      values `json:"messages"`
		Limits        struct {
			Meaning string     `json:"meaning"`
			Lookups int        `json:"lookups_today"`
			Late    int        `json:"past_roster_budget_today"`
			Shown   int        `json:"entries_shown_in_seven_days"`
			Fall    *time.Time `json:"entries_fall_from"`
		} `json:"limits"`
		Reports struct {
			Meaning string `json:"meaning"`
			Waiting int    `json:"waiting"`
		} `json:"reports"`
		Answered struct {
			Meaning string `json:"meaning"`
			Entries int    `json:"entries"`
		} `json:"answered_reports"`
		Keeper struct {
			Meaning string `json:"meaning"`
			Acts    int    `json:"acts"`
		} `json:"keeper"`
	}{About: p.text("mydata.means.file"), At: v.At}
	file.Account.Meaning, file.Account.Kept, file.Account.Since = p.text("mydata.means.account"), !v.Since.IsZero(), orNull(v.Since)
	file.Language.Meaning, file.Language.Value = p.text("mydata.means.language"), language
	file.Watches = values{p.text("mydata.means.watches"), append([]MyDataWatch{}, v.Watches...)}
	file.Wishes = values{p.text("mydata.means.wishes"), append([]time.Time{}, v.Wishes...)}
	file.Subscriptions = values{p.text("mydata.means.subscriptions"), append([]MyDataSubscription{}, v.Subscriptions...)}
	file.Signatures = values{p.text("mydata.means.signatures"), append([]MyDataSignature{}, v.Signatures...)}
	file.Messages = values{p.text("mydata.means.messages"), append([]MyDataMessage{}, v.Messages...)}
	file.Limits.Meaning = p.text("mydata.means.limits")
	file.Limits.Lookups, file.Limits.Late, file.Limits.Shown, file.Limits.Fall = v.LookupsToday, v.LateToday, v.ShownInWeek, orNull(v.ShownFall)
	file.Reports.Meaning, file.Reports.Waiting = p.text("mydata.means.reports"), v.Reports
	file.Answered.Meaning, file.Answered.Entries = p.text("mydata.means.answered"), v.Answered
	file.Keeper.Meaning, file.Keeper.Acts = p.text("mydata.means.keeper"), v.Acts
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // it is read by people, and by no browser
	e.SetIndent("", "  ")
	if err := e.Encode(file); err != nil {
		panic("render: plain values that cannot be written as JSON: " + err.Error())
	}
	return b.Bytes()
}
