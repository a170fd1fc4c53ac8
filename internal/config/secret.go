package config

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// mask is what stands for a secret wherever it is printed.
const mask = "(hidden)"

// A Secret is a value that never prints itself: every verb of package fmt,
// encoding/json, YAML and log/slog write a mask. The value lies behind a
// pointer, because fmt does not call the methods of an unexported field and
// would print a string in one. The zero Secret is "not set" and prints as
// nothing. Safe for concurrent use.
type Secret struct{ p *string }

// NewSecret keeps s as a secret; an empty s gives the zero Secret.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{&s}
}

// Reveal returns the value, "" where none is set. The caller keeps it out of
// logs and error texts.
func (s Secret) Reveal() string {
	if s.p == nil {
		return ""
	}
	return *s.p
}

// IsZero reports whether no value is set.
func (s Secret) IsZero() bool { return s.p == nil }

// Equal reports whether both hold the same value, in a time that depends on
// their lengths only.
func (s Secret) Equal(t Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(t.Reveal())) == 1
}

// String returns the mask, or "" where no value is set.
func (s Secret) String() string {
	if s.p == nil {
		return ""
	}
	return mask
}

// GoString is the mask in the form of a Go value.
func (s Secret) GoString() string { return fmt.Sprintf("config.Secret(%q)", s.String()) }

// Format writes the mask for every verb, %d and %x among them.
func (s Secret) Format(f fmt.State, verb rune) {
	switch {
	case verb == 'q':
		fmt.Fprintf(f, "%q", s.String())
	case verb == 'v' && f.Flag('#'):
		io.WriteString(f, s.GoString())
	default:
		io.WriteString(f, s.String())
	}
}

// LogValue gives slog the mask.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText, MarshalJSON and MarshalYAML write the mask. There is no way
// back: a secret is not read from a document.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON writes the mask as a JSON string.
func (s Secret) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%q", s.String()), nil }

// MarshalYAML writes the mask as a YAML string.
func (s Secret) MarshalYAML() (any, error) { return s.String(), nil }
