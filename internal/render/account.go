package render

import (
	"time"

	"rollcall/internal/rollcall"
)

// PrivacyInfo is what the notice tells. Operator and Contact may be empty.
type PrivacyInfo struct {
	Operator, Contact string
	Retention         time.Duration // how long after closing the mark of a signature is kept
}

// Privacy is the notice: what is kept, for how long, and who can see what.
func (p *Phrases) Privacy(v PrivacyInfo) HTML {
	return paragraphs(
		p.operator(v.Operator, v.Contact),
		p.html("privacy.kept"),
		p.html("privacy.limits"),
		p.html("privacy.signature", arg{"Retention", p.duration(v.Retention)}),
		p.html("privacy.rights"),
	)
}

// MyDataInfo is what is kept about an account.
type MyDataInfo struct {
	Language      rollcall.Language // "" when none was chosen
	Signatures    []string          // titles or slugs of the signed petitions
	Watches       int
	Subscriptions int
	LookupsToday  int
	ShownInWeek   int // different entries shown to the account in seven days
}

// MyData tells an account all that is kept about it.
func (p *Phrases) MyData(v MyDataInfo) HTML {
	if v.Language == "" && len(v.Signatures) == 0 && v.Watches == 0 && v.Subscriptions == 0 {
		if v.LookupsToday == 0 && v.ShownInWeek == 0 {
			return p.NothingKept()
		}
		return p.html("mydata.only_counts", arg{"Lookups", v.LookupsToday}, arg{"Shown", v.ShownInWeek})
	}
	spoken := p.text("mydata.no_language")
	if v.Language != "" {
		spoken = p.Label(LanguageLabel(v.Language))
	}
	head := lines(p.html("mydata.head"), p.html("mydata.list", arg{"Language", spoken},
		arg{"Watches", v.Watches}, arg{"Subscriptions", v.Subscriptions}, arg{"Lookups", v.LookupsToday}, arg{"Shown", v.ShownInWeek}))
	if len(v.Signatures) == 0 {
		return paragraphs(head, p.html("mydata.no_signatures"))
	}
	list := make([]HTML, len(v.Signatures))
	for i, s := range v.Signatures {
		list[i] = inline(s)
	}
	return paragraphs(head, lines(p.html("mydata.signatures"), bullets(list)), p.html("mydata.apart"))
}

// NothingKept says that nothing is kept about an account.
func (p *Phrases) NothingKept() HTML { return p.html("mydata.nothing") }

// EraseConfirm asks whether all that is kept about an account is to be deleted.
func (p *Phrases) EraseConfirm() HTML { return p.html("erase.confirm") }

// Erased confirms the deletion.
func (p *Phrases) Erased() HTML { return p.html("erase.done") }

// EraseDeclined answers the button "No" under EraseConfirm.
func (p *Phrases) EraseDeclined() HTML { return p.html("erase.declined") }

// ChooseLanguage stands above the buttons with the languages.
func (p *Phrases) ChooseLanguage() HTML { return p.html("lang.choose") }

// LanguageSet confirms the language of p.
func (p *Phrases) LanguageSet() HTML { return p.html("lang.set") }
