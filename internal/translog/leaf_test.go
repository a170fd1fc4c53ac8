package translog

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/rollcall"
)

const digest = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

func sum() (s [32]byte) {
	for i := range s {
		s[i] = byte(i)
	}
	return s
}

func TestLeavesHaveOneEncoding(t *testing.T) {
	for _, c := range []struct {
		leaf Leaf
		line string
	}{
		{Leaf{Kind: Open, Slug: "sample", Text: sum(), Closes: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)}, "open sample " + digest + " 2026-06-01T12:00:00Z"},
		{Leaf{Kind: Sign, Slug: "a-1", Commitment: sum()}, "sign a-1 " + digest},
		{Leaf{Kind: Withdraw, Slug: "sample", Index: 7}, "withdraw sample 7"},
		{Leaf{Kind: Void, Slug: "sample", Index: 9007199254740991, Reason: Burst}, "void sample 9007199254740991 burst"},
		{Leaf{Kind: Tally, Slug: "sample", Tally: rollcall.Tally{Signed: 10, Withdrawn: 2, Voided: 1}}, "tally sample 10 2 1 7"},
		{Leaf{Kind: Close, Slug: "sample", Net: 0}, "close sample 0"},
	} {
		if got := c.leaf.String(); got != c.line {
			t.Errorf("encoded %q, want %q", got, c.line)
		}
		got, err := ParseLeaf([]byte(c.line))
		if err != nil {
			t.Errorf("%s: %v", c.line, err)
		}
		if diff := cmp.Diff(c.leaf, got); diff != "" {
			t.Errorf("%s: want to got:\n%s", c.line, diff)
		}
	}
}

func TestNoOtherLeafIsRead(t *testing.T) {
	for name, line := range map[string]string{
		"empty":               "",
		"a space":             " ",
		"unknown":             "sign2 sample " + digest,
		"key":                 "key sample",
		"capital":             "Sign sample " + digest,
		"no slug":             "sign  " + digest,
		"bad slug":            "sign Sample " + digest,
		"long slug":           "sign " + strings.Repeat("a", 33) + " " + digest,
		"short digest":        "sign sample " + digest[2:],
		"long digest":         "sign sample " + digest + "00",
		"capital digits":      "sign sample " + strings.ToUpper(digest),
		"no digits":           "sign sample " + strings.Repeat("g", 64),
		"one more field":      "sign sample " + digest + " ",
		"two spaces":          "withdraw sample  7",
		"a space at the end":  "withdraw sample 7 ",
		"a carriage return":   "withdraw sample 7\r",
		"a zero byte":         "withdraw sample 7\x00",
		"plus":                "withdraw sample +7",
		"minus":               "withdraw sample -7",
		"minus zero":          "withdraw sample -0",
		"leading zero":        "withdraw sample 07",
		"hexadecimal":         "withdraw sample 0x7",
		"underscore":          "withdraw sample 1_0",
		"beyond float64":      "withdraw sample 9007199254740992",
		"beyond int64":        "withdraw sample 9223372036854775808",
		"no reason":           "void sample 7",
		"own reason":          "void sample 7 because",
		"Arabic digits":       "withdraw sample ٧",
		"net is wrong":        "tally sample 10 2 1 8",
		"net is negative":     "tally sample 1 2 0 -1",
		"zone":                "open sample " + digest + " 2026-06-01T12:00:00+00:00",
		"fraction":            "open sample " + digest + " 2026-06-01T12:00:00.0Z",
		"no such day":         "open sample " + digest + " 2026-02-30T12:00:00Z",
		"comma":               "open sample " + digest + " 2026-06-01T12:00:00,5Z",
		"small z":             "open sample " + digest + " 2026-06-01t12:00:00z",
		"longer than a leaf":  "sign sample " + strings.Repeat("a", 300),
		"line feed in it":     "sign sample " + digest + "\n",
		"no break space":      "close\u00a0sample 0",
		"seven and more":      "tally sample 1 0 0 1 1 1",
		"byte order mark":     "\ufeffclose sample 0",
		"half of a character": "void sample 1 \xc3",
	} {
		l, err := ParseLeaf([]byte(line))
		var e *Error
		if !errors.As(err, &e) || e.Code != ErrMalformed && e.Code != ErrTally {
			t.Errorf("%s: read as %+v, %v", name, l, err)
		}
	}
}

// The vector is from another implementation: Python's hashlib and struct.
func TestCommitmentIsTheProtocols(t *testing.T) {
	var s Salt
	for i := range s {
		s[i] = 0xff - byte(i)
	}
	const want = "d0157d5df606b57c02e58f82f0b3286382527a16de81fc3d9c0d1d1aece36ee8"
	if got := rollcall.Hex(Commitment("sample", sum(), 7200000001, s)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if Commitment("sample", sum(), 7200000001, s) == Commitment("sample", sum(), 7200000002, s) {
		t.Error("two accounts have one commitment")
	}
}

func TestSecretsAreMasked(t *testing.T) {
	for _, v := range []any{Salt(sum()), Receipt{Salt: sum()}, signer(t, 1)} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if s := fmt.Sprintf(verb, v); strings.Contains(s, digest[:8]) || strings.Contains(s, "AQAAAA") || strings.Contains(s, "0x1,") {
				t.Errorf("%s of %T prints %s", verb, v, s)
			}
		}
	}
}
