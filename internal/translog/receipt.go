package translog

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"rollcall/internal/rollcall"
)

// maxReceipt bounds the bytes of a receipt.
const maxReceipt = 10000

// A Receipt lets a signer prove that the signature is in the log. The file is a
// C2SP tlog-proof (c2sp.org/tlog-proof@v1): the index, the proof of inclusion and
// the checkpoint, with "rollcall/receipt/v1 SLUG TEXT_SHA256 SALT" as its extra
// data. The account's id is not in it: whoever checks it gives the id.
//
// It is a secret all the same. With the salt, whoever holds it can try ids until
// one fits.
type Receipt struct {
	Slug       string
	Text       [32]byte // SHA-256 of petition.json
	Salt       Salt
	Index      int64
	Inclusion  Inclusion
	Checkpoint []byte // as signed; its signature is not checked by parsing
}

const receiptVersion = "rollcall/receipt/v1"

func (r Receipt) extra() []byte {
	return fmt.Appendf(nil, "%s %s %x %x", receiptVersion, r.Slug, r.Text[:], r.Salt[:])
}

// Format returns the file. Its name should end in .tlog-proof.
func (r Receipt) Format() []byte {
	return torchwood.FormatProofWithExtraData(r.Index, r.extra(), r.Inclusion, r.Checkpoint)
}

// String masks.
func (Receipt) String() string { return "[secret]" }

// GoString masks.
func (Receipt) GoString() string { return "[secret]" }

// NewReceipt proves, from the nodes of the log, that the leaf at index is in the
// checkpoint.
func NewReceipt(slug string, text [32]byte, salt Salt, index int64, c Checkpoint, r HashReader) (Receipt, error) {
	p, err := ProveInclusion(c.Size, index, r)
	if err != nil {
		return Receipt{}, err
	}
	return Receipt{slug, text, salt, index, p, c.Note}, nil
}

// ReadReceipt reads a file for [Options], and no more of it than a receipt can be
// long: what is longer fails as no receipt.
func ReadReceipt(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxReceipt+1))
	if err != nil {
		return nil, fmt.Errorf("read the receipt: %w", err)
	}
	return b, nil
}

// ParseReceipt reads a receipt and proves nothing yet. What [Receipt.Format]
// would not write is an [Error] with [ErrMalformed].
func ParseReceipt(file []byte) (Receipt, error) {
	r, err := parseReceipt(file)
	if err != nil {
		return Receipt{}, err
	}
	return r, nil
}

func parseReceipt(file []byte) (Receipt, *Error) {
	bad := func(what string) (Receipt, *Error) { return Receipt{}, fault(ErrMalformed, "%s", what) }
	if len(file) > maxReceipt {
		return bad("it is too long for a receipt")
	}
	extra, err := torchwood.ProofExtraData(file)
	if err != nil {
		return bad("it is not a tlog-proof with extra data")
	}
	var r Receipt
	fields := strings.Split(string(extra), " ")
	if fields[0] != receiptVersion {
		return bad("it is not a receipt of this version")
	}
	if len(fields) != 4 || !rollcall.ValidSlug(fields[1]) {
		return bad("its extra data are not those of a receipt")
	}
	r.Slug = fields[1]
	text, err1 := hex.DecodeString(fields[2])
	salt, err2 := hex.DecodeString(fields[3])
	if err1 != nil || err2 != nil || len(text) != len(r.Text) || len(salt) != len(r.Salt) {
		return bad("its extra data are not those of a receipt")
	}
	copy(r.Text[:], text)
	copy(r.Salt[:], salt)

	head, checkpoint, found := bytes.Cut(file, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || len(lines) < 3 {
		return bad("it ends too early")
	}
	index, ok := strings.CutPrefix(lines[2], "index ")
	if r.Index, err = strconv.ParseInt(index, 10, 64); !ok || err != nil || r.Index < 0 || r.Index > maxNumber {
		return bad("it has no index")
	}
	for _, line := range lines[3:] {
		h, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(h) != tlog.HashSize {
			return bad("a hash of its proof is not one")
		}
		r.Inclusion = append(r.Inclusion, Hash(h))
	}
	r.Checkpoint = bytes.Clone(checkpoint)
	if !bytes.Equal(r.Format(), file) {
		return bad("it is not in the one form that it may have")
	}
	return r, nil
}

// Check proves that the account's signature is in the log of the key, by the
// receipt alone. It does not tell whether the signature was withdrawn or voided
// later: [Verify] does. An [Error] has [ErrReceipt], [ErrMalformed] or
// [ErrSignature].
func (r Receipt) Check(k Key, id rollcall.UserID) (Checkpoint, error) {
	c, err := r.check(k, id)
	if err != nil {
		return Checkpoint{}, err
	}
	return c, nil
}

func (r Receipt) leaf(id rollcall.UserID) string {
	return Leaf{Kind: Sign, Slug: r.Slug, Commitment: Commitment(r.Slug, r.Text, id, r.Salt)}.String()
}

func (r Receipt) check(k Key, id rollcall.UserID) (Checkpoint, *Error) {
	if r.Slug != k.Slug() {
		return Checkpoint{}, fault(ErrReceipt, "it is for the petition %s, not for %s", r.Slug, k.Slug())
	}
	c, bad := openCheckpoint(k, r.Checkpoint)
	if bad != nil {
		return Checkpoint{}, bad
	}
	if r.Index >= c.Size {
		return Checkpoint{}, fault(ErrReceipt, "its index %d is not below its size %d", r.Index, c.Size)
	}
	if err := CheckInclusion(r.Inclusion, c.Size, c.Root, r.Index, LeafHash(r.leaf(id))); err != nil {
		return Checkpoint{}, fault(ErrReceipt, "it does not prove that this account's signature is leaf %d", r.Index)
	}
	return c, nil
}
