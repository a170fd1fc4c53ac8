package jobs

import "context"

// keepFigures lets all digests that are made of one state of the roster share one
// count of its people. Where that fails each counts for itself.
func (r *Runner) keepFigures(ctx context.Context) {
	if err := r.DB.KeepFigures(ctx); err != nil && ctx.Err() == nil {
		r.Log.Error("the figures of people could not be kept", "error", err)
	}
}
