package catalog

import (
	"encoding/binary"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
)

// compile writes a .mo file of keys and values, in turn.
func compile(order binary.ByteOrder, texts ...string) []byte {
	count := len(texts) / 2
	data := make([]byte, headerSize+16*count)
	for i, word := range []int{magic, 0, count, headerSize, headerSize + 8*count} {
		order.PutUint32(data[4*i:], uint32(word))
	}
	for i, text := range texts {
		entry := headerSize + 8*(i/2) + i%2*8*count
		order.PutUint32(data[entry:], uint32(len(text)))
		order.PutUint32(data[entry+4:], uint32(len(data)))
		data = append(append(data, text...), 0)
	}
	return data
}

const utf8Header = "Content-Type: text/plain; charset=UTF-8\n"

func TestByteOrders(t *testing.T) {
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		c, err := Parse(compile(order, "", utf8Header, "cat", "Katze"))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Gettext("cat"); got != "Katze" {
			t.Errorf("%v: got %q", order, got)
		}
	}
}

func TestRuleThatNamesNoForm(t *testing.T) {
	header := utf8Header + "Plural-Forms: nplurals=2; plural=10/n+5;\n"
	c, err := Parse(compile(binary.LittleEndian, "", header, "day\x00days", "Tag\x00Tage"))
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]string{0: "days", 1: "day", 2: "days", -2: "Tag"} {
		if got := c.NGettext("day", "days", n); got != want {
			t.Errorf("for %d: got %q, want %q", n, got, want)
		}
	}
}

func TestDamagedFiles(t *testing.T) {
	little := binary.LittleEndian
	whole := compile(little, "", utf8Header, "cat", "Katze")
	changed := func(pos int, value uint32) []byte {
		data := append([]byte(nil), whole...)
		little.PutUint32(data[pos:], value)
		return data
	}
	long := compile(little, make([]string, 2000)...)
	long = append(long, strings.Repeat("x", 10_000)...)
	for i := range 2000 {
		little.PutUint32(long[headerSize+8*i:], 5000)
		little.PutUint32(long[headerSize+8*i+4:], uint32(len(long)-10_000))
	}
	for name, data := range map[string][]byte{
		"empty":               {},
		"short":               whole[:10],
		"another format":      append([]byte("PK\x03\x04"), whole[4:]...),
		"version":             changed(4, 2<<16),
		"count":               changed(8, 1<<31),
		"keys behind the end": changed(12, 1<<31-1),
		"values":              changed(16, 1<<32-1),
		"length":              changed(headerSize+8, 1<<32-1),
		"start":               changed(headerSize+12, 1<<32-1),
		"overlapping texts":   long,
		"not UTF-8":           compile(little, "", utf8Header, "cat", "Katz\xe9"),
		"charset":             compile(little, "", "Content-Type: text/plain; charset=ISO-8859-1\n"),
		"plural rule":         compile(little, "", utf8Header+"Plural-Forms: nplurals=2; plural=n ==;\n"),
		"no plural rule":      compile(little, "", utf8Header+"Plural-Forms: nplurals=2;\n"),
		"deep plural rule":    compile(little, "", utf8Header+"Plural-Forms: plural="+strings.Repeat("(", 400)+"n"+strings.Repeat(")", 400)+";\n"),
		"long plural rule":    compile(little, "", utf8Header+"Plural-Forms: plural=n"+strings.Repeat("+n", 1000)+";\n"),
		"many forms":          compile(little, "a\x00b", strings.Repeat("x\x00", 100)),
	} {
		if _, err := Parse(data); err == nil {
			t.Errorf("%s: the file is read, want an error", name)
		}
	}
}

func TestErrorsNameTheFile(t *testing.T) {
	files := fstest.MapFS{"de/LC_MESSAGES/messages.mo": {Data: []byte("msgid \"\"\n")}}
	_, err := Load(files, "messages")
	if err == nil || !strings.Contains(err.Error(), "de/LC_MESSAGES/messages.mo") || !strings.Contains(err.Error(), "msgfmt") {
		t.Errorf("got %v, want an error that names the file and msgfmt", err)
	}
}

// TestBoundedMemory reads a file whose entries all name the same texts, which
// hold many separators of plural forms.
func TestBoundedMemory(t *testing.T) {
	const entries = 20_000
	data := compile(binary.LittleEndian, make([]string, 2*entries)...)
	forms := strings.Repeat("\x00", maxForms-1)
	for i := range 2 * entries {
		binary.LittleEndian.PutUint32(data[headerSize+8*i:], uint32(len(forms)))
		binary.LittleEndian.PutUint32(data[headerSize+8*i+4:], uint32(len(data)))
	}
	data = append(data, forms...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Parse(data)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 64*uint64(len(data)) {
		t.Errorf("a file of %d bytes takes %d bytes of memory (%v)", len(data), used, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"de", "pl", "pt_BR"} {
		data, err := os.ReadFile("testdata/translations/" + name + "/LC_MESSAGES/messages.mo")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, "file", 3)
	}
	f.Add(compile(binary.BigEndian, "", utf8Header+"Plural-Forms: plural=n/(n-3)?!n:2%n;\n", "a\x00b", "c\x00d"), "a", 3)
	f.Fuzz(func(t *testing.T, data []byte, message string, n int) {
		c, err := Parse(data)
		if err != nil {
			return
		}
		c.Gettext(message)
		c.NPGettext(message, message, message, n)
		for key := range c.plurals {
			c.NGettext(key, "", n)
		}
		for key, want := range c.messages {
			if got := c.Gettext(key); got != want {
				t.Errorf("Gettext(%q) = %q, want %q", key, got, want)
			}
		}
	})
}
