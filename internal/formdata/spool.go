package formdata

import (
	"fmt"
	"io"
	"math"
	"os"
)

// spool stores the content of one file after the other: in memory up to the
// limit, then in a temporary file.
type spool struct {
	dir    string
	memory int64 // bytes that may still be held in memory
	create func(dir string) (tempFile, error)
	disk   tempFile // of the file being stored, nil while it is in memory
}

type tempFile interface {
	io.WriteCloser
	Name() string
}

func newSpool(dir string, memory int64) spool {
	if memory < 0 {
		memory = math.MaxInt64
	}
	return spool{dir: dir, memory: memory, create: createTemp}
}

// createTemp relies on os.CreateTemp to give the file mode 0600.
func createTemp(dir string) (tempFile, error) { return os.CreateTemp(dir, "upload-*") }

func (s *spool) write(file *File, data []byte) error {
	file.Size += int64(len(data))
	if s.disk == nil && int64(len(data)) <= s.memory {
		s.memory -= int64(len(data))
		file.content = append(file.content, data...)
		return nil
	}
	if err := s.moveToDisk(file); err != nil {
		return storeError(file, err)
	}
	if _, err := s.disk.Write(data); err != nil {
		return storeError(file, err)
	}
	return nil
}

// moveToDisk moves the file to disk. The files that follow can use its memory.
func (s *spool) moveToDisk(file *File) error {
	if s.disk != nil {
		return nil
	}
	disk, err := s.create(s.dir)
	if err != nil {
		return err
	}
	s.disk, file.path = disk, disk.Name()
	if _, err := disk.Write(file.content); err != nil {
		return err
	}
	s.memory += int64(len(file.content))
	file.content = nil
	return nil
}

// finish closes the file that is being stored.
func (s *spool) finish(file *File) error {
	if err := s.close(); err != nil {
		return storeError(file, err)
	}
	return nil
}

func (s *spool) close() error {
	if s.disk == nil {
		return nil
	}
	disk := s.disk
	s.disk = nil
	return disk.Close()
}

func storeError(file *File, err error) error {
	return fmt.Errorf("formdata: store upload %q in the temporary folder: %w", file.Filename, err)
}
