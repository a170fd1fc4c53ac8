package secret

import (
	"encoding/binary"
	"testing"
)

func TestReporterTag(t *testing.T) {
	keys := func(seed byte) *Keys {
		k, err := New([32]byte{seed})
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	a, b := keys(1), keys(2)
	tag := a.ReporterTag(5)
	if again := a.ReporterTag(5); again != tag {
		t.Error("the same account has another tag the second time")
	}
	for name, other := range map[string]Tag{"another account": a.ReporterTag(6), "another key": b.ReporterTag(5), "the peer": a.PeerTag(5),
		"the mark of the number alone": a.Mark(string(binary.BigEndian.AppendUint64(nil, 5)))} {
		if other == tag {
			t.Errorf("%s has the same tag", name)
		}
	}
}
