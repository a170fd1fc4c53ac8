package main

import (
	"io/fs"
	"syscall"
)

// File systems that statfs(2) names, by what they mean for SQLite.
var (
	networked = map[uint32]string{
		0x6969: "NFS", 0x517b: "SMB", 0xff534d42: "CIFS", 0xfe534d42: "SMB", 0x00c36400: "Ceph", 0x5346414f: "AFS", 0x73757245: "Coda", 0x0bd00bd0: "Lustre", 0x47504653: "GPFS",
	}
	unclear = map[uint32]string{0x65735546: "FUSE", 0x01021997: "9p"}
)

// volumeOf asks the system about a folder. It writes nothing there.
func volumeOf(dir string) (volume, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return volume{}, &fs.PathError{Op: "statfs", Path: dir, Err: err}
	}
	v := volume{free: s.Bavail * uint64(s.Bsize)}
	kind := uint32(s.Type)
	if name, ok := networked[kind]; ok {
		v.network, v.kind = true, name
	} else {
		v.kind = unclear[kind]
	}
	const write, search = 2, 1 // W_OK and X_OK of access(2)
	v.writable = syscall.Access(dir, write|search) == nil
	return v, nil
}
