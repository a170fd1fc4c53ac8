// Package secret keeps the key material that lives beside the database, and
// makes from it every value that stands for an account: peer tags and sealed
// ids, signer tags, and the marks in callback data.
//
// The file and the database are worth little apart: without the file no tag in
// the database can be tied to an account, short of trying every Telegram id
// through a keyed hash whose key one does not have. [Keys.Check] lets the store
// notice that it was opened beside the wrong file.
//
// Each use has its own key, derived by HKDF-SHA-256 (RFC 5869), so that a value
// made for one use says nothing in another.
package secret

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/chacha20poly1305"

	"rollcall/internal/rollcall"
)

// TagSize is the length of peer and signer tags in bytes.
const TagSize = 32

// A Tag stands for an account. Tags of different uses cannot be compared.
type Tag [TagSize]byte

const filePrefix = "rollcall-secret-v1:"

// Keys makes tags and seals. It is safe for concurrent use. It never prints
// itself.
type Keys struct {
	check    [8]byte
	peer     []byte
	signer   []byte
	callback []byte
	mark     []byte
	lookup   []byte
	aead     cipher.AEAD
	log      [32]byte
	argon    chan struct{} // holds one token for each Argon2id run that may start
	signers  *signerTags
}

// ErrExposed is returned by [Open] and [Read] for a file that others may read.
var ErrExposed = errors.New("the secret file can be read by others; make it yours alone: chmod 600")

// Open reads the secret file, or makes it with mode 0600 where there is none.
// A new file is on the disk before Open returns.
func Open(path string) (*Keys, error) {
	k, err := Read(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	var master [32]byte
	rand.Read(master[:]) // never fails: see crypto/rand
	if err := create(path, filePrefix+base64.StdEncoding.EncodeToString(master[:])+"\n"); err != nil {
		if errors.Is(err, fs.ErrExist) { // another process was first
			return Read(path)
		}
		return nil, fmt.Errorf("make the secret file: %w", err)
	}
	return New(master)
}

// Read is [Open] that makes nothing. Returns an error for which errors.Is with
// fs.ErrNotExist holds where there is no file.
func Read(path string) (*Keys, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open the secret file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s: %w", path, ErrExposed)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("open the secret file: %w", err)
	}
	text, ok := strings.CutPrefix(strings.TrimSpace(string(b)), filePrefix)
	raw, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(raw) != 32 {
		return nil, fmt.Errorf("%s is not a secret file of this program", path)
	}
	return New([32]byte(raw))
}

// create writes a whole new file and makes it last: it is written under
// another name, synced, and linked into place, so that no reader ever sees half
// of it and an existing file is never replaced.
func create(path, text string) error {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, ".secret-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(text)
	if err == nil {
		err = tmp.Sync()
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Link(tmp.Name(), path)
	}
	if err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// New derives all keys from 32 random bytes.
func New(master [32]byte) (*Keys, error) {
	derive := func(use string, n int) []byte {
		b, err := hkdf.Key(sha256.New, master[:], nil, "rollcall/v1/"+use, n)
		if err != nil {
			panic("secret: HKDF of a short key cannot fail: " + err.Error())
		}
		return b
	}
	aead, err := chacha20poly1305.NewX(derive("seal", chacha20poly1305.KeySize))
	if err != nil {
		return nil, err
	}
	k := &Keys{
		check:    [8]byte(derive("check", 8)),
		peer:     derive("peer", 32),
		signer:   derive("signer", 32),
		callback: derive("callback", 32),
		mark:     derive("mark", 32),
		lookup:   derive("lookup", 32),
		aead:     aead,
		log:      [32]byte(derive("log", 32)),
		argon:    make(chan struct{}, MaxSignerTags),
		signers:  &signerTags{},
	}
	return k, nil
}

// Check tells one secret file from another without saying anything about it.
func (k *Keys) Check() []byte { return k.check[:] }

// String keeps keys out of logs.
func (k *Keys) String() string { return "[secret]" }

// GoString keeps keys out of %#v.
func (k *Keys) GoString() string { return "[secret]" }

// PeerTag is HMAC-SHA-256 of the id under the peers' key: the same account has
// always the same tag.
func (k *Keys) PeerTag(id rollcall.UserID) Tag {
	return Tag(mac(k.peer, binary.BigEndian.AppendUint64(nil, uint64(id))))
}

// Mark is HMAC-SHA-256 of a text under a key of its own, for what must be
// recognised later and not read: a name that was taken down or is waited for.
func (k *Keys) Mark(text string) Tag { return Tag(mac(k.mark, []byte(text))) }

// WishMark is [Keys.Mark] of one of the texts by which somebody is asked for or
// listed (names.Asked, names.Listed). Marks of names that were taken down are
// others.
func (k *Keys) WishMark(text string) Tag { return k.Mark("wish\x00" + text) }

// CallbackMAC binds callback data to the account that it was drawn for. Eight
// bytes are enough, since every guess costs a press that the server sees.
func (k *Keys) CallbackMAC(id rollcall.UserID, data string) [8]byte {
	m := mac(k.callback, append(binary.BigEndian.AppendUint64(nil, uint64(id)), data...))
	return [8]byte(m[:8])
}

// Rebound returns keys whose [Keys.CallbackMAC] is another one, for a database that
// was restored at that instant; all else is as it was. Rows that were made since the
// copy are gone then, and others get their numbers: a button that was bound before must
// not lead to them. The zero time changes nothing.
func (k *Keys) Rebound(restored time.Time) *Keys {
	if restored.IsZero() {
		return k
	}
	bound := *k
	m := mac(k.callback, binary.BigEndian.AppendUint64([]byte("restored\x00"), uint64(restored.Unix())))
	bound.callback = m[:]
	return &bound
}

func mac(key, data []byte) [32]byte {
	h := hmac.New(sha256.New, key)
	h.Write(data)
	return [32]byte(h.Sum(nil))
}

// Seal encrypts by XChaCha20-Poly1305 under a random nonce, which comes first
// in the result. use names what is sealed: it must be the same at [Keys.Unseal].
func (k *Keys) Seal(use string, plain []byte) []byte {
	nonce := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+len(plain)+chacha20poly1305.Overhead)
	rand.Read(nonce)
	return k.aead.Seal(nonce, nonce, plain, []byte(use))
}

// Unseal opens what [Keys.Seal] made. It fails for another use, another secret
// file and any changed bit.
func (k *Keys) Unseal(use string, sealed []byte) ([]byte, error) {
	if len(sealed) < chacha20poly1305.NonceSizeX {
		return nil, errors.New("unseal: too short")
	}
	nonce, box := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	plain, err := k.aead.Open(nil, nonce, box, []byte(use))
	if err != nil {
		return nil, fmt.Errorf("unseal: %w", err)
	}
	return plain, nil
}

// SealPeer seals an account's id.
func (k *Keys) SealPeer(id rollcall.UserID) []byte {
	return k.Seal("peer", binary.BigEndian.AppendUint64(nil, uint64(id)))
}

// UnsealPeer opens what [Keys.SealPeer] made.
func (k *Keys) UnsealPeer(sealed []byte) (rollcall.UserID, error) {
	b, err := k.Unseal("peer", sealed)
	if err != nil {
		return 0, err
	}
	if len(b) != 8 {
		return 0, errors.New("unseal: not an account's id")
	}
	return rollcall.UserID(binary.BigEndian.Uint64(b)), nil
}
