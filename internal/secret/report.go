package secret

import (
	"encoding/binary"

	"rollcall/internal/rollcall"
)

// ReporterTag stands for an account that says that an entry is wrong. It tells two
// accounts apart, and cannot be compared with a peer's tag.
func (k *Keys) ReporterTag(id rollcall.UserID) Tag {
	return k.Mark("report\x00" + string(binary.BigEndian.AppendUint64(nil, uint64(id))))
}
