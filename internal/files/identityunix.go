//go:build unix

package files

import (
	"errors"
	"syscall"
)

// identity is what tells one folder from another.
type identity struct{ device, inode uint64 }

// identityOf returns the identity of the folder to which a path leads. It is os.Stat
// without the description that a request would have to pay for.
func identityOf(path string) (identity, error) {
	var found syscall.Stat_t
	err := syscall.Stat(path, &found)
	for errors.Is(err, syscall.EINTR) {
		err = syscall.Stat(path, &found)
	}
	return identity{uint64(found.Dev), uint64(found.Ino)}, err
}

func (i identity) isSame(other identity) bool { return i == other }
