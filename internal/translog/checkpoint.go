package translog

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"rollcall/internal/rollcall"
)

// algEd25519 is the type of a note's key, C2SP signed-note.
const algEd25519 = 1

// maxCheckpoint bounds the bytes of a checkpoint.
const maxCheckpoint = 2000

// originName is what a log's name is before its slug: an URL without a scheme,
// and nothing that a terminal would take for more than text.
var originName = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)*$`)

// Origin returns the name of a petition's log, which is also its key's name: no
// checkpoint of one petition can be shown as another's.
func Origin(origin, slug string) string { return origin + "/" + slug }

// A Key is the public key of one log, as text: the log's origin, a hash and the
// ed25519 key, joined by plus signs (C2SP signed-note). It is a note.Verifier.
type Key struct {
	note.Verifier
	text string
}

// ParseKey reads a key, without a line feed. Anything but the one form of a key
// is an [Error] with [ErrMalformed].
func ParseKey(text string) (Key, error) {
	k, err := parseKey(text)
	if err != nil {
		return Key{}, err
	}
	return k, nil
}

func parseKey(text string) (Key, *Error) {
	bad := func() (Key, *Error) {
		return Key{}, fault(ErrMalformed, "a verifier key is needed, in the form ORIGIN/SLUG+HASH+KEY")
	}
	v, err := note.NewVerifier(text)
	if err != nil {
		return bad()
	}
	parts := strings.SplitN(text, "+", 3)
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || len(text) > maxCheckpoint {
		return bad()
	}
	again, err := note.NewEd25519VerifierKey(v.Name(), raw[1:])
	if err != nil || again != text {
		return bad()
	}
	k := Key{v, text}
	if base, slug := k.split(); !originName.MatchString(base) || !rollcall.ValidSlug(slug) {
		return Key{}, fault(ErrMalformed, "the key's name is not of the form ORIGIN/SLUG")
	}
	return k, nil
}

func (k Key) String() string { return k.text }

// Origin returns the origin of the log that the key is for.
func (k Key) Origin() string { return k.Name() }

// Slug returns the petition's slug.
func (k Key) Slug() string {
	_, slug := k.split()
	return slug
}

func (k Key) split() (origin, slug string) {
	i := strings.LastIndexByte(k.Name(), '/')
	return k.Name()[:max(i, 0)], k.Name()[i+1:]
}

// A Signer signs the checkpoints of one log. It never prints its key.
type Signer struct {
	signer note.Signer
	key    Key
}

// NewSigner returns the signer of the log that is named by origin, see [Origin],
// whose ed25519 key is made from the seed.
func NewSigner(origin string, seed [ed25519.SeedSize]byte) (*Signer, error) {
	private := ed25519.NewKeyFromSeed(seed[:])
	text, err := note.NewEd25519VerifierKey(origin, private.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, fmt.Errorf("key of the log %s: %w", origin, err)
	}
	key, err := ParseKey(text)
	if err != nil {
		return nil, fmt.Errorf("key of the log %s: %w", origin, err)
	}
	skey := fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", origin, key.KeyHash(), base64.StdEncoding.EncodeToString(append([]byte{algEd25519}, seed[:]...)))
	signer, err := note.NewSigner(skey)
	if err != nil {
		return nil, errors.New("key of the log " + origin + ": it is not accepted") // the cause may hold the key
	}
	return &Signer{signer, key}, nil
}

// Key returns the public key.
func (s *Signer) Key() Key { return s.key }

func (s *Signer) String() string { return "[signer of " + s.key.Origin() + "]" }

// GoString masks.
func (s *Signer) GoString() string { return s.String() }

// A Checkpoint is a log's signed statement of its size and root.
type Checkpoint struct {
	Origin string
	Size   int64 // leaves
	Root   Hash
	Note   []byte // the signed text: C2SP tlog-checkpoint, five lines
}

// Checkpoint signs a size and a root. The same always gives the same bytes.
func (s *Signer) Checkpoint(size int64, root Hash) (Checkpoint, error) {
	text := torchwood.Checkpoint{Origin: s.key.Origin(), Tree: tlog.Tree{N: size, Hash: root}}.String()
	signed, err := note.Sign(&note.Note{Text: text}, s.signer)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("sign the checkpoint of %d leaves: %w", size, err)
	}
	return Checkpoint{s.key.Origin(), size, root, signed}, nil
}

// OpenCheckpoint reads a checkpoint and checks its signature. It takes only what
// [Signer.Checkpoint] writes: no extension line, and the log's signature alone,
// since a line that nobody checks would be one that anybody could change. An
// [Error] has [ErrMalformed] or [ErrSignature].
func OpenCheckpoint(k Key, text []byte) (Checkpoint, error) {
	c, err := openCheckpoint(k, text)
	if err != nil {
		return Checkpoint{}, err
	}
	return c, nil
}

func openCheckpoint(k Key, text []byte) (Checkpoint, *Error) {
	if len(text) > maxCheckpoint {
		return Checkpoint{}, fault(ErrMalformed, "a checkpoint has at most %d bytes", maxCheckpoint)
	}
	lines := strings.SplitAfter(string(text), "\n")
	if len(lines) != 6 || lines[5] != "" || lines[3] != "\n" {
		return Checkpoint{}, fault(ErrMalformed, "a checkpoint has five lines, of which the fourth is empty")
	}
	body := strings.Join(lines[:3], "")
	parsed, err := torchwood.ParseCheckpoint(body)
	if err != nil || parsed.String() != body || parsed.N > maxNumber {
		return Checkpoint{}, fault(ErrMalformed, "a checkpoint begins with origin, size and root")
	}
	if parsed.Origin != k.Origin() {
		return Checkpoint{}, fault(ErrSignature, "it is of the log %q, not of %q", clip([]byte(parsed.Origin)), k.Origin())
	}
	policy := torchwood.ThresholdPolicy(2, torchwood.OriginPolicy(k.Origin()), torchwood.SingleVerifierPolicy(k))
	c, n, err := torchwood.VerifyCheckpoint(text, policy)
	if err != nil {
		return Checkpoint{}, fault(ErrSignature, "of %d leaves, for the key %s", parsed.N, k)
	}
	// What base64 leaves open is closed: the line is the encoding of its bytes.
	raw, err := base64.StdEncoding.DecodeString(n.Sigs[0].Base64)
	if err != nil || !bytes.Equal(text, fmt.Appendf(nil, "%s\n— %s %s\n", body, k.Name(), base64.StdEncoding.EncodeToString(raw))) {
		return Checkpoint{}, fault(ErrMalformed, "it is not in the one form that it may have")
	}
	return Checkpoint{c.Origin, c.N, c.Hash, bytes.Clone(text)}, nil
}
