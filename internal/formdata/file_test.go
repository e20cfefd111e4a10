package formdata

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// upload parses files of the given contents with so much file memory.
func upload(t *testing.T, dir string, memory int64, contents ...string) *Form {
	t.Helper()
	body := uploadBody(contents...)
	limits := unlimited()
	limits.FileMemory = memory
	form, err := ParseMultipart(strings.NewReader(body), int64(len(body)), "B", limits, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { form.Remove() })
	return form
}

func uploadBody(contents ...string) string {
	var body string
	for _, content := range contents {
		body += lines("--B", fileF, "", content, "")
	}
	return body + "--B--"
}

func TestFileMemory(t *testing.T) {
	const disk, memory = "upload", "."
	big := strings.Repeat("x", chunkSize*3)
	tests := []struct {
		name     string
		memory   int64
		contents []string
		want     []string
	}{
		{"all of it", 5, []string{"12345"}, []string{memory}},
		{"one more", 5, []string{"123456"}, []string{disk}},
		{"none", 0, []string{"1", ""}, []string{disk, memory}},
		{"no limit", -1, []string{big, big}, []string{memory, memory}},
		{"shared", 5, []string{"123", "456", "78"}, []string{memory, disk, memory}},
		{"given back", chunkSize, []string{big, "123"}, []string{disk, memory}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			form := upload(t, t.TempDir(), test.memory, test.contents...)
			var paths []string
			for _, file := range form.Files {
				paths = append(paths, place(file))
			}
			if diff := cmp.Diff(test.want, paths); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for i, file := range form.Files {
				if got := string(content(t, file)); got != test.contents[i] {
					t.Errorf("file %d: %d bytes, want %d", i, len(got), len(test.contents[i]))
				}
			}
		})
	}
}

func place(file *File) string {
	name, _, _ := strings.Cut(filepath.Base(file.path), "-")
	return name
}

func TestTemporaryFilesArePrivate(t *testing.T) {
	form := upload(t, t.TempDir(), 0, "secret")
	info, err := os.Stat(form.Files[0].path)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("got mode %v, %v; want 0600", info.Mode(), err)
	}
}

func TestOpenSeeksAndRepeats(t *testing.T) {
	for _, memory := range []int64{0, -1} {
		file := upload(t, t.TempDir(), memory, "content").Files[0]
		reader, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := reader.Seek(-4, io.SeekEnd); err != nil {
			t.Fatal(err)
		}
		if tail, err := io.ReadAll(reader); string(tail) != "tent" || err != nil {
			t.Errorf("got %q, %v", tail, err)
		}
		if err := reader.Close(); err != nil {
			t.Fatal(err)
		}
		if again := content(t, file); string(again) != "content" {
			t.Errorf("got %q on the second time", again)
		}
	}
}

func TestConcurrentOpenAndRemove(t *testing.T) {
	form := upload(t, t.TempDir(), 3, "abc", "content")
	var group sync.WaitGroup
	for range 8 {
		for _, file := range form.Files {
			group.Go(func() {
				reader, err := file.Open()
				if err == nil {
					reader.Close()
				}
			})
		}
		group.Go(func() { form.Remove() })
	}
	group.Wait()
}

func TestRemove(t *testing.T) {
	dir := t.TempDir()
	form := upload(t, dir, 3, "abc", "content")
	if err := errors.Join(form.Remove(), form.Remove()); err != nil {
		t.Fatal(err)
	}
	wantNoFiles(t, dir)
	for _, file := range form.Files {
		if _, err := file.Open(); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("place %q: got %v, want ErrClosed", place(file), err)
		}
	}
}

func TestRemoveOfMovedFile(t *testing.T) {
	form := upload(t, t.TempDir(), 0, "content")
	if err := os.Remove(form.Files[0].path); err != nil {
		t.Fatal(err)
	}
	if _, err := form.Files[0].Open(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open: got %v, want ErrNotExist", err)
	}
	if err := form.Remove(); err != nil {
		t.Errorf("Remove: %v", err)
	}
}

