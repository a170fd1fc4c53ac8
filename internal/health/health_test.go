package health

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var now = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// well is a bot that does its work.
func well() Sources {
	return Sources{
		LastPoll:   func() time.Time { return now.Add(-50 * time.Second) },
		Updates:    func() int64 { return 12345 },
		Writable:   func(context.Context) error { return nil },
		Deliveries: func(context.Context) (map[string]int, error) { return map[string]int{"sent": 7, "pending": 2}, nil },
		Now:        func() time.Time { return now },
	}
}

func get(t *testing.T, s Sources, method, path string) (code int, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	Handler(s).ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w.Code, w.Body.String()
}

func TestReadiness(t *testing.T) {
	polled := func(ago time.Duration) func() time.Time { return func() time.Time { return now.Add(-ago) } }
	for _, c := range []struct {
		name string
		turn func(*Sources)
		code int
		body string
	}{
		{"well", func(*Sources) {}, 200, "ready\n"},
		{"not polled yet", func(s *Sources) { s.LastPoll = func() time.Time { return time.Time{} } }, 503, "no poll has been answered by Telegram yet\n"},
		{"the last poll is as old as may be", func(s *Sources) { s.LastPoll = polled(2 * time.Minute) }, 200, "ready\n"},
		{"the last poll is too old", func(s *Sources) { s.LastPoll = polled(2*time.Minute + time.Second) }, 503, "the last poll was answered by Telegram 2m1s ago\n"},
		{"the database is read-only", func(s *Sources) { s.Writable = func(context.Context) error { return errors.New("the disk is full") } }, 503, "the database cannot be written: the disk is full\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := well()
			c.turn(&s)
			if code, body := get(t, s, "GET", "/readyz"); code != c.code || body != c.body {
				t.Errorf("readyz: %d %q, want %d %q", code, body, c.code, c.body)
			}
			// The process lives all the same: a restart would help nothing.
			if code, body := get(t, s, "GET", "/healthz"); code != 200 || body != "ok\n" {
				t.Errorf("healthz: %d %q, want 200", code, body)
			}
		})
	}
}

func TestAStuckDatabaseIsNotReady(t *testing.T) {
	s := well()
	s.Writable = func(ctx context.Context) error {
		if _, ok := ctx.Deadline(); !ok {
			return errors.New("there is no deadline")
		}
		return context.DeadlineExceeded
	}
	if code, body := get(t, s, "GET", "/readyz"); code != 503 || !strings.Contains(body, "deadline exceeded") {
		t.Errorf("got %d %q, want 503 with the deadline", code, body)
	}
}

// metrics reads the Prometheus text format into values by series.
func metrics(t *testing.T, body string) map[string]float64 {
	t.Helper()
	all := map[string]float64{}
	typed := map[string]bool{}
	for line := range strings.Lines(body) {
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, _, _ := strings.Cut(rest, " ")
			typed[name] = true
		}
		if strings.HasPrefix(line, "#") {
			continue
		}
		series, value, ok := strings.Cut(line, " ")
		name, _, _ := strings.Cut(series, "{")
		v, err := strconv.ParseFloat(value, 64)
		if !ok || err != nil || !typed[name] {
			t.Errorf("cannot be read as a metric: %q", line)
		}
		all[series] = v
	}
	return all
}

// All series there are: a new one belongs here, and is to tell nothing about a
// person or an account.
func TestMetrics(t *testing.T) {
	code, body := get(t, well(), "GET", "/metrics")
	want := map[string]float64{
		"rollcall_updates_total":               12345,
		"rollcall_last_poll_timestamp_seconds": float64(now.Add(-50 * time.Second).Unix()),
		`rollcall_deliveries{state="sent"}`:    7,
		`rollcall_deliveries{state="pending"}`: 2,
	}
	if d := cmp.Diff(metrics(t, body), want); d != "" || code != 200 {
		t.Errorf("%d (-got +want):\n%s", code, d)
	}
	s := well()
	s.LastPoll = func() time.Time { return time.Time{} }
	s.Deliveries = func(context.Context) (map[string]int, error) { return nil, nil }
	_, body = get(t, s, "GET", "/metrics")
	want = map[string]float64{"rollcall_updates_total": 12345, "rollcall_last_poll_timestamp_seconds": 0}
	if d := cmp.Diff(metrics(t, body), want); d != "" {
		t.Errorf("before the first poll (-got +want):\n%s", d)
	}
}

// A failing ledger fails the scrape, so that the monitor sees it, rather than
// giving figures that lack some.
func TestMetricsFailWithTheLedger(t *testing.T) {
	s := well()
	s.Deliveries = func(context.Context) (map[string]int, error) { return nil, errors.New("broken") }
	if code, _ := get(t, s, "GET", "/metrics"); code != 500 {
		t.Errorf("got %d, want 500", code)
	}
}

func TestNothingElseIsServed(t *testing.T) {
	for _, c := range []struct {
		method, path string
		code         int
	}{{"GET", "/", 404}, {"GET", "/debug/pprof/", 404}, {"GET", "/readyz/1", 404}, {"POST", "/readyz", 405}, {"HEAD", "/healthz", 200}} {
		if code, _ := get(t, well(), c.method, c.path); code != c.code {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, code, c.code)
		}
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l, well()) }()
	res, err := http.Get(fmt.Sprintf("http://%s/healthz", l.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if string(body) != "ok\n" {
		t.Errorf("got %q", body)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
	if _, err := net.Dial("tcp", l.Addr().String()); err == nil {
		t.Error("it still listens")
	}
	l, err = net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if err := Serve(t.Context(), l, well()); err == nil {
		t.Error("a listener that is gone is no error")
	}
}
