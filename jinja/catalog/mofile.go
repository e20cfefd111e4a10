package catalog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"
)

const (
	maxFileSize = 64 << 20 // bytes of a .mo file
	maxForms    = 16       // plural forms of a message; no language has more than six
	magic       = 0x950412de
	headerSize  = 20
)

var errTooShort = errors.New("the file ends too early")

// Open reads the .mo file called name. Errors name the file.
func Open(fsys fs.FS, name string) (*Catalog, error) {
	data, err := readFile(fsys, name)
	if err != nil {
		return nil, err
	}
	c, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("catalog %s: %w", name, err)
	}
	return c, nil
}

// readFile reads the file without trusting what it says about its size.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFileSize+1))
	if err != nil {
		return nil, fmt.Errorf("catalog %s: %w", name, err)
	}
	if len(data) > maxFileSize {
		return nil, fmt.Errorf("catalog %s: the file has more than %d bytes", name, maxFileSize)
	}
	return data, nil
}

// Parse reads the content of a .mo file in either byte order. Texts must be
// UTF-8. A file that is damaged, has another charset or a plural rule that
// cannot be read is an error.
func Parse(data []byte) (*Catalog, error) {
	f, err := newMOFile(data)
	if err != nil {
		return nil, err
	}
	c := &Catalog{
		messages: make(map[string]string, f.count),
		plurals:  map[string][]string{},
		header:   map[string]string{},
		form:     germanic,
	}
	for i := range f.count {
		key, value, err := f.message(i)
		if err != nil {
			return nil, fmt.Errorf("message %d of %d: %w", i+1, f.count, err)
		}
		if err := c.add(key, value); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// add takes one message of the file. The empty key is the header, which gettext
// also gives as the translation of the empty string.
func (c *Catalog) add(key, value string) error {
	if key == "" {
		c.header = parseHeader(value)
		c.messages[key] = value
		return c.useHeader()
	}
	singular, _, hasPlural := strings.Cut(key, "\x00")
	if !hasPlural {
		c.messages[key] = value
		return nil
	}
	if strings.Count(value, "\x00") >= maxForms {
		return fmt.Errorf("message %.60q has more than %d plural forms", singular, maxForms)
	}
	c.plurals[singular] = strings.Split(value, "\x00")
	return nil
}

// useHeader checks the charset and reads the plural rule.
func (c *Catalog) useHeader() error {
	if charset := charsetOf(c.header["content-type"]); !isUTF8Charset(charset) {
		return fmt.Errorf("charset %.40q: only UTF-8 is read; convert the .po file with msgconv --to-code=UTF-8", charset)
	}
	rule, ok := c.header["plural-forms"]
	if !ok {
		return nil
	}
	form, err := parsePluralForms(rule)
	if err != nil {
		return fmt.Errorf("header Plural-Forms %.80q: %w", rule, err)
	}
	c.form = form
	return nil
}

// parseHeader reads lines of "Name: value". A line without a colon continues
// the one before.
func parseHeader(text string) map[string]string {
	header := map[string]string{}
	last := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		name, value, found := strings.Cut(line, ":")
		switch {
		case found:
			last = lowerASCII(strings.TrimSpace(name))
			header[last] = strings.TrimSpace(value)
		case last != "" && line != "" && len(header[last])+len(line) < maxRule:
			header[last] += "\n" + line
		}
	}
	return header
}

// charsetOf is the charset of a Content-Type; without one it is UTF-8.
func charsetOf(contentType string) string {
	_, charset, found := strings.Cut(lowerASCII(contentType), "charset=")
	if !found {
		return "utf-8"
	}
	return strings.TrimSpace(charset)
}

// isUTF8Charset takes "charset" too, which templates of .po files leave there.
func isUTF8Charset(charset string) bool {
	switch charset {
	case "utf-8", "utf8", "ascii", "us-ascii", "charset", "":
		return true
	}
	return false
}

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// moFile is the content of a file with its two tables of texts.
type moFile struct {
	content string
	order   binary.ByteOrder
	count   int
	keys    int // where the table of keys begins
	values  int
	budget  int // how many bytes of text may still be read
}

func newMOFile(data []byte) (*moFile, error) {
	if len(data) < 4 {
		return nil, errTooShort
	}
	f := &moFile{content: string(data)}
	switch uint32(magic) {
	case binary.LittleEndian.Uint32(data):
		f.order = binary.LittleEndian
	case binary.BigEndian.Uint32(data):
		f.order = binary.BigEndian
	default:
		return nil, errors.New("not a .mo file: it begins with other bytes; compile the .po file with msgfmt or pybabel compile")
	}
	if len(data) < headerSize {
		return nil, errTooShort
	}
	if major := f.order.Uint32(data[4:]) >> 16; major > 1 {
		return nil, fmt.Errorf("format version %d is not known", major)
	}
	count, keys, values := f.order.Uint32(data[8:]), f.order.Uint32(data[12:]), f.order.Uint32(data[16:])
	size := uint64(len(data))
	if uint64(keys)+8*uint64(count) > size || uint64(values)+8*uint64(count) > size {
		return nil, errTooShort
	}
	f.count, f.keys, f.values = int(count), int(keys), int(values)
	// Texts do not overlap in files that tools write. The sum is bounded since a
	// file could name one long text many times.
	f.budget = 4 * len(data)
	return f, nil
}

// message returns the key and the value of message i.
func (f *moFile) message(i int) (key, value string, err error) {
	if key, err = f.text(f.keys + 8*i); err != nil {
		return "", "", err
	}
	value, err = f.text(f.values + 8*i)
	return key, value, err
}

// text returns the text whose length and place stand at pos.
func (f *moFile) text(pos int) (string, error) {
	entry := []byte(f.content[pos : pos+8])
	length, start := uint64(f.order.Uint32(entry)), uint64(f.order.Uint32(entry[4:]))
	if start+length > uint64(len(f.content)) {
		return "", errTooShort
	}
	f.budget -= int(length)
	if f.budget < 0 {
		return "", errors.New("the texts overlap")
	}
	s := f.content[start : start+length]
	if !utf8.ValidString(s) {
		return "", errors.New("a message is not UTF-8")
	}
	return s, nil
}
