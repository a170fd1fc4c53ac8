package fakeapi

import (
	"context"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"rollcall/internal/rollcall"
)

// A Kind is a way to fail.
type Kind string

// The kinds of fault. The first five happen instead of the call, the others
// after it has been carried out.
const (
	Status    Kind = "status"    // a JSON error with Fault.Code, 500 when that is 0
	HTML502   Kind = "html502"   // a gateway's page
	Flood     Kind = "flood"     // 429 with Fault.RetryAfter
	Reset     Kind = "reset"     // the connection is reset
	Hang      Kind = "hang"      // no answer until Release, then a reset
	Slow      Kind = "slow"      // answered after Fault.Delay, or after Release when that is 0
	Truncated Kind = "truncated" // half of the JSON, as a complete body
	Cut       Kind = "cut"       // the connection ends in the middle of the body
	Lost      Kind = "lost"      // the connection is reset before the answer
)

// done reports whether the call is carried out.
func (k Kind) done() bool { return k == Slow || k == Truncated || k == Cut || k == Lost }

// Forever as Fault.Times repeats a fault until it is cleared.
const Forever = -1

// A Fault is an order to fail.
type Fault struct {
	Method      string // "*" means any but getUpdates
	Kind        Kind
	Times       int             // how many calls; 0 means one, below 0 for ever
	After       int             // how many matching calls go well before
	Chat        rollcall.ChatID // only calls with this chat; 0 means any
	Code        int             // of Status
	Description string          // of Status; the code's own text when empty
	RetryAfter  time.Duration   // of Flood; rounded up to seconds, 1 s when 0
	Delay       time.Duration   // of Slow, waited for by Options.Sleep
}

type fault struct {
	Fault
	after, left int
}

func (f *fault) code() int {
	switch f.Kind {
	case Status:
		if f.Code == 0 {
			return http.StatusInternalServerError
		}
		return f.Code
	case HTML502:
		return http.StatusBadGateway
	case Flood:
		return http.StatusTooManyRequests
	}
	return 0
}

// Fault puts a fault in order and returns a function that clears it. Where
// several match a call, the oldest is played.
func (s *Server) Fault(f Fault) (remove func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	item := &fault{f, f.After, f.Times}
	s.faults = append(s.faults, item)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.faults = slices.DeleteFunc(s.faults, func(other *fault) bool { return other == item })
	}
}

// Faults returns the faults in order that have not been played to their end,
// oldest first. Times and After are what is left of them.
func (s *Server) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Fault, len(s.faults))
	for i, f := range s.faults {
		list[i] = f.Fault
		list[i].Times, list[i].After = f.left, f.after
	}
	return list
}

// ClearFaults forgets every fault in order and returns how many of them had not
// been played to their end, those that last for ever included. Calls that hang
// go on hanging.
func (s *Server) ClearFaults() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.faults)
	s.faults = nil
	return n
}

// SetDown takes the server off the network, or brings it back. While it is down
// every connection is reset, that of a waiting poll at once and those of calls
// under way before their answers; faults in order are kept for later.
func (s *Server) SetDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
	s.change()
}

// Down reports whether the server is off the network.
func (s *Server) Down() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.down
}

// Release lets go of every call that hangs or is slow for want of a Delay.
func (s *Server) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.hold)
	s.hold = make(chan struct{})
}

// SetHook replaces Options.Hook; nil takes it away.
func (s *Server) SetHook(hook func(method string, params url.Values)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.options.Hook = hook
}

// takeFault finds the fault of a call and uses it up by one.
func (s *Server) takeFault(r *request) *fault {
	for i, f := range s.faults {
		if f.Method != r.method.name && (f.Method != "*" || r.method.name == "getUpdates") {
			continue
		}
		if f.Chat != 0 {
			c := s.lookup(r.text("chat_id"))
			if c == nil || c.ID != f.Chat {
				continue
			}
		}
		if f.after > 0 {
			f.after--
			continue
		}
		if f.left > 0 {
			if f.left--; f.left == 0 {
				s.faults = slices.Delete(slices.Clone(s.faults), i, i+1)
			}
		}
		return f
	}
	return nil
}

// fail plays a fault that happens instead of the call.
func (s *Server) fail(ctx context.Context, w http.ResponseWriter, f *fault, hold <-chan struct{}) {
	switch f.Kind {
	case HTML502:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		fmt.Fprint(w, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n")
	case Flood:
		retryAfter(max(1, int(math.Ceil(f.RetryAfter.Seconds())))).write(w)
	case Hang:
		s.wait(ctx, hold)
		reset(w)
	case Reset:
		reset(w)
	default:
		text := f.Description
		if text == "" {
			text = http.StatusText(f.code())
		}
		(&apiError{code: f.code(), text: text}).write(w)
	}
}

// spoil plays a fault that happens to the answer.
func (s *Server) spoil(ctx context.Context, w http.ResponseWriter, f *fault, hold <-chan struct{}, code int, body []byte) {
	switch f.Kind {
	case Slow:
		if f.Delay > 0 {
			s.options.Sleep(ctx, f.Delay)
		} else {
			s.wait(ctx, hold)
		}
		writeJSON(w, code, body)
	case Truncated:
		writeJSON(w, code, body[:len(body)/2])
	case Cut:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(code)
		w.Write(body[:len(body)/2])
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) // net/http's way to break a connection
	default:
		reset(w)
	}
}

func (s *Server) wait(ctx context.Context, hold <-chan struct{}) {
	select {
	case <-hold:
	case <-ctx.Done():
	case <-s.closed:
	}
}

// reset ends the connection with a TCP reset where that can be had, else by
// closing it.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	conn.Close()
}
