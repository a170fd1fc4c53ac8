package render

import "time"

// PrivacyInfo is what the notice tells. Operator and Contact may be empty.
type PrivacyInfo struct {
	Operator, Contact string
	Retention         time.Duration // how long after closing the mark of a signature is kept
}

// Privacy is the notice: what is kept, why, for how long, and who can see it.
func (p *Phrases) Privacy(v PrivacyInfo) HTML {
	return paragraphs(
		p.operator(v.Operator, v.Contact),
		p.html("privacy.kept"),
		p.html("privacy.limits"),
		p.html("privacy.wishes", arg{"TellMe", p.Label(LabelTellMe)}),
		p.html("privacy.reports"),
		p.html("privacy.signature", arg{"Retention", p.duration(v.Retention)}),
		p.html("privacy.seen"),
		p.html("privacy.rights"),
	)
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
