package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"iter"

	"rollcall/internal/names"
)

// The search index is kept in segments, and a segment in pages: blobs of a size
// that SQLite keeps in one leaf of a table. A page holds buckets, in the order
// of their keys: the key cut to its first 40 bits, the number of values, and the
// values, which are of one kind in a segment. A cut key only ever brings a
// candidate too many.
//
//	bucket  key (5 bytes, big-endian)  count (uvarint)  values
//	people  ids, ascending: the first, then the differences (uvarints)
//	words   length (uvarint) and bytes of each, ascending

// A cutKey is the first 40 bits of a key.
type cutKey uint64

const cutBits = 40

func cut(k names.Key) cutKey { return cutKey(k >> (64 - cutBits)) }

// page returns the number of the page that holds the key in a segment of
// 1<<bits pages.
func (k cutKey) page(bits int) int64 { return int64(k >> (cutBits - bits)) }

// errPage is returned for a page that does not hold what it should.
var errPage = errors.New("a page of the search index is broken")

// A kind says what the values of a segment are.
type kind string

const (
	kindPeople kind = "people"
	kindWords  kind = "words"
)

// A bucket is a key with its values as they stand in the page.
type bucket struct {
	key    cutKey
	count  int
	values []byte
}

func appendBucket(page []byte, r bucket) []byte {
	var key [8]byte
	binary.BigEndian.PutUint64(key[:], uint64(r.key)<<(64-cutBits))
	page = append(page, key[:cutBits/8]...)
	page = binary.AppendUvarint(page, uint64(r.count))
	return append(page, r.values...)
}

// nextBucket reads the bucket at the start of the page and returns what is
// after it.
func nextBucket(k kind, page []byte) (r bucket, rest []byte, err error) {
	const keyBytes = cutBits / 8
	if len(page) < keyBytes {
		return r, nil, errPage
	}
	var key [8]byte
	copy(key[:], page[:keyBytes])
	r.key = cutKey(binary.BigEndian.Uint64(key[:]) >> (64 - cutBits))
	page = page[keyBytes:]
	count, n := binary.Uvarint(page)
	if n <= 0 || count == 0 || count > uint64(len(page)) { // a value takes a byte at least
		return r, nil, errPage
	}
	page = page[n:]
	end := 0
	for range count {
		v, n := binary.Uvarint(page[end:])
		if n <= 0 {
			return r, nil, errPage
		}
		end += n
		if k == kindWords {
			if v > uint64(len(page)-end) {
				return r, nil, errPage
			}
			end += int(v)
		}
	}
	r.count, r.values = int(count), page[:end:end]
	return r, page[end:], nil
}

// findBucket returns the bucket of the key, one of no values where there is
// none.
func findBucket(k kind, page []byte, key cutKey) (bucket, error) {
	for len(page) > 0 {
		r, rest, err := nextBucket(k, page)
		if err != nil {
			return bucket{}, err
		}
		if r.key == key {
			return r, nil
		}
		if r.key > key {
			break
		}
		page = rest
	}
	return bucket{}, nil
}

// buckets yields those of a page. It ends early where the page is broken: see
// err.
func buckets(k kind, page []byte, err *error) iter.Seq[bucket] {
	return func(yield func(bucket) bool) {
		for len(page) > 0 {
			r, rest, e := nextBucket(k, page)
			if e != nil {
				*err = e
				return
			}
			if !yield(r) {
				return
			}
			page = rest
		}
	}
}

// people returns the ids of a bucket of that kind. The bucket is one that
// nextBucket has read.
func (r bucket) people(dst []int64) []int64 {
	last := int64(0)
	for b := r.values; len(b) > 0; {
		v, n := binary.Uvarint(b)
		b = b[n:]
		last += int64(v)
		dst = append(dst, last)
	}
	return dst
}

func peopleBucket(key cutKey, ids []int64) bucket {
	var values []byte
	last := int64(0)
	for _, id := range ids {
		values = binary.AppendUvarint(values, uint64(id-last))
		last = id
	}
	return bucket{key, len(ids), values}
}

// words returns the words of a bucket of that kind.
func (r bucket) words(dst []string) []string {
	for b := r.values; len(b) > 0; {
		v, n := binary.Uvarint(b)
		dst = append(dst, string(b[n:n+int(v)]))
		b = b[n+int(v):]
	}
	return dst
}

func wordsBucket(key cutKey, words []string) bucket {
	var values []byte
	for _, w := range words {
		values = binary.AppendUvarint(values, uint64(len(w)))
		values = append(values, w...)
	}
	return bucket{key, len(words), values}
}

// join makes one bucket of two with one key: the values of both, each once.
func (r bucket) join(k kind, o bucket) bucket {
	if bytes.Equal(r.values, o.values) {
		return r
	}
	if k == kindWords {
		return wordsBucket(r.key, mergeSorted(r.words(nil), o.words(nil)))
	}
	return peopleBucket(r.key, mergeSorted(r.people(nil), o.people(nil)))
}

// mergeSorted merges two ascending lists, leaving out what is in both.
func mergeSorted[T int64 | string](a, b []T) []T {
	all := make([]T, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			all, a = append(all, a[0]), a[1:]
		case b[0] < a[0]:
			all, b = append(all, b[0]), b[1:]
		default:
			all, a, b = append(all, a[0]), a[1:], b[1:]
		}
	}
	return append(append(all, a...), b...)
}
