package secret

import (
	"context"
	"crypto/sha256"
	"encoding/binary"

	"golang.org/x/crypto/argon2"

	"rollcall/internal/rollcall"
)

// Costs of a signer tag: Argon2id (RFC 9106) with 8 MiB, one pass, one lane. A
// thief of both the database and the secret file still pays this for every id
// that he tries.
const (
	argonMemoryKiB = 8 * 1024
	argonPasses    = 1
	argonLanes     = 1

	// MaxSignerTags is how many are made at once; more callers wait. It bounds
	// the memory that a flood of presses can take.
	MaxSignerTags = 2
)

// SignerTag stands for an account on one petition: Argon2id over
// HMAC-SHA-256(secret, slug, 0, id), with the slug's SHA-256 as the salt. Tags
// of one account on two petitions cannot be joined. It takes milliseconds, so
// call it outside transactions. The only error is the context's.
func (k *Keys) SignerTag(ctx context.Context, slug string, id rollcall.UserID) (Tag, error) {
	select {
	case k.argon <- struct{}{}:
		defer func() { <-k.argon }()
	case <-ctx.Done():
		return Tag{}, ctx.Err()
	}
	m := mac(k.signer, binary.BigEndian.AppendUint64(append([]byte(slug), 0), uint64(id)))
	salt := sha256.Sum256([]byte("rollcall/signer/v1\x00" + slug))
	return Tag(argon2.IDKey(m[:], salt[:16], argonPasses, argonMemoryKiB, argonLanes, TagSize)), nil
}
