package signing

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAppendEncode(t *testing.T) {
	for input, want := range map[string]string{
		"":       "",
		"a":      "YQ",
		"ab":     "YWI",
		"abc":    "YWJj",
		"ÿþ?>":   "w7_Dvj8-",
		"~~~???": "fn5-Pz8_",
	} {
		if got := string(AppendEncode([]byte("head"), []byte(input))); got != "head"+want {
			t.Errorf("AppendEncode(%q) = %q, want %q", input, got, "head"+want)
		}
	}
}

// The answers are those of itsdangerous.encoding.base64_decode.
func TestAppendDecode(t *testing.T) {
	for _, test := range []struct {
		text  string
		want  string // hexadecimal
		valid bool
	}{
		{"", "", true},
		{"YQ", "61", true},
		{"YR", "61", true},
		{"YQ=", "61", true},
		{"YQ==", "61", true},
		{"YQ===", "61", true},
		{"YQ==YQ==", "61", true},
		{"YQ=YQ", "610610", true},
		{"Y", "", false},
		{"YWJjZ", "", false},
		{"Y Q", "", false},
		{"Y!Q", "", false},
		{"Y\nQ\n", "", false},
		{"YWJj\n", "616263", true},
		{"=YQ", "", false},
		{"====", "", true},
		{"!!!!", "", true},
		{"-_-_", "fbffbf", true},
		{"+/+/", "fbffbf", true},
		{"\xff\xfeYQ", "", false},
		{" A=A!", "00", true},
		{"A-b/-A_!_9", "", false},
		{"A-- -b!99\nA", "03efbe6fdf40", true},
		{"_=\n++", "ffef", true},
		{"A/\xff--AbAA_", "", false},
		{"9\xffA- 9", "f40fbd", true},
		{" !b\xff+", "6f", true},
		{"b9+\n", "", false},
		{" \n+-=!=", "fb", true},
		{"\n_A=b//9_", "fc06ffffdf", true},
		{"9b!=-+!\xff-99", "f5bfbefbdf", true},
		{"=9/", "", false},
		{"9A!AA/_=A", "f40000fff0", true},
		{"==+ A-", "f80f", true},
		{"A+_!+\xff9 +", "03effef7", true},
		{"A-+_--\xff=A ", "03efbffbe0", true},
		{"+-/_A=A  b", "fbefff0006", true},
		{"=!b_=+9 AAA", "6fffbd0000", true},
		{" b_!=\n_", "6fff", true},
		{"++9-\n\nA\n-!", "fbef7e03", true},
		{"A //_=-/!+=", "03fffffbff", true},
	} {
		got, err := AppendDecode([]byte("head"), []byte(test.text))
		if valid := err == nil; valid != test.valid {
			t.Errorf("AppendDecode(%q): error %v, want valid %v", test.text, err, test.valid)
		}
		if err != nil && !errors.Is(err, errInvalidBase64) {
			t.Errorf("AppendDecode(%q): error %v, want errInvalidBase64", test.text, err)
		}
		if diff := cmp.Diff("head"+unhex(t, test.want), string(got)); diff != "" {
			t.Errorf("AppendDecode(%q):\n%s", test.text, diff)
		}
	}
}

func unhex(t *testing.T, text string) string {
	t.Helper()
	decoded, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(decoded)
}

// The fast path must be invisible: all texts of up to five characters over an
// alphabet with one of each kind are read the same way without it.
func TestFastPathAgrees(t *testing.T) {
	texts := []string{""}
	for start := 0; len(texts[start]) < 5; start++ {
		for _, kind := range "Aa9-/=\n\r!" {
			texts = append(texts, texts[start]+string(kind))
		}
	}
	for _, text := range texts {
		want, wantErr := appendLenient(nil, []byte(text))
		got, err := AppendDecode(nil, []byte(text))
		if err != wantErr || !bytes.Equal(got, want) {
			t.Fatalf("AppendDecode(%q) = %x, %v; the lenient path says %x, %v", text, got, err, want, wantErr)
		}
	}
}

func TestAppendDecodeReusesItsBuffer(t *testing.T) {
	text := []byte(strings.Repeat("YWJj", 10))
	buffer := make([]byte, 0, 64)
	allocations := testing.AllocsPerRun(100, func() {
		if _, err := AppendDecode(buffer, text); err != nil {
			t.Fatal(err)
		}
	})
	if allocations != 0 {
		t.Errorf("decoding into a large enough buffer allocates %v times", allocations)
	}
}

func FuzzAppendDecode(f *testing.F) {
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := AppendDecode([]byte("head"), text)
		if !bytes.HasPrefix(got, []byte("head")) {
			t.Fatalf("AppendDecode(%q) lost what was in dst: %q", text, got)
		}
		want, wantErr := appendLenient([]byte("head"), text)
		if err != wantErr || !bytes.Equal(got, want) {
			t.Fatalf("AppendDecode(%q) = %q, %v; the lenient path says %q, %v", text, got, err, want, wantErr)
		}
		encoded := AppendEncode(nil, text)
		if decoded, err := AppendDecode(nil, encoded); err != nil || !bytes.Equal(decoded, text) {
			t.Fatalf("%q comes back from %q as %q, %v", text, encoded, decoded, err)
		}
		// A standard decoder agrees wherever it accepts clean text.
		if strict, err := base64.RawStdEncoding.Strict().DecodeString(string(text)); err == nil && !bytes.ContainsAny(text, "\r\n") {
			if !bytes.Equal(strict, got[len("head"):]) {
				t.Fatalf("AppendDecode(%q) = %q, encoding/base64 says %q", text, got[len("head"):], strict)
			}
		}
	})
}

func BenchmarkAppendDecode(b *testing.B) {
	for name, text := range map[string]string{
		"clean":   "y7VWRgQ4wH9aV3mN2bX5cZ8dL0k",
		"padded":  "y7VWRgQ4wH9aV3mN2bX5cZ8dL0k=",
		"with +/": "y7VWRgQ+wH9aV3mN2bX5cZ8dL0/",
	} {
		b.Run(name, func(b *testing.B) {
			buffer := make([]byte, 0, 64)
			input := []byte(text)
			b.ReportAllocs()
			for b.Loop() {
				_, _ = AppendDecode(buffer, input)
			}
		})
	}
}
