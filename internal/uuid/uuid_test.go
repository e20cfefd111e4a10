package uuid

import (
	"encoding/json"
	"strings"
	"testing"
)

const text = "12345678-1234-5678-1234-567812345678"

// The answers are those of Python's uuid.UUID; "" is an error.
func TestParse(t *testing.T) {
	for input, want := range map[string]string{
		text:                                        text,
		"{12345678-1234-5678-1234-56781234ABCD}":    "12345678-1234-5678-1234-56781234abcd",
		"urn:uuid:" + text:                          text,
		"1234567812345678123456781234567-8":         text,
		"12345678123456781234567812345678":          text,
		"{{12345678123456781234567812345678}}":      text,
		"}12345678123456781234567812345678{":        text,
		"uuid:urn:12345678123456781234567812345678": text,
		"12345678urn:123456781234567812345678":      text,
		"URN:UUID:" + text:                          "",
		"0x345678123456781234567812345678":          "00345678-1234-5678-1234-567812345678",
		"0x34567812345678123456781234567812":        "",
		"0x_45678123456781234567812345678":          "00045678-1234-5678-1234-567812345678",
		"0x0x5678123456781234567812345678":          "",
		"-{}-":                                      "",
		"_2345678123456781234567812345678":          "",
		"1__45678123456781234567812345678":          "",
		"1_345678123456781234567812345678":          "01345678-1234-5678-1234-567812345678",
		"+2345678123456781234567812345678":          "02345678-1234-5678-1234-567812345678",
		"++345678123456781234567812345678":          "",
		" 2345678123456781234567812345678":          "02345678-1234-5678-1234-567812345678",
		"1234567812345678123456781234567\n":         "01234567-8123-4567-8123-456781234567",
		"\x1c2345678123456781234567812345678":       "",
		"\u00a02345678123456781234567812345678":     "02345678-1234-5678-1234-567812345678",
		strings.Repeat("٣", 32):                     "33333333-3333-3333-3333-333333333333",
		"1234567812345678123456781234567":           "",
		"123456781234567812345678123456789":         "",
		"g2345678123456781234567812345678":          "",
		"é2345678123456781234567812345678":          "",
		"":                                          "",
	} {
		id, err := Parse(input)
		switch {
		case want == "" && err == nil:
			t.Errorf("Parse(%q) = %v, want an error", input, id)
		case want != "" && (err != nil || id.String() != want):
			t.Errorf("Parse(%q) = %v, %v; want %s", input, id, err, want)
		}
	}
}

func TestParseErrorQuotesTheText(t *testing.T) {
	_, err := Parse("not\none")
	if want := `uuid: "not\none" is not a UUID: want 32 hexadecimal digits`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestForms(t *testing.T) {
	id, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		id.String():                       text,
		string(id.AppendHex([]byte("x"))): "x12345678123456781234567812345678",
		id.Repr():                         "UUID('" + text + "')",
		UUID{}.String():                   "00000000-0000-0000-0000-000000000000",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestMarshal(t *testing.T) {
	type record struct{ ID UUID }
	var r record
	if err := json.Unmarshal([]byte(`{"ID":"{12345678123456781234567812345678}"}`), &r); err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(r)
	if want := `{"ID":"` + text + `"}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	before := r
	if err := r.ID.UnmarshalText([]byte("x")); err == nil || r != before {
		t.Errorf("after a bad text: %v, error %v", r, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Fuzz(func(t *testing.T, input string) {
		id, err := Parse(input)
		if err != nil {
			return
		}
		for _, form := range []string{id.String(), string(id.AppendHex(nil)), "{" + strings.ToUpper(id.String()) + "}"} {
			if again, err := Parse(form); err != nil || again != id {
				t.Fatalf("Parse(%q) = %v, which as %q is read as %v, %v", input, id, form, again, err)
			}
		}
		lenient, ok := parseLenient(input)
		if !ok || lenient != id {
			t.Fatalf("Parse(%q) = %v, the lenient rules give %v, %v", input, id, lenient, ok)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}
