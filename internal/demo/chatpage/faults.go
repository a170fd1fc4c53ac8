package chatpage

import (
	"net/http"
	"time"

	"rollcall/internal/telegram/fakeapi"
)

// faults are what can be played, by the name that the page uses; "down" is an
// outage and has none of its own.
var faults = map[string][]fakeapi.Fault{
	"slow":    {{Method: "*", Kind: fakeapi.Slow, Times: fakeapi.Forever, Delay: 3 * time.Second}},
	"lost":    {{Method: "sendMessage", Kind: fakeapi.Lost}, {Method: "sendPhoto", Kind: fakeapi.Lost}},
	"limited": {{Method: "sendMessage", Kind: fakeapi.Flood, Times: 2, RetryAfter: 5 * time.Second}},
	"down":    nil,
}

// playFault puts a fault in order instead of the one before; the name "" brings
// back good days.
func (p *Page) playFault(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Name string `json:"name"`
	}
	if !p.read(w, r, &in) {
		return
	}
	list, known := faults[in.Name]
	if !known && in.Name != "" {
		refuse(w, http.StatusBadRequest, "unreadable")
		return
	}
	p.mu.Lock() // two at once would mix
	p.API.ClearFaults()
	p.API.Release()
	p.API.SetDown(in.Name == "down")
	for _, f := range list {
		p.API.Fault(f)
	}
	p.fault = in.Name
	close(p.changed)
	p.changed = make(chan struct{})
	p.mu.Unlock()
	done(w)
}

// faultNow returns the fault that is in order and has not been played to its
// end, and a channel that is closed when another is put in order. One of several
// parts ends with the first of them: "lost" loses one answer, of whichever method.
func (p *Page) faultNow() (name string, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.API.Down() && len(p.API.Faults()) < max(1, len(faults[p.fault])) {
		p.API.ClearFaults()
		p.fault = ""
	}
	return p.fault, p.changed
}
