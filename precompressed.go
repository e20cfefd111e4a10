package decant

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

// compressed returns the file that the client likes best instead of the plain
// one, which it then closes, or the plain one itself.
func (c *Context) compressed(folder fs.FS, name string, plain *openedFile) *openedFile {
	lines := c.Request.Header["Accept-Encoding"]
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
		if f := c.variant(folder, name+v.extension, plain); f != nil {
			best.close()
			f.encoding = v.encoding
			best, quality = f, q
		}
	}
	return best
}

// variant opens a compressed file, or returns nil where there is none or it is
// older than the plain one: somebody forgot to compress the new version.
func (c *Context) variant(folder fs.FS, name string, plain *openedFile) *openedFile {
	f, err := c.open(folder, name)
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
