package rollcall_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"rollcall/internal/rollcall"
)

// A named value whose text must not get out by any of its methods.
type spoken struct{ name string }

func (s spoken) Error() string    { return s.name }
func (s spoken) String() string   { return s.name }
func (s spoken) GoString() string { return s.name }

func caught(work func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = rollcall.Panicked(r)
		}
	}()
	work()
	return nil
}

func breaks(value any) { panic(value) }

func TestAPanicTellsItsTypeAndPlaceAndNotItsText(t *testing.T) {
	const name = "Прикладенко Марія 7310000011"
	var nobody map[string]int
	for _, c := range []struct {
		kind string
		work func()
		want string
	}{
		{"a text", func() { breaks("cannot find " + name) }, "string"},
		{"an error", func() { breaks(fmt.Errorf("cannot find %s", name)) }, "*fmt.wrapError|*errors.errorString|*fmt.fmtError"},
		{"a value with methods", func() { breaks(spoken{name}) }, "rollcall_test.spoken"},
		{"a pointer", func() { breaks(&spoken{name}) }, "*rollcall_test.spoken"},
		{"the runtime's", func() { breaks([]string{}[len(nobody):][0]) }, "runtime.boundsError"},
		{"a write to no map", func() { nobody[name] = 1 }, "runtime.plainError|runtime.errorString"},
	} {
		t.Run(c.kind, func(t *testing.T) {
			err := caught(c.work)
			var p *rollcall.PanicError
			if !errors.As(err, &p) {
				t.Fatalf("got %v, want a PanicError", err)
			}
			if !strings.Contains("|"+c.want+"|", "|"+p.Type+"|") {
				t.Errorf("the type is %s, want %s", p.Type, c.want)
			}
			for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", p)} {
				for _, part := range append(strings.Fields(name), "cannot find") {
					if strings.Contains(text, part) {
						t.Errorf("it tells %q:\n%s", part, text)
					}
				}
			}
			lines := strings.Split(p.Stack, "\n")
			for _, l := range lines {
				if !regexp.MustCompile(`^\S+ \([A-Za-z0-9_]+\.(go|s):\d+\)$`).MatchString(l) {
					t.Errorf("a line of the stack is %q", l)
				}
			}
			if !strings.Contains(p.Stack, "rollcall_test.TestAPanicTellsItsTypeAndPlaceAndNotItsText") || !strings.Contains(p.Stack, "(panic_test.go:") {
				t.Errorf("the stack does not lead to where it broke:\n%s", p.Stack)
			}
			if got := rollcall.CodeOf(fmt.Errorf("handle: %w", err)); got != rollcall.Internal {
				t.Errorf("its code is %s", got)
			}
		})
	}
}
