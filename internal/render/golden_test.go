package render

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"rollcall/internal/rollcall"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var (
	kyiv = func() *time.Location {
		loc, err := time.LoadLocation("Europe/Kyiv")
		if err != nil {
			panic(err)
		}
		return loc
	}()
	sampleDate    = rollcall.Date{Year: 2026, Month: time.May, Day: 3}
	samplePerson  = rollcall.Person{PublicID: "EX-0017", FullName: "Прикладенко Марія Зразківна", BirthYear: 1990}
	asked         = time.Date(2026, time.May, 3, 12, 0, 0, 0, kyiv)
	sampleTracing = []Link{{"ICRC Family Links", "https://familylinks.icrc.org"}, {"Sample <Tracing> Office", ""}}
	sampleClaims  = []rollcall.Claim{
		{Status: rollcall.Missing, Date: rollcall.Date{Year: 2026, Month: time.March, Day: 21}, Source: "Зразковий <Центр>"},
		{Status: rollcall.ReportedHeld, Date: sampleDate, Source: "Sample Bureau", SourceURL: "https://example.org/s?a=1&b=2"},
	}
	samplePetition = rollcall.Petition{
		Slug: "sample", Opens: time.Date(2026, 6, 1, 6, 0, 0, 0, time.UTC), Closes: time.Date(2026, 11, 24, 16, 0, 0, 0, time.UTC),
		Goal: 10000, Organiser: "Example Group", Addressee: "Sample Assembly <Committee>",
		Title: map[rollcall.Language]string{rollcall.English: "Open the sample register", rollcall.Ukrainian: "Відкрити зразковий реєстр",
			rollcall.Russian: "Открыть образцовый реестр"},
		Text: map[rollcall.Language]string{rollcall.English: "We ask the Sample Assembly to open the register.\n\nThis text is invented & holds <no> demand.",
			rollcall.Ukrainian: "Просимо Зразкові збори відкрити реєстр.\n\nЦей текст вигаданий & не містить <вимог>.",
			rollcall.Russian:   "Просим Образцовое собрание открыть реестр.\n\nЭтот текст вымышлен & не содержит <требований>."},
	}
	sampleTally = rollcall.Tally{Signed: 1260, Withdrawn: 41, Voided: 15}
	sampleGoal  = rollcall.Goal{Count: 10000, First: 10000, Was: 10000}
	samplePage  = PetitionPage{Petition: samplePetition, Goal: sampleGoal, State: rollcall.Open, Tally: sampleTally, Zone: kyiv}
	sampleSides = map[rollcall.Side]string{rollcall.SideA: "Northland <N>"}
	sampleRound = rollcall.Round{Title: "Round of June 2026", Figures: []rollcall.RoundFigure{
		{Side: rollcall.SideA, Stage: rollcall.Proposed, Count: 1200, AtLeast: true, Date: rollcall.Date{Year: 2026, Month: time.June, Day: 2}, Source: "Sample Bureau", SourceURL: "https://example.org/r"},
		{Side: rollcall.SideA, Stage: rollcall.Proposed, Count: 1000, Date: rollcall.Date{Year: 2026, Month: time.June, Day: 4}, Source: "Зразковий Центр"},
		{Side: rollcall.SideB, Stage: rollcall.CarriedOut, Count: 3, Date: rollcall.Date{Year: 2026, Month: time.June, Day: 9}, Source: "Sample Bureau"},
		{Side: rollcall.SideA, Stage: rollcall.CarriedOut, Count: 21, AtLeast: true, Date: rollcall.Date{Year: 2026, Month: time.June, Day: 9}, Source: "Sample Bureau"},
	}}
	sampleCorrections = []rollcall.Correction{
		{Round: sampleRound.Title, Was: withCount(sampleRound.Figures[1], 2), Now: sampleRound.Figures[1], At: time.Date(2026, 11, 18, 9, 0, 0, 0, time.UTC)},
		{Round: "Round of <May> 2026", Was: withCount(sampleRound.Figures[0], 21), Now: withCount(sampleRound.Figures[0], 1), At: time.Date(2026, 11, 18, 22, 30, 0, 0, time.UTC)},
		{Round: sampleRound.Title, Was: withCount(sampleRound.Figures[3], 101), Withdrawn: true, At: time.Date(2026, 12, 31, 21, 0, 0, 0, time.UTC)},
	}
	sampleDigest = rollcall.Digest{
		Name: "weekly", Number: 47, Zone: kyiv, Late: true,
		From: time.Date(2026, 11, 16, 0, 0, 0, 0, kyiv), To: time.Date(2026, 11, 23, 0, 0, 0, 0, kyiv),
		People: []rollcall.StatusFigure{
			{Status: rollcall.Missing, Count: 801, Was: 789},
			{Status: rollcall.ReportedHeld, Count: 312, Was: 318},
			{Status: rollcall.ConfirmedHeld, Count: 96, Was: 94},
			{Status: rollcall.SaidNotIncluded, Count: 3, Was: 14},
			{Status: rollcall.Returned, Count: 21, Was: 21},
			{Status: rollcall.Deceased, Count: 77, Was: 66},
			{Status: rollcall.Unknown, Count: 0, Was: 2},
		},
		Total: 1234, TotalWas: 1222, PriorSeen: true,
		Rounds: []rollcall.Round{sampleRound},
		Petitions: []rollcall.PetitionFigures{{Slug: "sample", Title: samplePetition.Title, State: rollcall.Open, Closes: samplePetition.Closes,
			Goal: 10000, Tally: sampleTally, Since: rollcall.Tally{Signed: 87, Withdrawn: 3, Voided: 1}}},
	}

	sampleSubscription = SubscriptionInfo{Edition: rollcall.Edition{Every: rollcall.Weekly, At: 18*60 + 30, Zone: "Europe/Kyiv"},
		Quiet: rollcall.QuietHours{From: 22 * 60, Until: 8 * 60}, Silent: true}

	limitEnds = time.Date(2026, 11, 25, 2, 0, 0, 0, kyiv)
)

