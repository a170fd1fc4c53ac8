package render

import "rollcall/internal/rollcall"

// A Label names the text on a button.
type Label int

// The labels.
const (
	LabelLookUp Label = iota
	LabelPetition
	LabelDigests
	LabelMyData
	LabelWatch
	LabelWrong
	LabelTracing
	LabelShowIt
	LabelOpenIt // in a push that names nobody
	LabelSign
	LabelShare
	LabelCheckCount
	LabelAgreeAndSign
	LabelNo
	LabelYesWithdraw
	LabelYesErase
	LabelSignThePetition
	LabelTellMe
	LabelStop
	LabelDeleteNow
	LabelReceipt
	LabelLogFiles
	LabelWithdraw
	LabelBack
	LabelContinueInPrivate // in a group: leads into the private chat
	LabelRight
	LabelHide
	LabelCorrect
	LabelNext
	LabelCancel
	LabelSave
	LabelSkip
	LabelDaily
	LabelWeekly
	LabelNoQuietHours
	LabelWithSound
	LabelSilent
	LabelToday
	LabelSendIt
	LabelFullName
	LabelBirthYear
	LabelExactly
	LabelAtLeast
	LabelItIsThere // of a post of which it is not known whether it arrived
	LabelSendAgain
	LabelEnglish
	LabelUkrainian
	LabelRussian
)

var labelKeys = [...]key{
	LabelLookUp:            "label.look_up",
	LabelPetition:          "label.petition",
	LabelDigests:           "label.digests",
	LabelMyData:            "label.my_data",
	LabelWatch:             "label.watch",
	LabelWrong:             "label.wrong",
	LabelTracing:           "label.tracing",
	LabelShowIt:            "label.show_it",
	LabelOpenIt:            "label.open_it",
	LabelSign:              "label.sign",
	LabelShare:             "label.share",
	LabelCheckCount:        "label.check_count",
	LabelAgreeAndSign:      "label.agree_and_sign",
	LabelNo:                "label.no",
	LabelYesWithdraw:       "label.yes_withdraw",
	LabelYesErase:          "label.yes_erase",
	LabelSignThePetition:   "label.sign_the_petition",
	LabelTellMe:            "label.tell_me",
	LabelStop:              "label.stop",
	LabelDeleteNow:         "label.delete_now",
	LabelReceipt:           "label.receipt",
	LabelLogFiles:          "label.log_files",
	LabelWithdraw:          "label.withdraw",
	LabelBack:              "label.back",
	LabelContinueInPrivate: "label.continue_in_private",
	LabelRight:             "label.right",
	LabelHide:              "label.hide",
	LabelCorrect:           "label.correct",
	LabelNext:              "label.next",
	LabelCancel:            "label.cancel",
	LabelSave:              "label.save",
	LabelSkip:              "label.skip",
	LabelDaily:             "label.daily",
	LabelWeekly:            "label.weekly",
	LabelNoQuietHours:      "label.no_quiet",
	LabelWithSound:         "label.with_sound",
	LabelSilent:            "label.silent",
	LabelToday:             "label.today",
	LabelSendIt:            "label.send_it",
	LabelFullName:          "label.full_name",
	LabelBirthYear:         "label.birth_year",
	LabelExactly:           "label.exactly",
	LabelAtLeast:           "label.at_least",
	LabelItIsThere:         "label.it_is_there",
	LabelSendAgain:         "label.send_again",
	LabelEnglish:           "label.english",
	LabelUkrainian:         "label.ukrainian",
	LabelRussian:           "label.russian",
}

// Label returns the text of a button, as plain text.
func (p *Phrases) Label(l Label) string { return p.text(labelKeys[l]) }

// LanguageLabel returns the label by which a language names itself.
func LanguageLabel(l rollcall.Language) Label {
	switch l {
	case rollcall.Ukrainian:
		return LabelUkrainian
	case rollcall.Russian:
		return LabelRussian
	}
	return LabelEnglish
}

var commandKeys = map[string]key{
	"start":       "command.start",
	"find":        "command.find",
	"watches":     "command.watches",
	"petition":    "command.petition",
	"sign":        "command.sign",
	"withdraw":    "command.withdraw",
	"receipt":     "command.receipt",
	"subscribe":   "command.subscribe",
	"unsubscribe": "command.unsubscribe",
	"digest":      "command.digest",
	"rounds":      "command.rounds",
	"privacy":     "command.privacy",
	"mydata":      "command.mydata",
	"erase":       "command.erase",
	"lang":        "command.lang",
	"help":        "command.help",
	"import":      "command.import",
	"add":         "command.add",
	"edit":        "command.edit",
	"claim":       "command.claim",
	"round":       "command.round",
	"hide":        "command.hide",
	"show":        "command.show",
	"takedown":    "command.takedown",
	"queue":       "command.queue",
	"preview":     "command.preview",
	"stats":       "command.stats",
	"freeze":      "command.freeze",
	"unfreeze":    "command.unfreeze",
	"announce":    "command.announce",
}

// CommandDescription returns what a command does, in at most 100 characters of
// plain text for the command menu and the help. The name comes without its
// slash; an unknown one has the description "".
func (p *Phrases) CommandDescription(name string) string {
	k, ok := commandKeys[name]
	if !ok {
		return ""
	}
	return p.text(k)
}

// About returns what Telegram shows of the bot in an empty chat, in at most 512
// characters of plain text (Bot API setMyDescription), and on its profile, in at
// most 120 (setMyShortDescription).
func (p *Phrases) About() (long, short string) { return p.text("about.long"), p.text("about.short") }

// A HelpLine is one command of the help; Command comes without its slash.
type HelpLine struct{ Command, Description string }

// Help lists the commands that its reader may use.
func (p *Phrases) Help(commands []HelpLine) HTML {
	list := make([]HTML, len(commands))
	for i, c := range commands {
		list[i] = "/" + inline(c.Command) + " — " + inline(c.Description)
	}
	return paragraphs(p.html("help.intro"), lines(list...))
}
