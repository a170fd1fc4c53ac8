package render

import (
	"strconv"
	"time"

	"rollcall/internal/rollcall"
)

// WishNoted confirms the wish to be told when something can be shown.
func (p *Phrases) WishNoted() HTML { return p.html("wish.noted") }

// WishGone answers a press on a button whose lookup is no longer known, or of a
// roster that has changed since.
func (p *Phrases) WishGone() HTML { return p.html("wish.gone") }

// WishesToday answers whoever has made the max of wishes that an account may make
// in a day.
func (p *Phrases) WishesToday(max int) HTML { return p.plural("wish.today", max) }

// WishNews is the push text where entries meet the wish that was made on the day of
// t, in t's location. It names nobody.
func (p *Phrases) WishNews(t time.Time) HTML {
	return p.html("wish.news", arg{"Date", p.date(rollcall.DateOf(t))})
}

// WishNewsOnMany is the push text where more entries meet it than may be offered.
func (p *Phrases) WishNewsOnMany(t time.Time) HTML {
	return p.html("wish.news_on_many", arg{"Date", p.date(rollcall.DateOf(t))})
}

// WishLabel is the n-th line of the list of watches, as plain text, where that is a
// wish of the day of t.
func (p *Phrases) WishLabel(n int, t time.Time) string {
	return strconv.Itoa(n) + ". " + Plain(p.html("wish.label", arg{"Date", p.date(rollcall.DateOf(t))}))
}

// WatchesAndWishes lists both, by their labels of [Phrases.WatchedLabel] and
// [Phrases.WishLabel].
func (p *Phrases) WatchesAndWishes(watches, wishes []string) HTML {
	if len(wishes) == 0 {
		return p.Watches(watches)
	}
	list := make([]HTML, len(wishes))
	for i, l := range wishes {
		list[i] = inline(l)
	}
	waiting := lines(p.html("wish.list"), lines(list...))
	if len(watches) == 0 {
		return waiting
	}
	return paragraphs(p.Watches(watches), waiting)
}

// WishWaiting says what a wish of the list is.
func (p *Phrases) WishWaiting() HTML { return p.html("wish.waiting") }

// WishStopped confirms the end of a wish.
func (p *Phrases) WishStopped() HTML { return p.html("wish.stopped") }
