//go:build !unix

package files

import (
	"io/fs"
	"os"
)

// identity is what tells one folder from another.
type identity struct{ info fs.FileInfo }

// identityOf returns the identity of the folder to which a path leads.
func identityOf(path string) (identity, error) {
	info, err := os.Stat(path)
	return identity{info}, err
}

func (i identity) isSame(other identity) bool { return os.SameFile(i.info, other.info) }
