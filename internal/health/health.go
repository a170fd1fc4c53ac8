// Package health serves what a supervisor and a monitor ask over HTTP: whether
// the process lives, whether it does its work, and its figures in the
// Prometheus text format. Nothing here tells of a person or an account.
package health

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// pollMaxAge is how long ago Telegram may have answered the last poll; a long
// poll takes 50 s at most.
const pollMaxAge = 2 * time.Minute

// Sources are where the figures come from.
type Sources struct {
	LastPoll   func() time.Time                              // zero before the first
	Updates    func() int64                                  // handled since the start
	Writable   func(context.Context) error                   // whether the database can be written
	Deliveries func(context.Context) (map[string]int, error) // by state
	Now        func() time.Time                              // time.Now where nil
}

// Ready returns nil when the bot polls and can write.
func (s Sources) Ready(ctx context.Context) error {
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	last := s.LastPoll()
	switch {
	case last.IsZero():
		return errors.New("no poll has been answered by Telegram yet")
	case now().Sub(last) > pollMaxAge:
		return fmt.Errorf("the last poll was answered by Telegram %s ago", now().Sub(last).Round(time.Second))
	}
	if err := s.Writable(ctx); err != nil {
		return fmt.Errorf("the database cannot be written: %w", err)
	}
	return nil
}

// Handler serves /healthz (the process lives), /readyz (it does its work) and
// /metrics.
func Handler(s Sources) http.Handler {
	reg := prometheus.NewRegistry()
	reg.MustRegister(
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "rollcall_updates_total", Help: "Updates since the start."},
			func() float64 { return float64(s.Updates()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "rollcall_last_poll_timestamp_seconds", Help: "When Telegram last answered a poll; 0 before the first."},
			func() float64 {
				if t := s.LastPoll(); !t.IsZero() {
					return float64(t.UnixMilli()) / 1000
				}
				return 0
			}),
		deliveries{s.Deliveries},
	)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		if err := s.Ready(ctx); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	return mux
}

// deliveries collects the ledger's figures when they are asked for.
type deliveries struct {
	count func(context.Context) (map[string]int, error)
}

var deliveriesDesc = prometheus.NewDesc("rollcall_deliveries", "Messages in the ledger, by state.", []string{"state"}, nil)

func (deliveries) Describe(ch chan<- *prometheus.Desc) { ch <- deliveriesDesc }

func (d deliveries) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	byState, err := d.count(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(deliveriesDesc, err)
		return
	}
	for state, n := range byState {
		ch <- prometheus.MustNewConstMetric(deliveriesDesc, prometheus.GaugeValue, float64(n), state)
	}
}

// Serve listens on the address until the context ends.
func Serve(ctx context.Context, l net.Listener, s Sources) error {
	srv := &http.Server{Handler: Handler(s), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 20 * time.Second, MaxHeaderBytes: 16 << 10}
	stop := context.AfterFunc(ctx, func() { srv.Close() })
	defer stop()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve health: %w", err)
	}
	return nil
}