func withCount(f rollcall.RoundFigure, n int) rollcall.RoundFigure {
	f.Count = n
	return f
}

// A goldenCase is a message to be read. A long one may pass 600 characters,
// since its length is that of its data.
type goldenCase struct {
	name string
	text func(*Phrases) HTML
	long bool
}

func words(s string) HTML { return Escape(s) }

// goldens hold each exported text of Phrases, under the name of its method.
var goldens = map[string][]goldenCase{
	"lookup": {
		{"Start", func(p *Phrases) HTML { return p.Start("Example <Group>", "https://example.org/contact") }, false},
		{"Start without operator", func(p *Phrases) HTML { return p.Start("", "") }, false},
		{"FindPrompt", (*Phrases).FindPrompt, false},
		{"OnePartPrompt", (*Phrases).OnePartPrompt, false},
		{"NothingFound", func(p *Phrases) HTML { return p.NothingFound(sampleTracing) }, false},
		{"Tracing", func(p *Phrases) HTML { return p.Tracing(sampleTracing) }, false},
		{"AddDetail", (*Phrases).AddDetail, false},
		{"Choose", (*Phrases).Choose, false},
		{"ChoiceLabel", func(p *Phrases) HTML { return words(p.ChoiceLabel(samplePerson)) }, false},
		{"ChoiceLabel of a long name", func(p *Phrases) HTML {
			return words(p.ChoiceLabel(rollcall.Person{FullName: strings.Repeat("Прикладенко ", 9), BirthYear: 1990}))
		}, false},
		{"Why", func(p *Phrases) HTML {
			return p.Why([]Reason{
				{ReasonSame, "Марія", "Марія"}, {ReasonScript, "Mariya", "Марія"}, {ReasonLanguage, "Мария", "Марія"}, {ReasonShort, "Маша", "Марія"},
				{ReasonEnding, "Зразковський", "Зразковська"}, {ReasonHalf, "Зразко", "Зразко-<Приклад>"}, {ReasonInitial, "М.", "Марія"},
				{ReasonNotListed, "Іванівна", ""}, {ReasonSlip, "Мврія", "Марія"}, {ReasonContradicts, "Олена", ""},
				{Kind: ReasonYear}, {Kind: ReasonNoYear}, {Kind: ReasonOtherYear},
			})
		}, true},
		{"DidYouMean", func(p *Phrases) HTML {
			return p.DidYouMean([]string{"Прикладенко Марія", "Приклад & <Ко>"})
		}, false},
		{"Card", func(p *Phrases) HTML { return p.Card(samplePerson, sampleClaims, sampleTracing) }, false},
		{"Card without year", func(p *Phrases) HTML {
			return p.Card(rollcall.Person{FullName: "Example <b>Maria</b>\nAccording to nobody"}, sampleClaims[:1], nil)
		}, false},
		{"NeedYearPrompt", (*Phrases).NeedYearPrompt, false},
		{"HardStatement", func(p *Phrases) HTML { return p.HardStatement(sampleTracing) }, false},
		{"StatusLabel", func(p *Phrases) HTML {
			var list []HTML
			for _, s := range rollcall.Statuses {
				list = append(list, words(string(s)+" = "+p.StatusLabel(s)))
			}
			return lines(list...)
		}, false},
		{"Watching", (*Phrases).Watching, false},
		{"Watches, WatchedLabel", func(p *Phrases) HTML {
			var all []HTML
			for _, n := range []int{0, 1, 2, 5, 21} {
				var labels []string
				for i := range n {
					labels = append(labels, p.WatchedLabel(i+1, rollcall.Person{FullName: "Example <Maria>", BirthYear: 1990}, i%2 == 0))
				}
				all = append(all, p.Watches(labels))
			}
			return paragraphs(all...)
		}, true},
		{"WatchStopped", (*Phrases).WatchStopped, false},
		{"WatchNews", (*Phrases).WatchNews, false},
		{"WatchNewsOnMany", func(p *Phrases) HTML {
			return lines(p.WatchNewsOnMany(4), p.WatchNewsOnMany(5), p.WatchNewsOnMany(21))
		}, false},
		{"WishNoted", (*Phrases).WishNoted, false},
		{"WishGone", (*Phrases).WishGone, false},
		{"WishesToday", func(p *Phrases) HTML { return lines(p.WishesToday(1), p.WishesToday(3), p.WishesToday(5)) }, false},
		{"WishNews", func(p *Phrases) HTML { return p.WishNews(asked) }, false},
		{"WishNewsOnMany", func(p *Phrases) HTML { return p.WishNewsOnMany(asked) }, false},
		{"WatchesAndWishes, WishLabel", func(p *Phrases) HTML {
			return p.WatchesAndWishes([]string{p.WatchedLabel(1, samplePerson, true)}, []string{p.WishLabel(2, asked), p.WishLabel(3, asked)})
		}, false},
		{"WatchesAndWishes, no watch", func(p *Phrases) HTML { return p.WatchesAndWishes(nil, []string{p.WishLabel(1, asked)}) }, false},
		{"WishWaiting", (*Phrases).WishWaiting, false},
		{"WishStopped", (*Phrases).WishStopped, false},
		{"WatchLimit", func(p *Phrases) HTML { return lines(p.WatchLimit(1), p.WatchLimit(3), p.WatchLimit(20)) }, true},
		{"AskWhatIsWrong", (*Phrases).AskWhatIsWrong, false},
		{"WrongLimit", func(p *Phrases) HTML { return lines(p.WrongLimit(1), p.WrongLimit(3), p.WrongLimit(5)) }, false},
		{"WrongNoted", func(p *Phrases) HTML { return p.WrongNoted("https://example.org/contact") }, false},
		{"PhotoDeclined", (*Phrases).PhotoDeclined, false},
		{"NotUnderstood", (*Phrases).NotUnderstood, false},
		{"TooLong", (*Phrases).TooLong, false},
		{"OnlyInPrivate", (*Phrases).OnlyInPrivate, false},
		{"OldButton", (*Phrases).OldButton, false},
		{"ButtonNotForYou", (*Phrases).ButtonNotForYou, false},
		{"UnknownCommand", (*Phrases).UnknownCommand, false},
		{"NotModified", (*Phrases).NotModified, false},
		{"Error", func(p *Phrases) HTML { return p.Error("7F3A-22") }, false},
		{"LimitReached, DayLimit", func(p *Phrases) HTML { return p.LimitReached(DayLimit, limitEnds, "https://example.org/contact") }, false},
		{"LimitReached, WeekLimit", func(p *Phrases) HTML { return p.LimitReached(WeekLimit, limitEnds, "https://example.org/contact") }, false},
		{"LimitReached, RosterLimit", func(p *Phrases) HTML { return p.LimitReached(RosterLimit, limitEnds, "https://example.org/contact") }, false},
		{"LimitReached, FullOnly", func(p *Phrases) HTML { return p.LimitReached(FullOnly, limitEnds, "https://example.org/contact") }, false},
		{"LimitReached without contact", func(p *Phrases) HTML { return p.LimitReached(DayLimit, limitEnds, "") }, false},
		{"NothingInFull", func(p *Phrases) HTML { return p.NothingInFull(sampleTracing, limitEnds, "https://example.org/contact") }, true},
	},
	"menu": {
		{"Label", func(p *Phrases) HTML {
			var list []HTML
			for l, k := range labelKeys {
				list = append(list, words(string(k)+" = "+p.Label(Label(l))))
			}
			return lines(list...)
		}, true},
		{"About", func(p *Phrases) HTML {
			long, short := p.About()
			return Escape(long + "\n\n" + short)
		}, true},
		{"CommandDescription, Help", func(p *Phrases) HTML {
			var list []HelpLine
			for _, c := range strings.Fields("start find watches petition sign withdraw receipt subscribe unsubscribe digest rounds privacy mydata erase lang help " +
				"import add edit claim round hide show takedown queue preview stats freeze unfreeze announce") {
				list = append(list, HelpLine{c, p.CommandDescription(c)})
			}
			return p.Help(list)
		}, true},
		{"Language, ChooseLanguage", (*Phrases).ChooseLanguage, false},
		{"LanguageSet", (*Phrases).LanguageSet, false},
	},
	"petition": {
		{"PetitionPage", func(p *Phrases) HTML { return p.PetitionPage(samplePage) }, true},
		{"PetitionPage upcoming", func(p *Phrases) HTML {
			return p.PetitionPage(PetitionPage{Petition: samplePetition, Goal: sampleGoal, State: rollcall.Upcoming})
		}, true},
		{"PetitionPage closed", func(p *Phrases) HTML {
			return p.PetitionPage(PetitionPage{Petition: samplePetition, Goal: sampleGoal, State: rollcall.Closed, Tally: rollcall.Tally{Signed: 21}, Zone: kyiv})
		}, true},
		{"PetitionPage closed early", func(p *Phrases) HTML {
			return p.PetitionPage(PetitionPage{Petition: samplePetition, Goal: sampleGoal, State: rollcall.Closed, Tally: rollcall.Tally{Signed: 2},
				ClosedEarly: time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC), Zone: kyiv})
		}, true},
		{"PetitionPage with a goal", func(p *Phrases) HTML {
			goal := func(count, was, first int) HTML {
				return p.goal(rollcall.Goal{Count: count, Was: was, First: first, RaisedAt: time.Date(2026, 5, 2, 21, 30, 0, 0, time.UTC)}, kyiv)
			}
			return lines(p.goal(rollcall.Goal{}, kyiv), goal(50000, 25000, 25000), goal(50000, 25000, 10000), goal(50000, 25000, 0), goal(50000, 0, 0))
		}, false},
		{"ChoosePetition", (*Phrases).ChoosePetition, false},
		{"NoPetition", (*Phrases).NoPetition, false},
		{"UnknownPetition", (*Phrases).UnknownPetition, false},
		{"NotYetOpen, Time", func(p *Phrases) HTML { return p.NotYetOpen(samplePetition.Opens.In(kyiv)) }, false},
		{"PetitionClosed", (*Phrases).PetitionClosed, false},
		{"Consent", func(p *Phrases) HTML { return p.Consent("Open the <sample> register", 720*time.Hour) }, false},
		{"Consent for 21 days", func(p *Phrases) HTML { return p.Consent("Sample", 21*day) }, false},
		{"Recorded", func(p *Phrases) HTML { return p.Recorded(24 * time.Hour) }, false},
		{"Recorded within a minute", func(p *Phrases) HTML { return p.Recorded(time.Minute) }, false},
		{"AlreadySigned", (*Phrases).AlreadySigned, false},
		{"SignatureVoided", (*Phrases).SignatureVoided, false},
		{"SigningHalted", (*Phrases).SigningHalted, false},
		{"SigningDeclined", (*Phrases).SigningDeclined, false},
		{"NotSigned", (*Phrases).NotSigned, false},
		{"ConfirmWithdraw", func(p *Phrases) HTML { return p.ConfirmWithdraw("Open the <sample> register") }, false},
		{"WithdrawnUncounted", func(p *Phrases) HTML { return p.WithdrawnUncounted() }, false},
		{"WithdrawnHalted", func(p *Phrases) HTML { return p.WithdrawnHalted() }, false},
		{"WithdrawnVoided", func(p *Phrases) HTML { return p.WithdrawnVoided() }, false},
		{"Withdrawn", func(p *Phrases) HTML { return p.Withdrawn(24 * time.Hour) }, false},
		{"WithdrawDeclined", (*Phrases).WithdrawDeclined, false},
		{"CheckCount", func(p *Phrases) HTML {
			return p.CheckCount(rollcall.In(samplePetition.Title, p.lang), sampleTally, "rollcall.example.org/sample\n1302\nAAAA\n\n— rollcall.example.org/sample BBBB\n", "rollcall.example.org/sample+00000000+CCCC")
		}, true},
		{"LogBeingMade", (*Phrases).LogBeingMade, false},
		{"LogFiles", (*Phrases).LogFiles, false},
		{"LogTooLong", func(p *Phrases) HTML { return p.LogTooLong("https://example.org/contact") }, false},
		{"Receipt", func(p *Phrases) HTML {
			return p.Receipt(rollcall.In(samplePetition.Title, p.lang), 7_100_000_001, 812, false)
		}, false},
		{"Receipt of a voided signature", func(p *Phrases) HTML {
			return p.Receipt(rollcall.In(samplePetition.Title, p.lang), 7_100_000_001, 812, true)
		}, true},
		{"ReceiptNotYet", func(p *Phrases) HTML { return p.ReceiptNotYet(24 * time.Hour) }, false},
		{"Discarded", (*Phrases).Discarded, false},
		{"ShareText", func(p *Phrases) HTML { return words(p.ShareText(rollcall.In(samplePetition.Title, p.Language()))) }, false},
		{"MilestoneReached", func(p *Phrases) HTML { return p.MilestoneReached("Sample", 1000, 1004) }, false},
	},
	"digest": {
		{"Digest", func(p *Phrases) HTML { return p.Digest(sampleDigest, sampleSides) }, true},
		{"Digest, the first", func(p *Phrases) HTML {
			d := sampleDigest
			d.Number, d.From, d.Late, d.PriorSeen, d.Rounds = 1, time.Time{}, false, false, nil
			return p.Digest(d, nil)
		}, true},
		{"Digest of hours, petitions closed and upcoming", func(p *Phrases) HTML {
			d := sampleDigest
			d.From, d.To = time.Date(2026, 11, 22, 9, 0, 0, 0, kyiv), time.Date(2026, 11, 22, 12, 0, 0, 0, kyiv)
			d.Late, d.People, d.Rounds = false, nil, nil
			open, closed, upcoming := d.Petitions[0], d.Petitions[0], d.Petitions[0]
			closed.State, closed.Goal, upcoming.State = rollcall.Closed, 1000, rollcall.Upcoming
			upcoming.Tally, upcoming.Since = rollcall.Tally{}, rollcall.Tally{}
			d.Petitions = []rollcall.PetitionFigures{open, closed, upcoming}
			return p.Digest(d, nil)
		}, true},
		{"Digest at a slow pace", func(p *Phrases) HTML {
			d := sampleDigest
			d.People, d.Rounds = nil, nil
			f := d.Petitions[0]
			f.Tally, f.Since = rollcall.Tally{Signed: 5}, rollcall.Tally{Signed: 2}
			d.Petitions = []rollcall.PetitionFigures{f}
			return p.Digest(d, nil)
		}, true},
		{"Digest with a raised goal", func(p *Phrases) HTML {
			d := sampleDigest
			d.People, d.Rounds = nil, nil
			f := d.Petitions[0]
			f.GoalWas = 5000
			d.Petitions = []rollcall.PetitionFigures{f}
			return p.Digest(d, nil)
		}, true},
		{"DigestTitle", func(p *Phrases) HTML { return words(p.DigestTitle(sampleDigest)) }, false},
		{"Digest with all its parts", func(p *Phrases) HTML {
			d := sampleDigest
			d.From, d.To = time.Date(2026, 11, 7, 9, 0, 0, 0, kyiv), time.Date(2026, 11, 22, 9, 0, 0, 0, kyiv)
			d.Corrections = sampleCorrections
			f := d.Petitions[0]
			f.Goal, f.Closes, f.Checkpoint = 1400, time.Date(2027, 2, 1, 16, 0, 0, 0, time.UTC), "rollcall.example.org/sample\n1318\nq1B<="
			d.Petitions = []rollcall.PetitionFigures{f}
			return p.Digest(d, sampleSides)
		}, true},
		{"Digest of a day, with little of each", func(p *Phrases) HTML {
			d := sampleDigest
			d.Number, d.Late, d.Rounds, d.Corrections = 2, false, nil, sampleCorrections[2:]
			d.From, d.To = time.Date(2026, 12, 31, 9, 0, 0, 0, kyiv), time.Date(2027, 1, 1, 9, 0, 0, 0, kyiv)
			d.Total, d.TotalWas, d.People = 21, 22, []rollcall.StatusFigure{{Status: rollcall.Missing, Count: 21, Was: 15}}
			f := d.Petitions[0]
			f.Closes, f.Tally, f.Since = time.Date(2027, 2, 1, 16, 0, 0, 0, time.UTC), rollcall.Tally{Signed: 1}, rollcall.Tally{Signed: 1}
			d.Petitions = []rollcall.PetitionFigures{f}
			return p.Digest(d, sampleSides)
		}, true},
		{"Digest of people alone", func(p *Phrases) HTML {
			d := sampleDigest
			d.Sections, d.Rounds, d.Petitions = rollcall.Sections{rollcall.PeopleSection}, nil, nil
			return p.Digest(d, sampleSides)
		}, true},
		{"Digest of rounds and corrections", func(p *Phrases) HTML {
			d := sampleDigest
			d.Sections = rollcall.Sections{rollcall.RoundsSection, rollcall.CorrectionsSection}
			d.People, d.Total, d.TotalWas, d.PriorSeen, d.Petitions = nil, 0, 0, false, nil
			d.Late, d.Corrections = false, sampleCorrections[:1]
			return p.Digest(d, sampleSides)
		}, true},
		{"Digest of a petition alone", func(p *Phrases) HTML {
			d := sampleDigest
			d.Sections = rollcall.Sections{rollcall.PetitionSection}
			d.People, d.Total, d.TotalWas, d.PriorSeen, d.Rounds = nil, 0, 0, false, nil
			return p.Digest(d, sampleSides)
		}, false},
		{"Digest that tells of a petition for the first time", func(p *Phrases) HTML {
			d := sampleDigest
			d.Sections = rollcall.Sections{rollcall.PetitionSection}
			d.People, d.Total, d.TotalWas, d.PriorSeen, d.Rounds = nil, 0, 0, false, nil
			f := d.Petitions[0]
			f.Since, f.SinceUnknown = f.Tally, true
			d.Petitions = []rollcall.PetitionFigures{f}
			return p.Digest(d, sampleSides)
		}, false},
		{"Digest of a petition while there is none", func(p *Phrases) HTML {
			return p.Digest(rollcall.Digest{Number: 48, From: sampleDigest.From, To: sampleDigest.To, Zone: kyiv,
				Sections: rollcall.Sections{rollcall.PetitionSection}}, sampleSides)
		}, false},
		{"Correction", func(p *Phrases) HTML {
			var list []HTML
			for _, c := range sampleCorrections {
				list = append(list, p.Correction(c, sampleSides, c.At.In(kyiv)))
			}
			return paragraphs(list...)
		}, true},
		{"ChartTitle, ChartGoal", func(p *Phrases) HTML {
			return lines(words(p.ChartTitle()), words(p.ChartGoal()))
		}, false},
		{"NoDigestYet", (*Phrases).NoDigestYet, false},
		{"MayHaveMissed", (*Phrases).MayHaveMissed, false},
		{"ChannelLink", func(p *Phrases) HTML { return p.ChannelLink("https://t.me/example_channel?a=1&b=2") }, false},
		{"AskRhythm", func(p *Phrases) HTML { return p.AskRhythm(nil) }, false},
		{"AskRhythm of one who gets digests", func(p *Phrases) HTML { return p.AskRhythm(&sampleSubscription) }, false},
		{"AskTimeOfDay", (*Phrases).AskTimeOfDay, false},
		{"AskZone", (*Phrases).AskZone, false},
		{"ZoneLabel", func(p *Phrases) HTML { return words(p.ZoneLabel("Europe/Kyiv", asked)) }, false},
		{"AskQuietHours", (*Phrases).AskQuietHours, false},
		{"AskSound", (*Phrases).AskSound, false},
		{"Subscribed", func(p *Phrases) HTML { return p.Subscribed(sampleSubscription, asked) }, false},
		{"Subscribed, every day", func(p *Phrases) HTML {
			return p.Subscribed(SubscriptionInfo{Edition: rollcall.Edition{Every: rollcall.Daily, At: 7 * 60, Zone: "UTC"}}, asked.UTC())
		}, false},
		{"NoSubscription", (*Phrases).NoSubscription, false},
		{"Resumed", func(p *Phrases) HTML { return p.Resumed(sampleSubscription) }, false},
		{"Unsubscribed", (*Phrases).Unsubscribed, false},
		{"NotSubscribed", (*Phrases).NotSubscribed, false},
		{"Rounds", func(p *Phrases) HTML {
			return p.Rounds([]rollcall.Round{sampleRound, {Title: "Round of July 2026 <b>"}}, sampleSides)
		}, true},
		{"NoRounds", (*Phrases).NoRounds, false},
	},
	"account": {
		{"Privacy", func(p *Phrases) HTML {
			return p.Privacy(PrivacyInfo{Operator: "Example <Group>", Contact: "https://example.org/contact", Retention: 720 * time.Hour})
		}, true},
		{"MyData", func(p *Phrases) HTML { return p.MyData(sampleKept(p.Language())) }, true},
		{"MyData without signatures", func(p *Phrases) HTML {
			return p.MyData(MyDataInfo{Since: keptSince, Watches: sampleKept("").Watches})
		}, false},
		{"MyData, only what the limits count", func(p *Phrases) HTML { return p.MyData(MyDataInfo{LookupsToday: 3, ShownInWeek: 21}) }, false},
		{"MyDataFileCaption", (*Phrases).MyDataFileCaption, false},
		{"MyDataFile", func(p *Phrases) HTML { return Escape(string(p.MyDataFile(sampleKept(p.Language())))) }, true},
		{"MyDataFile of nothing", func(p *Phrases) HTML { return Escape(string(p.MyDataFile(MyDataInfo{At: keptSince}))) }, true},
		{"NothingKept", func(p *Phrases) HTML { return p.MyData(MyDataInfo{}) }, false},
		{"EraseConfirm", (*Phrases).EraseConfirm, false},
		{"Erased", (*Phrases).Erased, false},
		{"EraseDeclined", (*Phrases).EraseDeclined, false},
	},
	"form": {
		{"FormBad", (*Phrases).FormBad, false},
		{"FormOver", (*Phrases).FormOver, false},
		{"FormGivenUp", (*Phrases).FormGivenUp, false},
		{"AskSource", (*Phrases).AskSource, false},
		{"AskSourceURL", (*Phrases).AskSourceURL, false},
		{"AskDate", (*Phrases).AskDate, false},
		{"AskStatus", (*Phrases).AskStatus, false},
		{"AskFullName", (*Phrases).AskFullName, false},
		{"AskBirthYear", (*Phrases).AskBirthYear, false},
		{"EditHelp", (*Phrases).EditHelp, false},
		{"AskWhatToCorrect", func(p *Phrases) HTML { return p.AskWhatToCorrect(samplePerson) }, false},
		{"ConfirmCorrection", func(p *Phrases) HTML {
			to := samplePerson
			to.FullName, to.BirthYear = "Прикладенко <Марія>", 0
			return p.ConfirmCorrection(samplePerson, to)
		}, false},
		{"Corrected", func(p *Phrases) HTML { return p.Corrected(samplePerson) }, false},
		{"EntryInReview", (*Phrases).EntryInReview, false},
		{"ConfirmEntry", func(p *Phrases) HTML { return p.ConfirmEntry(samplePerson, sampleClaims[0]) }, false},
		{"EntryAdded", func(p *Phrases) HTML { return p.EntryAdded(samplePerson) }, false},
		{"ClaimHelp", (*Phrases).ClaimHelp, false},
		{"ConfirmClaim", func(p *Phrases) HTML { return p.ConfirmClaim(samplePerson, sampleClaims[1]) }, false},
		{"ClaimAdded", func(p *Phrases) HTML {
			return lines(p.ClaimAdded(samplePerson, false), p.ClaimAdded(samplePerson, true))
		}, false},
		{"ImportRunning", (*Phrases).ImportRunning, false},
		{"AskRound", (*Phrases).AskRound, false},
		{"AskSide", (*Phrases).AskSide, false},
		{"AskStage", (*Phrases).AskStage, false},
		{"AskFigure", (*Phrases).AskFigure, false},
		{"AskAtLeast", (*Phrases).AskAtLeast, false},
		{"SideLabel, StageLabel, RoundLabel", func(p *Phrases) HTML {
			list := []HTML{words(p.SideLabel(rollcall.SideA, sampleSides)), words(p.SideLabel(rollcall.SideB, sampleSides)), words(p.RoundLabel(strings.Repeat("Round ", 20)))}
			for _, s := range rollcall.Stages {
				list = append(list, words(p.StageLabel(s)))
			}
			return lines(list...)
		}, false},
		{"ConfirmFigure", func(p *Phrases) HTML { return p.ConfirmFigure(sampleRound.Title, sampleRound.Figures[0], sampleSides) }, false},
		{"FigureSaved", (*Phrases).FigureSaved, false},
		{"AskFigureOrWithdraw, WithdrawLabel", func(p *Phrases) HTML {
			long := sampleRound.Figures[0]
			long.Source = strings.Repeat("Sample & Bureau ", 9)
			return paragraphs(p.AskFigureOrWithdraw(), lines(words(p.WithdrawLabel(sampleRound.Figures[2])), words(p.WithdrawLabel(long))))
		}, false},
		{"ConfirmReplacing", func(p *Phrases) HTML {
			f := sampleRound.Figures[1]
			return paragraphs(p.ConfirmReplacing(sampleRound.Title, withCount(f, 21), f, sampleSides), p.ConfirmReplacing(sampleRound.Title, f, f, sampleSides))
		}, true},
		{"ConfirmWithdrawing", func(p *Phrases) HTML {
			return p.ConfirmWithdrawing(sampleRound.Title, sampleRound.Figures[0], sampleSides)
		}, false},
		{"FigureWithdrawn", (*Phrases).FigureWithdrawn, false},
		{"FigureGone", (*Phrases).FigureGone, false},
	},
	"keeper": {
		{"ImportHelp", (*Phrases).ImportHelp, false},
		{"ImportBegun", (*Phrases).ImportBegun, false},
		{"ImportBusy", (*Phrases).ImportBusy, false},
		{"ImportReport", func(p *Phrases) HTML {
			return p.ImportReport(ImportReport{Rows: 1248, NewPeople: 940, ChangedPeople: 12, NewClaims: 1210, Renewed: 38, Hidden: 0, PossibleTwins: 2, Held: 1, TakenDown: 3})
		}, false},
		{"ImportRefused", func(p *Phrases) HTML {
			return p.ImportRefused([]string{"roster.csv:3: status: must be one of <list>", "roster.csv:9: source: is required"}, 21)
		}, false},
		{"ImportRefused, all shown", func(p *Phrases) HTML { return p.ImportRefused([]string{"roster.csv:3: source: is required"}, 0) }, false},
		{"TakedownHelp", (*Phrases).TakedownHelp, false},
		{"HideHelp", (*Phrases).HideHelp, false},
		{"ShowHelp", (*Phrases).ShowHelp, false},
		{"TakenDown", func(p *Phrases) HTML {
			return paragraphs(p.TakenDown(samplePerson, 0, 0), p.TakenDown(samplePerson, 1, 1), p.TakenDown(samplePerson, 3, 5))
		}, true},
		{"HiddenNow", func(p *Phrases) HTML {
			return p.HiddenNow(rollcall.Person{PublicID: "EX-1", FullName: "Example <Maria>"})
		}, false},
		{"ShownAgain", func(p *Phrases) HTML {
			return paragraphs(p.ShownAgain(samplePerson, true), p.ShownAgain(samplePerson, false))
		}, false},
		{"NoSuchEntry", (*Phrases).NoSuchEntry, false},
		{"QueueItem", func(p *Phrases) HTML {
			return p.QueueItem(QueueItem{Person: samplePerson, Claims: sampleClaims, Hidden: true, Place: 1, Length: 3, Zone: kyiv, Reports: []QueuedReport{
				{"The year is <1991>", time.Date(2026, 6, 15, 9, 0, 0, 0, time.UTC)}, {"Another person\nwith this name", time.Date(2026, 6, 15, 12, 30, 0, 0, time.UTC)}}})
		}, true},
		{"QueueItem of a mark", func(p *Phrases) HTML {
			return p.QueueItem(QueueItem{Person: rollcall.Person{PublicID: "EX-1", FullName: "Example Maria"}, Hidden: true, Place: 3, Length: 3})
		}, true},
		{"QueueItem that is shown", func(p *Phrases) HTML {
			return p.QueueItem(QueueItem{Person: samplePerson, Claims: sampleClaims[:1], Place: 1, Length: 1, Reports: []QueuedReport{{"Wrong", time.Date(2026, 6, 15, 9, 0, 0, 0, time.UTC)}}})
		}, true},
		{"QueueEmpty", (*Phrases).QueueEmpty, false},
		{"FoundRight", (*Phrases).FoundRight, false},
		{"QueueHidden", (*Phrases).QueueHidden, false},
		{"EntryUnchanged", (*Phrases).EntryUnchanged, false},
		{"OnlyOwnersLift", (*Phrases).OnlyOwnersLift, false},
		{"TextOverLimit", func(p *Phrases) HTML {
			return lines(p.TextOverLimit(1), p.TextOverLimit(22), p.TextOverLimit(500))
		}, false},
		{"Frozen", func(p *Phrases) HTML { return p.Frozen("https://example.org/contact", sampleTracing) }, false},
		{"FrozenNow", (*Phrases).FrozenNow, false},
		{"Unfrozen", (*Phrases).Unfrozen, false},
		{"NotFrozen", (*Phrases).NotFrozen, false},
		{"UnsurePost", func(p *Phrases) HTML {
			tried := time.Date(2026, 11, 23, 9, 0, 1, 0, kyiv)
			return paragraphs(p.UnsurePost(UnsurePost{Name: "weekly", Digest: sampleDigest, Text: "a", Chat: -1001234567890, Tried: tried}),
				p.UnsurePost(UnsurePost{Name: "weekly", Digest: sampleDigest, Picture: true, Chat: -1001234567890, Tried: tried}),
				p.UnsurePost(UnsurePost{Text: "<b>Sample &lt;petition&gt;</b>\nmore", Chat: -1001234567890, Tried: tried}))
		}, true},
		{"UnsureSettled", func(p *Phrases) HTML {
			return lines(p.UnsureSettled(false, false), p.UnsureSettled(true, false), p.UnsureSettled(false, true), p.UnsureSettled(true, true))
		}, false},
		{"ChatStanding", func(p *Phrases) HTML {
			return paragraphs(p.ChatStanding(ChatStanding{Chat: -1001234567890, Channel: true, Added: true, MayPost: true}),
				p.ChatStanding(ChatStanding{Chat: -1001234567890, Channel: true, Added: true, MayEdit: true}),
				p.ChatStanding(ChatStanding{Chat: -1001234567890, Channel: true, Lost: true}),
				p.ChatStanding(ChatStanding{Chat: -501, Lost: true}),
				p.ChatStanding(ChatStanding{Chat: -501, MayPost: true, Regained: true}),
				p.ChatStanding(ChatStanding{Chat: -1001234567890, Channel: true, MayPost: true, MayEdit: true}))
		}, true},
		{"QueueNews", func(p *Phrases) HTML {
			return paragraphs(p.QueueNews(1, 0), p.QueueNews(1, 1), p.QueueNews(2, 1), p.QueueNews(5, 0), p.QueueNews(21, 5))
		}, false},
		{"PetitionHalted", func(p *Phrases) HTML { return p.PetitionHalted("sample") }, false},
		{"AskAnnouncement", (*Phrases).AskAnnouncement, false},
		{"AnnouncementTooLong", (*Phrases).AnnouncementTooLong, false},
		{"ConfirmAnnouncement", func(p *Phrases) HTML {
			return p.ConfirmAnnouncement("We move to another channel on Monday.\n\nNothing else <changes>.", "Example Group", 10000, 345*time.Second)
		}, false},
		{"Announcement of nobody named", func(p *Phrases) HTML { return p.Announcement("We move.", "") }, false},
		{"NoSubscribers", (*Phrases).NoSubscribers, false},
		{"AnnouncementProgress", func(p *Phrases) HTML {
			return p.AnnouncementProgress(rollcall.AnnouncementProgress{Waiting: 400, Sent: 1200, Failed: 2})
		}, false},
		{"AnnouncementProgress at its end", func(p *Phrases) HTML {
			return p.AnnouncementProgress(rollcall.AnnouncementProgress{Sent: 1600, Failed: 21, Unknown: 1})
		}, false},
		{"AnnouncementProgress stopped", func(p *Phrases) HTML {
			return p.AnnouncementProgress(rollcall.AnnouncementProgress{Sent: 600, Stopped: 1003})
		}, false},
		{"AnnouncementOver", (*Phrases).AnnouncementOver, false},
		{"Stats", func(p *Phrases) HTML { return p.Stats([]StatLine{{"Lookups <today>", "1,204"}, {"Queue", "3"}}) }, false},
	},
}

