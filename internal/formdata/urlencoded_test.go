package formdata

import (
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/arrival"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParseQuery(t *testing.T) {
	tests := []struct {
		name, raw string
		want      []Pair
	}{
		{"nothing", "", nil},
		{"only separators", "&&&", nil},
		{"only an equals sign", "=", []Pair{{"", ""}}},
		{"no value", "a&b", []Pair{{"a", ""}, {"b", ""}}},
		{"order and repetition", "b=1&a=2&b=3", []Pair{{"b", "1"}, {"a", "2"}, {"b", "3"}}},
		{"the first equals sign splits", "a=b=c&a%3Db=c", []Pair{{"a", "b=c"}, {"a=b", "c"}}},
		{"encoded separators are data", "a=1%26b%3D2", []Pair{{"a", "1&b=2"}}},
		{"plus and encoded plus", "a+b=c%2Bd+", []Pair{{"a b", "c+d "}}},
		{"decoded once", "a=%2541%252B", []Pair{{"a", "%41%2B"}}},
		{"either case of digits", "a=%c3%A9%C3%a9", []Pair{{"a", "éé"}}},
		{"raw beside encoded", "a=é%C3%A9", []Pair{{"a", "éé"}}},
		{"cut escapes", "a=%&b=%4&c=%4g&d=%%41", []Pair{{"a", "%"}, {"b", "%4"}, {"c", "%4g"}, {"d", "%A"}}},
		{"invalid bytes come back in upper case", "a=%ffx%fe", []Pair{{"a", "%FFx%FE"}}},
		{"a cut character", "a=%e2%9c&b=%e2%9cé", []Pair{{"a", "%E2%9C"}, {"b", "%E2%9Cé"}}},
		{"a surrogate and an overlong slash", "a=%ED%A0%80%C0%AF", []Pair{{"a", "%ED%A0%80%C0%AF"}}},
		{"an honest replacement character", "a=%EF%BF%BD\uFFFD", []Pair{{"a", "\uFFFD\uFFFD"}}},
		{"invalid and valid", "a=%FF%41%2B+%C3%A9", []Pair{{"a", "%FFA+ é"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseQuery(test.raw)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseQueryRefusesRawBytes(t *testing.T) {
	for _, raw := range []string{"\xff", "a=\xc3", "a=1&b=\xed\xa0\x80"} {
		if pairs, err := ParseQuery(raw); !errors.Is(err, ErrNotUTF8) || pairs != nil {
			t.Errorf("%q: got %v, %v; want ErrNotUTF8", raw, pairs, err)
		}
	}
}

// Values that share memory must not run into each other.
func TestParseQueryManyEscapedValues(t *testing.T) {
	var raw strings.Builder
	var want []Pair
	for i := range 3000 {
		value := strings.Repeat("é ", i%7) + strings.Repeat("%", i%3)
		raw.WriteString("k+" + url.QueryEscape(value) + "=" + url.QueryEscape(value) + "&")
		want = append(want, Pair{"k " + value, value})
	}
	got, err := ParseQuery(raw.String())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseURLEncodedLimits(t *testing.T) {
	none := Limits{ContentLength: -1, FormMemory: -1, Fields: -1}
	content8 := Limits{ContentLength: 8, FormMemory: -1, Fields: -1}
	memory8 := Limits{ContentLength: -1, FormMemory: 8, Fields: -1}
	fields2 := Limits{ContentLength: -1, FormMemory: -1, Fields: 2}
	tests := []struct {
		name   string
		body   string
		length int64
		limits Limits
		want   error
	}{
		{"no limits", "a=1", 3, none, nil},
		{"no limits, unknown length", "a=1", -1, none, nil},
		{"content limit, exactly", "a=345678", 8, content8, nil},
		{"content limit, over", "a=3456789", 9, content8, ErrTooLarge},
		{"content limit, unknown length below", "a=34567", -1, content8, nil},
		{"content limit, unknown length exactly", "a=345678", -1, content8, ErrTooLarge},
		{"content limit, unknown length over", "a=3456789", -1, content8, ErrTooLarge},
		{"content limit of zero, nothing", "", 0, Limits{ContentLength: 0, FormMemory: -1, Fields: -1}, nil},
		{"memory limit, exactly", "a=345678", 8, memory8, nil},
		{"memory limit, over", "a=3456789", 9, memory8, ErrTooLarge},
		{"memory limit, unknown length over", "a=3456789", -1, memory8, nil},
		{"field limit, exactly", "&a=1&&b&", 8, fields2, nil},
		{"field limit, over", "a=1&b&c", 7, fields2, ErrTooLarge},
		{"field limit of zero, nothing", "&&", 2, Limits{ContentLength: -1, FormMemory: -1}, nil},
		{"too short", "a=1", 4, none, ErrClientDisconnected},
		{"too short for a chunk", strings.Repeat("a", chunkSize), chunkSize + 1, none, ErrClientDisconnected},
		{"nothing of a promise", "", 1 << 60, none, ErrClientDisconnected},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			pairs, err := ParseURLEncoded(strings.NewReader(test.body), test.length, test.limits)
			if !errors.Is(err, test.want) {
				t.Fatalf("got error %v, want %v", err, test.want)
			}
			for way, source := range arrival.Ways(test.body, io.EOF) {
				if _, err := ParseURLEncoded(source, test.length, test.limits); !errors.Is(err, test.want) {
					t.Fatalf("%s: got error %v, want %v", way, err, test.want)
				}
			}
			if want, _ := ParseQuery(test.body); err == nil && !cmp.Equal(want, pairs) {
				t.Errorf("got %v, want %v", pairs, want)
			}
		})
	}
}

func TestLimitErrorNamesTheSetting(t *testing.T) {
	tests := map[string]Limits{
		"MaxContentLength":  {ContentLength: 2, FormMemory: -1},
		"MaxFormMemorySize": {ContentLength: -1, FormMemory: 2},
	}
	for setting, limits := range tests {
		_, err := ParseURLEncoded(strings.NewReader("a=1"), 3, limits)
		var limit *LimitError
		if !errors.As(err, &limit) || limit.Setting != setting || limit.Limit != 2 {
			t.Errorf("got %#v, want a LimitError of %s", err, setting)
		}
		if !strings.Contains(err.Error(), "2 bytes; raise Config."+setting) {
			t.Errorf("message %q does not say what to raise", err)
		}
	}
}

func TestParseURLEncodedLeavesTheRest(t *testing.T) {
	body := strings.NewReader("a=1&b=2")
	if _, err := ParseURLEncoded(body, 3, DefaultLimits()); err != nil {
		t.Fatal(err)
	}
	if rest, _ := io.ReadAll(body); string(rest) != "&b=2" {
		t.Errorf("rest is %q", rest)
	}
}

func TestReaderErrorsAreInTheChain(t *testing.T) {
	cause := errors.New("reset")
	for _, length := range []int64{-1, 10, chunkSize * 2} {
		body := io.MultiReader(strings.NewReader("a=1"), iotest.ErrReader(cause))
		pairs, err := ParseURLEncoded(body, length, DefaultLimits())
		if !errors.Is(err, ErrClientDisconnected) || !errors.Is(err, cause) || pairs != nil {
			t.Errorf("length %d: got %v, %v", length, pairs, err)
		}
	}
}

// A reader may return its last bytes together with io.EOF.
func TestDataWithEOF(t *testing.T) {
	for _, length := range []int64{-1, 3} {
		body := iotest.DataErrReader(strings.NewReader("a=1"))
		pairs, err := ParseURLEncoded(body, length, DefaultLimits())
		if diff := cmp.Diff([]Pair{{"a", "1"}}, pairs); diff != "" || err != nil {
			t.Errorf("length %d: %v %s", length, err, diff)
		}
	}
}

func FuzzQuery(f *testing.F) {
	f.Add("a=1&a=2&b")
	f.Fuzz(func(t *testing.T, raw string) {
		pairs, err := ParseQuery(raw)
		if (err == nil) != utf8.ValidString(raw) {
			t.Fatalf("%q: error %v", raw, err)
		}
		if err != nil {
			return
		}
		if diff := cmp.Diff(plainParse(raw), pairs, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%q (-plain +got):\n%s", raw, diff)
		}
		encoded := encodePairs(pairs)
		again, err := ParseQuery(encoded)
		if diff := cmp.Diff(pairs, again, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Fatalf("%q does not survive encoding: %v %s", raw, err, diff)
		}
	})
}

func FuzzURLEncoded(f *testing.F) {
	f.Add([]byte("a=1&b=%ff"), int64(9), int64(9), int64(-1))
	f.Fuzz(func(t *testing.T, data []byte, length, memory, content int64) {
		limits := Limits{FormMemory: memory, ContentLength: content, Fields: -1}
		parse := func(body io.Reader) ([]Pair, error) { return ParseURLEncoded(body, length, limits) }
		pairs, err := parse(strings.NewReader(string(data)))
		for way, source := range arrival.Ways(string(data), io.EOF) {
			again, errAgain := parse(source)
			if diff := cmp.Diff(pairs, again); diff != "" || (err == nil) != (errAgain == nil) {
				t.Fatalf("%s: %v, %v %s", way, err, errAgain, diff)
			}
		}
		if err == nil && length >= 0 && (over(length, memory) || over(length, content) || length > int64(len(data))) {
			t.Fatalf("%d bytes declared of %d: no error", length, len(data))
		}
		if err == nil && length < 0 && over(int64(len(data))+1, content) {
			t.Fatalf("%d bytes over the limit of %d: no error", len(data), content)
		}
	})
}

// plainParse is the rule book: slow, and in the order it is told.
func plainParse(raw string) []Pair {
	var pairs []Pair
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		pairs = append(pairs, Pair{plainText(name), plainText(value)})
	}
	return pairs
}

func plainText(s string) string {
	var decoded []byte
	s = strings.ReplaceAll(s, "+", " ")
	for i := 0; i < len(s); i++ {
		if i+3 <= len(s) {
			if char, err := url.PathUnescape(s[i : i+3]); err == nil && s[i] == '%' {
				decoded = append(decoded, char...)
				i += 2
				continue
			}
		}
		decoded = append(decoded, s[i])
	}
	var text string
	for _, char := range strings.SplitAfter(string(decoded), "") {
		if !utf8.ValidString(char) {
			char = strings.ToUpper(url.PathEscape(char))
		}
		text += char
	}
	return text
}

func encodePairs(pairs []Pair) string {
	var parts []string
	for _, pair := range pairs {
		parts = append(parts, url.QueryEscape(pair.Name)+"="+url.QueryEscape(pair.Value))
	}
	return strings.Join(parts, "&")
}
