package files

import (
	"io/fs"
	"strings"

	"github.com/decant-go/decant/internal/header"
)

// variants are the encodings of precompressed files, the better one first.
var variants = [...]struct{ encoding, extension string }{
	{"br", ".br"},
	{"gzip", ".gz"},
}

// compressed returns the variant that the client likes best, and closes the
// plain file. It returns the plain file if the client likes no variant better.
func (r *Request) compressed(folder fs.FS, name string, plain *openedFile) *openedFile {
	lines := r.Header["Accept-Encoding"]
	if len(lines) == 0 {
		return plain
	}
	if _, encoding := header.FileType(name); encoding != "" {
		return plain // compressed already
	}
	accepted := header.ParseEncodingAccept(strings.Join(lines, ","))
	best, quality := plain, 0.0
	for _, v := range variants {
		q := accepted.Quality(v.encoding)
		if q <= quality {
			continue
		}
		if f := r.variant(folder, name+v.extension, plain); f != nil {
			best.close()
			f.encoding = v.encoding
			best, quality = f, q
		}
	}
	return best
}

// variant opens a compressed file. It returns nil if there is no such file, or
// if it is older than the plain one: then somebody forgot to compress the new
// version.
func (r *Request) variant(folder fs.FS, name string, plain *openedFile) *openedFile {
	f, err := open(folder, name, r.Tags)
	if err != nil {
		return nil
	}
	if f.modified.Before(plain.modified) {
		f.close()
		return nil
	}
	f.name = plain.name
	return f
}