func TestGolden(t *testing.T) {
	for _, l := range rollcall.Languages {
		for topic, cases := range goldens {
			t.Run(topic+"."+string(l), func(t *testing.T) {
				got := &txtar.Archive{Comment: []byte("Messages as they are sent; rewritten by go test -update, to be read in review.\n\n")}
				for _, c := range cases {
					text := c.text(For(l))
					if err := checkMarkup(text); err != nil {
						t.Errorf("%s: %v", c.name, err)
					}
					if n := UTF16Len(Plain(text)); n > 600 && !c.long {
						t.Errorf("%s has %d characters, want at most 600", c.name, n)
					}
					got.Files = append(got.Files, txtar.File{Name: c.name, Data: []byte(string(text) + "\n\n")})
				}
				file := filepath.Join("testdata", "golden", topic+"."+string(l)+".txt")
				if *update {
					if err := os.WriteFile(file, txtar.Format(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(txtar.Format(got)), string(want)); diff != "" {
					t.Errorf("%s (-got +want):\n%s", file, diff)
				}
			})
		}
	}
}

func TestGoldenHoldsEachText(t *testing.T) {
	var names strings.Builder
	for _, cases := range goldens {
		for _, c := range cases {
			names.WriteString(" " + strings.ReplaceAll(c.name, ",", " ") + " ")
		}
	}
	for m := range reflect.TypeFor[*Phrases]().Methods() {
		if !strings.Contains(names.String(), " "+m.Name+" ") {
			t.Errorf("no golden shows Phrases.%s", m.Name)
		}
	}
}

// checkMarkup reports markup that Telegram would refuse: tags that it does not
// know or that do not nest, and characters that should be escaped. It is
// written apart from the package's own reader of markup.
func checkMarkup(h HTML) error {
	var open []string
	s := string(h)
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '>':
			return fmt.Errorf("a bare > at %d", i)
		case '&':
			rest := s[i:]
			if !strings.HasPrefix(rest, "&lt;") && !strings.HasPrefix(rest, "&gt;") && !strings.HasPrefix(rest, "&amp;") && !strings.HasPrefix(rest, "&quot;") {
				return fmt.Errorf("a bare & at %d", i)
			}
		case '<':
			end := strings.IndexByte(s[i:], '>')
			if end < 0 {
				return fmt.Errorf("a bare < at %d", i)
			}
			tag := s[i+1 : i+end]
			i += end
			if name, ok := strings.CutPrefix(tag, "/"); ok {
				if len(open) == 0 || open[len(open)-1] != name {
					return fmt.Errorf("</%s> closes nothing", name)
				}
				open = open[:len(open)-1]
				continue
			}
			name, attr, _ := strings.Cut(tag, " ")
			switch name {
			case "b", "i", "u", "s", "code", "pre", "blockquote":
				if attr != "" {
					return fmt.Errorf("<%s> has an attribute", name)
				}
			case "a":
				address, ok := strings.CutPrefix(attr, `href="`)
				address, closed := strings.CutSuffix(address, `"`)
				if !ok || !closed || strings.ContainsAny(address, `"<>`) {
					return fmt.Errorf("<a> has no good address")
				}
			default:
				return fmt.Errorf("the tag <%s> is not one of ours", name)
			}
			open = append(open, name)
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("%v is not closed", open)
	}
	return nil
}

var keptSince = time.Date(2026, time.May, 2, 8, 30, 0, 0, time.UTC)

// sampleKept is everything that may be kept about an account.
func sampleKept(l rollcall.Language) MyDataInfo {
	return MyDataInfo{At: keptSince.AddDate(0, 1, 13), Since: keptSince, Language: l,
		Watches: []MyDataWatch{{"EX-001", keptSince}, {"EX-002", keptSince.AddDate(0, 1, 0)}},
		Subscriptions: []MyDataSubscription{{Digest: "daily", Every: "weekly", At: "09:00", Zone: "Europe/Kyiv", Language: rollcall.Ukrainian, QuietFrom: "22:00", QuietUntil: "07:00", Silent: true, Since: keptSince},
			{Digest: "former", Every: "daily", At: "18:30", Zone: "UTC", Language: rollcall.English, Ended: "blocked", Since: keptSince}},
		Signatures:   []MyDataSignature{{"register", "Open the <sample> register", 1}},
		Wishes:       []time.Time{keptSince.AddDate(0, 1, 1)},
		Messages:     []MyDataMessage{{"sent", keptSince.AddDate(0, 1, 12)}},
		LookupsToday: 5, LateToday: 2, ShownInWeek: 7, ShownFall: keptSince.AddDate(0, 1, 15).Truncate(day), Reports: 1, Answered: 2, Acts: 3}
}
