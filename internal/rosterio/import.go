package rosterio

import (
	"context"
	"errors"
	"io"
	"slices"

	"rollcall/internal/rollcall"
	"rollcall/internal/store"
)

// MaxReported is how many faults of a file are told one by one; the rest is
// counted.
const MaxReported = 100

// ImportOptions say how a file is imported.
type ImportOptions struct {
	Full   bool // hide entries that the file does not have
	DryRun bool // find out everything, and store nothing
	// Progress, where not nil, is called now and then from Import's goroutine:
	// bytes read of the total (0 where not known), and rows.
	Progress func(done, total int64, rows int)
}

// An ImportReport says what an import did, or would have done.
type ImportReport struct {
	store.BatchSummary
	Rows int // with their faults, the header not counted

	Faults     []RowError // the first MaxReported
	MoreFaults int        // beyond them

	Lookalikes     []RowError // rows that made a new entry under a name that is there; the first MaxReported
	MoreLookalikes int

	HeldRows []RowError // rows by which an entry is held for review; the first MaxReported
	MoreHeld int
}

// ErrBadRows is returned by [Import] for a file with faults: nothing of it is
// stored.
var ErrBadRows = rollcall.E(rollcall.Invalid, "the file has faults, and nothing of it was stored")

// Import stages the file and publishes it by one transaction. Rows with faults
// are all found before it gives up: it then returns the report with
// [ErrBadRows]. With any error nothing is stored. Returns
// [store.ErrImportRunning] while another import runs.
func Import(ctx context.Context, db *store.DB, r *Reader, by store.Actor, o ImportOptions) (ImportReport, error) {
	var rep ImportReport
	batch, err := db.BeginBatch(ctx, o.Full)
	if err != nil {
		return rep, err
	}
	err = stage(ctx, batch, r, o, &rep)
	// Those that the store found came a chunk later than the others.
	slices.SortStableFunc(rep.Faults, func(a, b RowError) int { return a.Line - b.Line })
	if err == nil && len(rep.Faults) > 0 {
		err = ErrBadRows
	}
	rep.BatchSummary = batch.Summary()
	if err == nil && o.DryRun && o.Full {
		rep.Hidden, err = batch.CountAbsent(ctx)
	}
	if err != nil || o.DryRun {
		// Also when the context has ended: what is left would be hidden but
		// take room until the next import.
		return rep, errors.Join(err, batch.Discard(context.WithoutCancel(ctx)))
	}
	rep.BatchSummary, err = batch.Publish(ctx, by)
	return rep, err
}

func stage(ctx context.Context, batch *store.Batch, r *Reader, o ImportOptions, rep *ImportReport) error {
	fault := func(list *[]RowError, more *int, e RowError) {
		if len(*list) < MaxReported {
			*list = append(*list, e)
		} else {
			*more++
		}
	}
	rows := make([]rollcall.RosterRow, 0, store.ChunkRows)
	lines := make([]int, 0, store.ChunkRows)
	flush := func() error {
		results, err := batch.Add(ctx, rows)
		if err != nil {
			return err
		}
		for i, res := range results {
			if res.Problem != nil {
				fault(&rep.Faults, &rep.MoreFaults, r.rowError(lines[i], *res.Problem))
			} else if res.Held {
				fault(&rep.HeldRows, &rep.MoreHeld, r.rowError(lines[i], rollcall.FieldError{Column: "full_name",
					Problem: "held for review: an entry of this name and birth year was taken down"}))
			} else if res.Lookalike {
				fault(&rep.Lookalikes, &rep.MoreLookalikes, r.rowError(lines[i], rollcall.FieldError{Column: "full_name",
					Problem: "another entry has this name: a possible duplicate"}))
			}
		}
		rows, lines = rows[:0], lines[:0]
		if o.Progress != nil {
			done, total := r.Progress()
			o.Progress(done, total, rep.Rows)
		}
		return ctx.Err()
	}
	for {
		row, faults, err := r.Next()
		if err == io.EOF {
			return flush()
		}
		if err != nil {
			return err
		}
		rep.Rows++
		if len(faults) > 0 {
			for _, e := range faults {
				fault(&rep.Faults, &rep.MoreFaults, e)
			}
			continue
		}
		rows, lines = append(rows, row), append(lines, r.Line())
		if len(rows) == cap(rows) {
			if err := flush(); err != nil {
				return err
			}
		}
	}
}
