package secret

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"

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

	// SignerTagsKept is for how long a tag that was just made is remembered, in
	// memory alone: consent is asked and given within that time, mostly, and the
	// answer to the second press need not wait for the work of the first.
	SignerTagsKept = 10 * time.Minute

	maxSignerTagsKept = 20_000
)

// SignerTag stands for an account on one petition: Argon2id over
// HMAC-SHA-256(secret, slug, 0, id), with the slug's SHA-256 as the salt. Tags
// of one account on two petitions cannot be joined. It takes milliseconds, so
// call it outside transactions. The only error is the context's.
func (k *Keys) SignerTag(ctx context.Context, slug string, id rollcall.UserID) (Tag, error) {
	if t, ok := k.signers.get(slug, id, time.Now()); ok {
		return t, nil
	}
	select {
	case k.argon <- struct{}{}:
		defer func() { <-k.argon }()
	case <-ctx.Done():
		return Tag{}, ctx.Err()
	}
	m := mac(k.signer, binary.BigEndian.AppendUint64(append([]byte(slug), 0), uint64(id)))
	salt := sha256.Sum256([]byte("rollcall/signer/v1\x00" + slug))
	t := Tag(argon2.IDKey(m[:], salt[:16], argonPasses, argonMemoryKiB, argonLanes, TagSize))
	k.signers.keep(slug, id, t, time.Now())
	return t, nil
}

// ForgetSigner forgets the tags of the account that are still remembered.
func (k *Keys) ForgetSigner(id rollcall.UserID) { k.signers.forget(id) }

// signerTags remember tags in two halves. The older is dropped when the newer has
// grown full or SignerTagsKept old, so that no tag is found for longer than that.
type signerTags struct {
	mu       sync.Mutex
	new, old map[signerKey]signerTag
	began    time.Time // of the newer half
}

type signerKey struct {
	slug string
	id   rollcall.UserID
}

type signerTag struct {
	tag  Tag
	made time.Time
}

func (s *signerTags) get(slug string, id rollcall.UserID, now time.Time) (Tag, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn(now)
	t, ok := s.new[signerKey{slug, id}]
	if !ok {
		t, ok = s.old[signerKey{slug, id}]
	}
	return t.tag, ok && now.Sub(t.made) < SignerTagsKept
}

func (s *signerTags) keep(slug string, id rollcall.UserID, t Tag, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn(now)
	s.new[signerKey{slug, id}] = signerTag{t, now}
}

// turn drops the older half in its time; the lock is held.
func (s *signerTags) turn(now time.Time) {
	if s.new != nil && len(s.new) < maxSignerTagsKept/2 && now.Sub(s.began) < SignerTagsKept {
		return
	}
	s.old, s.new, s.began = s.new, map[signerKey]signerTag{}, now
}

func (s *signerTags) forget(id rollcall.UserID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, half := range []map[signerKey]signerTag{s.new, s.old} {
		for key := range half {
			if key.id == id {
				delete(half, key)
			}
		}
	}
}

// LogSeed is the ed25519 seed by which the checkpoints of the petitions' logs are
// signed. It stays the same as long as the secret file does.
func (k *Keys) LogSeed() [32]byte { return k.log }
