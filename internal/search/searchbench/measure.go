package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// A measurement is what answering the queries took, in a process that does
// nothing else.
type measurement struct {
	Start    time.Duration // from opening the database to the first answer
	Resident int64         // bytes of memory after the last answer; 0 where the system does not tell
	Answers  []answer      // of the queries in turn
	Took     []time.Duration
}

// measure opens the database and answers the queries one after the other. The
// first is answered twice: cold, for Start, and in its turn.
func measure(ctx context.Context, k engineKind, db string, texts []string) (m measurement, err error) {
	begin := time.Now()
	e, err := k.open(ctx, db)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	for i, text := range texts {
		if i == 0 {
			if _, err := e.find(ctx, text); err != nil {
				return m, err
			}
			m.Start = time.Since(begin)
		}
		at := time.Now()
		a, err := e.find(ctx, text)
		if err != nil {
			return m, fmt.Errorf("query %d: %w", i+1, err)
		}
		m.Took = append(m.Took, time.Since(at))
		m.Answers = append(m.Answers, a)
	}
	m.Resident = resident()
	return m, nil
}

// resident reads how much memory the process has, from the proc file system of
// Linux.
func resident() int64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err != nil {
				return 0
			}
			return kib << 10
		}
	}
	return 0
}

// serveMeasure is the child: it reads queries as JSON, answers them, and writes
// the measurement as JSON.
func serveMeasure(ctx context.Context, k engineKind, db string, in io.Reader, out io.Writer) error {
	var texts []string
	if err := json.NewDecoder(bufio.NewReader(in)).Decode(&texts); err != nil {
		return fmt.Errorf("read the queries: %w", err)
	}
	m, err := measure(ctx, k, db, texts)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(m)
}

// measureApart runs measure in a process of its own, so that the memory is that
// of answering and not of inventing a roster.
func measureApart(ctx context.Context, k engineKind, db string, texts []string) (m measurement, err error) {
	self, err := os.Executable()
	if err != nil {
		return m, err
	}
	in, err := json.Marshal(texts)
	if err != nil {
		return m, err
	}
	cmd := exec.CommandContext(ctx, self, "-measure", "-engine", k.name, "-db", db)
	cmd.Stdin = strings.NewReader(string(in))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return m, fmt.Errorf("measure in a process of its own: %w", err)
	}
	return m, json.Unmarshal(out, &m)
}
