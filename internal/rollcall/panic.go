package rollcall

import (
	"fmt"
	"path"
	"runtime"
	"strings"
)

// maxFrames is how many calls of a stack are kept, the innermost first.
const maxFrames = 48

// A PanicError stands for a panic that was recovered. It tells the type of the
// panic's value and where it came from, and not the value's text: that may hold
// what was being worked on, a name or an account's id among them, and belongs in
// no log.
type PanicError struct {
	// Type is the Go type of the value, such as "runtime.boundsError".
	Type string
	// Stack has a line for each call, the innermost first: the function's name,
	// its file without the folders, and the line.
	Stack string
}

func (e *PanicError) Error() string { return "panic of type " + e.Type + "\n" + e.Stack }

// Panicked makes the error of a value that recover has returned. It is to be
// called by the deferred function that recovers, where the stack still is that of
// the panic. CodeOf it is [Internal].
func Panicked(value any) error {
	var pcs [maxFrames]uintptr
	// Without runtime.Callers and Panicked itself.
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	var b strings.Builder
	for {
		f, more := frames.Next()
		if f.Function != "" {
			fmt.Fprintf(&b, "%s (%s:%d)\n", f.Function, path.Base(f.File), f.Line)
		}
		if !more {
			break
		}
	}
	return &PanicError{Type: fmt.Sprintf("%T", value), Stack: strings.TrimSuffix(b.String(), "\n")}
}
