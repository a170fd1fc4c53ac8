package command

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/search"
	"rollcall/internal/telegram"
)

// A form asks an account for one thing after the other, each by a message with
// buttons or by waiting for a text. What is answered is kept in memory, for ten
// minutes after the last answer, and nothing is stored before the end. There is a
// way out of each question, and a command is one too.
type form struct {
	access telegram.Role // checked with each answer
	fields []field
	// finish has the answers of all fields that were asked.
	finish func(ctx context.Context, r *telegram.Request, v values) (telegram.Answer, error)
}

// A field is one question.
type field struct {
	name string
	ask  func(r *telegram.Request, v values) render.HTML
	// options are the buttons; nil for none.
	options func(r *telegram.Request, v values) []option
	// read takes a text for an answer; ok is false where it cannot be one. Where it
	// is nil only the buttons answer.
	read func(r *telegram.Request, text string) (value string, ok bool)
	// orLookup lets a text that cannot be the answer and names somebody be a lookup,
	// as it is where nothing is asked. The question goes on waiting.
	orLookup bool
	// when says whether the question is asked at all; nil for always.
	when func(v values) bool
}

// An option is a button with the answer that it gives.
type option struct{ label, value string }

// values are the answers so far, by the names of their fields.
type values map[string]string

// A filling is a form that an account is about to fill in.
type filling struct {
	form    *form
	serial  string // of its buttons
	values  values
	asked   []int    // fields, of which the last waits for its answer
	offered []option // with it
}

func (f *filling) current() field { return f.form.fields[f.asked[len(f.asked)-1]] }

// next moves on to the next field that is asked; ok is false at the end.
func (f *filling) next() (ok bool) {
	i := 0
	if n := len(f.asked); n > 0 {
		i = f.asked[n-1] + 1
	}
	for ; i < len(f.form.fields); i++ {
		if when := f.form.fields[i].when; when == nil || when(f.values) {
			f.asked = append(f.asked, i)
			return true
		}
	}
	return false
}

// fillings remember what accounts are about to fill in, one form each.
type fillings struct {
	memory[*filling]
	serial atomic.Uint32 // begins somewhere, so that buttons of an earlier run fit no form
}

func newFillings() *fillings {
	s := &fillings{}
	s.serial.Store(rand.Uint32())
	return s
}

// begin replaces whatever the account was about to fill in.
func (s *fillings) begin(user rollcall.UserID, f *form, v values, now time.Time) *filling {
	x := &filling{form: f, serial: strconv.FormatUint(uint64(s.serial.Add(1)), 36), values: v}
	s.keep(user, x, now)
	return x
}

// waiting returns what waits for an answer of the account, or nil; its ten minutes
// begin anew.
func (s *fillings) waiting(user rollcall.UserID, now time.Time) *filling {
	x, ok := s.get(user, now)
	if ok {
		s.keep(user, x, now)
	}
	return x
}

// beginForm asks the first question. v are answers that are known already.
func (h *Handlers) beginForm(r *telegram.Request, f *form, v values) telegram.Answer {
	x := h.forms.begin(r.From, f, v, r.Now)
	x.next()
	return r.Reply(h.question(r, x, false))
}

// question is the message of the field that waits for an answer.
func (h *Handlers) question(r *telegram.Request, x *filling, bad bool) render.Message {
	f := x.current()
	x.offered = nil
	if f.options != nil {
		x.offered = f.options(r, x.values)
	}
	var rows [][]render.Button
	for i, o := range x.offered {
		rows = append(rows, row(render.Button{Label: o.label,
			Data: telegram.CallbackData("answer", x.serial, strconv.Itoa(len(x.asked)), strconv.Itoa(i))}))
	}
	last := row(button(r, render.LabelCancel, "cancel", x.serial))
	if len(x.asked) > 1 {
		last = append(row(button(r, render.LabelBack, "back", x.serial, strconv.Itoa(len(x.asked)))), last...)
	}
	text := f.ask(r, x.values)
	if bad {
		text = r.Say.FormBad() + "\n\n" + text
	}
	m := message(text, append(rows, last)...)
	m.Protect = true
	return m
}

// answerForm takes a text for the answer that is waited for; ok is false where
// none is.
func (h *Handlers) answerForm(ctx context.Context, r *telegram.Request) (a telegram.Answer, ok bool, err error) {
	x := h.forms.waiting(r.From, r.Now)
	if x == nil || r.Role < x.form.access {
		return telegram.Answer{}, false, nil
	}
	f := x.current()
	value, taken := "", false
	if f.read != nil {
		value, taken = f.read(r, r.Args)
	}
	if !taken {
		if f.orLookup && len(search.ParseQuery(r.Args, r.Now).Parts) > 1 {
			return telegram.Answer{}, false, nil
		}
		return r.Reply(h.question(r, x, true)), true, nil
	}
	a, err = h.answered(ctx, r, x, value, r.Reply)
	return a, true, err
}

// answered goes on to the next question, or to the end.
func (h *Handlers) answered(ctx context.Context, r *telegram.Request, x *filling, value string, say func(render.Message) telegram.Answer) (telegram.Answer, error) {
	x.values[x.current().name] = value
	if x.next() {
		return say(h.question(r, x, false)), nil
	}
	h.forms.forget(r.From)
	return x.form.finish(ctx, r, x.values)
}

// pressed returns the filling that a button belongs to, or nil where it is over.
func (h *Handlers) pressed(r *telegram.Request) *filling {
	x := h.forms.waiting(r.From, r.Now)
	if x == nil || len(r.Press.Args) == 0 || r.Press.Args[0] != x.serial || r.Role < x.form.access {
		return nil
	}
	if len(r.Press.Args) > 1 && r.Press.Args[1] != strconv.Itoa(len(x.asked)) {
		return nil // a button of an earlier question
	}
	return x
}

// pressAnswer answers a question by one of its buttons.
func (h *Handlers) pressAnswer(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
	x := h.pressed(r)
	if x == nil || len(r.Press.Args) != 3 {
		return r.Replace(message(r.Say.FormOver())), nil
	}
	i, err := strconv.Atoi(r.Press.Args[2])
	if err != nil || i < 0 || i >= len(x.offered) {
		return r.Replace(message(r.Say.FormOver())), nil
	}
	return h.answered(ctx, r, x, x.offered[i].value, r.Replace)
}

// pressBack asks the question before once more.
func (h *Handlers) pressBack(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	x := h.pressed(r)
	if x == nil || len(x.asked) < 2 {
		return r.Replace(message(r.Say.FormOver())), nil
	}
	x.asked = slices.Delete(x.asked, len(x.asked)-1, len(x.asked))
	delete(x.values, x.current().name)
	return r.Replace(h.question(r, x, false)), nil
}

// pressCancel leaves a form.
func (h *Handlers) pressCancel(_ context.Context, r *telegram.Request) (telegram.Answer, error) {
	if h.pressed(r) == nil {
		return r.Replace(message(r.Say.FormOver())), nil
	}
	h.forms.forget(r.From)
	return r.Replace(message(r.Say.FormGivenUp())), nil
}

// leaving lets a command leave the form that its account was about to fill in: the
// next text is no answer then.
func (h *Handlers) leaving(handle telegram.Handler) telegram.Handler {
	return func(ctx context.Context, r *telegram.Request) (telegram.Answer, error) {
		if r.Private() {
			h.forms.forget(r.From)
		}
		return handle(ctx, r)
	}
}
