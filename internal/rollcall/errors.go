package rollcall

import "errors"

// A Code says what kind of thing went wrong, for code to decide by and for a
// phrase to be chosen by. Whatever is not an [Error] counts as [Internal].
type Code string

// The codes.
const (
	NotFound    Code = "not_found"
	Invalid     Code = "invalid"
	Conflict    Code = "conflict"
	Forbidden   Code = "forbidden"
	Unavailable Code = "unavailable"
	Internal    Code = "internal"
)

// An Error is one that its reader can do something about. Text is a plain
// English sentence for keepers and logs; it never holds a name, an id or a
// query.
type Error struct {
	Code Code
	Text string
}

func (e *Error) Error() string { return e.Text }

// E makes an [Error].
func E(code Code, text string) error { return &Error{code, text} }

// CodeOf returns the code of the first [Error] in err's chain, [Internal] for
// any other error, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}