func TestRemoveReportsWhatStays(t *testing.T) {
	form := upload(t, t.TempDir(), 0, "content", "more")
	path := form.Files[0].path
	if err := errors.Join(os.Remove(path), os.MkdirAll(filepath.Join(path, "in the way"), 0o700)); err != nil {
		t.Fatal(err)
	}
	if err := form.Remove(); err == nil {
		t.Error("no error")
	}
	if _, err := os.Stat(form.Files[1].path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the other file stays: %v", err)
	}
}

func TestMissingFolder(t *testing.T) {
	body := uploadBody("content")
	limits := unlimited()
	limits.FileMemory = 0
	form, err := ParseMultipart(strings.NewReader(body), -1, "B", limits, filepath.Join(t.TempDir(), "missing"))
	if form != nil || !errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrClientDisconnected) || errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, %v; want ErrNotExist", form, err)
	}
	if err != nil && !strings.Contains(err.Error(), `"x.txt"`) {
		t.Errorf("%q does not name the upload", err)
	}
}

// fullDisk has room for so many bytes and may fail to close.
type fullDisk struct {
	*os.File
	room     int
	closeErr error
}

func (d *fullDisk) Write(p []byte) (int, error) {
	if len(p) > d.room {
		n, _ := d.File.Write(p[:d.room])
		d.room = 0
		return n, syscall.ENOSPC
	}
	d.room -= len(p)
	return d.File.Write(p)
}

func (d *fullDisk) Close() error { return errors.Join(d.File.Close(), d.closeErr) }

func TestFullDisk(t *testing.T) {
	const size = 3 * chunkSize
	tests := []struct {
		name     string
		room     int
		closeErr error
	}{
		{"no room", 0, nil},
		{"room for what was in memory", chunkSize, nil},
		{"room for most", size - 1, nil},
		{"fails when closed", size, syscall.ENOSPC},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			limits := unlimited()
			limits.FileMemory = chunkSize
			p := newParser(limits, dir)
			p.spool.create = func(dir string) (tempFile, error) {
				file, err := os.CreateTemp(dir, "")
				return &fullDisk{file, test.room, test.closeErr}, err
			}
			body := uploadBody("first", strings.Repeat("x", size), "last")
			form, err := p.parse(strings.NewReader(body), int64(len(body)), "B")
			if form != nil || !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("got %v, %v; want ENOSPC", form, err)
			}
			wantNoFiles(t, dir)
		})
	}
}

// Wherever a request breaks off, nothing stays on disk.
func TestErrorsRemoveFiles(t *testing.T) {
	cause := errors.New("reset")
	body := uploadBody("first", "second", "third")
	limits := unlimited()
	limits.FileMemory = 0
	for cut := range len(body) {
		dir := t.TempDir()
		source := io.MultiReader(strings.NewReader(body[:cut]), iotest.ErrReader(cause))
		form, err := ParseMultipart(source, int64(len(body)), "B", limits, dir)
		if form != nil || !errors.Is(err, ErrClientDisconnected) || !errors.Is(err, cause) {
			t.Fatalf("cut at %d: got %v, %v", cut, form, err)
		}
		wantNoFiles(t, dir)
	}
}

func TestLimitsRemoveFiles(t *testing.T) {
	dir := t.TempDir()
	limits := unlimited()
	limits.FileMemory, limits.Parts = 0, 2
	_, err := ParseMultipart(strings.NewReader(uploadBody("first", "second", "third")), -1, "B", limits, dir)
	if !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
	wantNoFiles(t, dir)
}

type panicReader struct{}

func (panicReader) Read([]byte) (int, error) { panic("reader") }

func TestPanicRemovesFiles(t *testing.T) {
	dir := t.TempDir()
	limits := unlimited()
	limits.FileMemory = 0
	p := newParser(limits, dir)
	p.chunk = 1
	body := uploadBody("first")
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		p.parse(io.MultiReader(strings.NewReader(body[:len(body)-8]), panicReader{}), -1, "B")
	}()
	if p.form == nil || len(p.form.Files) == 0 {
		t.Error("the panic came before the file")
	}
	wantNoFiles(t, dir)
}
