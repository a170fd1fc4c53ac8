package main

// An rng is SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
// generators, 2014), so that a seed gives the same people and queries on every
// machine and in every release of Go.
type rng uint64

func newRNG(seed uint64, stream string) *rng {
	r := rng(seed)
	for _, c := range []byte(stream) {
		r = rng(r.next() ^ uint64(c))
	}
	return &r
}

func (r *rng) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below returns a number from 0 to n-1; the bias is far below what is measured.
func (r *rng) below(n int) int { return int(r.next() >> 1 % uint64(n)) }

func (r *rng) oneIn(n int) bool { return r.below(n) == 0 }

// percent is true in so many of a hundred cases.
func (r *rng) percent(n int) bool { return r.below(100) < n }

// float returns a number from 0 to below 1.
func (r *rng) float() float64 { return float64(r.next()>>11) / (1 << 53) }

func pick[T any](r *rng, list []T) T { return list[r.below(len(list))] }
