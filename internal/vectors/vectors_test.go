package vectors

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/internal/uuid"
)

// recorder stands in for a test that is expected to fail.
type recorder struct {
	testing.TB
	message string
}

type stopped struct{}

func (r *recorder) Helper() {}

func (r *recorder) Fatalf(format string, args ...any) {
	r.message = fmt.Sprintf(format, args...)
	panic(stopped{})
}

func (r *recorder) Errorf(format string, args ...any) {
	r.message += fmt.Sprintf(format, args...) + "\n"
}

func (r *recorder) Fatal(args ...any) {
	r.Fatalf("%s", fmt.Sprint(args...))
}

// failure runs a helper and returns the message with which it fails.
func failure(t *testing.T, run func(t testing.TB)) string {
	t.Helper()
	r := &recorder{TB: t}
	func() {
		defer func() {
			if reason := recover(); reason != nil && reason != (stopped{}) {
				panic(reason)
			}
		}()
		run(r)
	}()
	return r.message
}

func TestValue(t *testing.T) {
	huge, _ := new(big.Int).SetString("9223372036854775808", 10)
	for text, want := range map[string]any{
		`{"t":"none"}`:                          nil,
		`{"t":"bool","v":true}`:                 true,
		`{"t":"int","v":"-42"}`:                 -42,
		`{"t":"int","v":"9223372036854775808"}`: huge,
		`{"t":"float","v":"1e+16"}`:             1e16,
		`{"t":"float","v":"nan"}`:               math.NaN(),
		`{"t":"float","v":"-inf"}`:              math.Inf(-1),
		`{"t":"str","v":"é"}`:                   "é",
		`{"t":"str","v":"a\ud800"}`:             "a\xed\xa0\x80", // a lone surrogate
		`{"t":"bytes","v":"/wA="}`:              []byte{255, 0},
		`{"t":"list","v":[]}`:                   []any{},
		`{"t":"tuple","v":[{"t":"none"}]}`:      Tuple{nil},
		`{"t":"set","v":[{"t":"str","v":"a"}]}`: Set{"a"},
		`{"t":"dict","v":[]}`:                   map[string]any{},
		`{"t":"dict","v":[["a",{"t":"none"}],[{"t":"str","v":"b"},{"t":"none"}]]}`: map[string]any{"a": nil, "b": nil},
		`{"t":"dict","v":[["a",{"t":"none"}],[{"t":"int","v":"1"},{"t":"none"}]]}`: map[any]any{"a": nil, 1: nil},
		`{"t":"markup","v":"<b>"}`:                            Markup("<b>"),
		`{"t":"uuid","v":"12345678123456781234567812345678"}`: uuid.UUID{0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x56, 0x78},
		`{"t":"datetime","v":"2024-02-29T12:00:00.5"}`:        time.Date(2024, 2, 29, 12, 0, 0, 5e8, time.UTC),
		`{"t":"datetime","v":"2024-02-29T12:00:00+05:30"}`:    time.Date(2024, 2, 29, 12, 0, 0, 0, time.FixedZone("", 19800)),
		`{"t":"datetime","v":"2024-02-29T12:00:00+00:00:30"}`: time.Date(2024, 2, 29, 12, 0, 0, 0, time.FixedZone("", 30)),
		`{"t":"date","v":"2024-02-29"}`:                       Date{time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
		`{"t":"decimal","v":"1.50"}`:                          Decimal("1.50"),
	} {
		if diff := Diff(want, Value(t, json.RawMessage(text))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestValueFails(t *testing.T) {
	for text, want := range map[string]string{
		`{"t":"complex","v":"1j"}`:                           `unknown kind "complex"`,
		`{"t":"list","v":[{"t":"what","v":""}]}`:             `unknown kind "what"`,
		`{"t":"dict","v":[["a",{"t":"","v":""}]]}`:           `unknown kind ""`,
		`{"t":"dict","v":[[{"t":"x","v":""},{"t":"none"}]]}`: `unknown kind "x"`,
		`{"t":"int","v":"1.5"}`:                              `"1.5" is no int`,
		`{"t":"int","v":5}`:                                  "cannot unmarshal",
		`{"t":"bool","v":"true"}`:                            "cannot unmarshal",
		`{"t":"float","v":"x"}`:                              "invalid syntax",
		`{"t":"bytes","v":"abc"}`:                            "illegal base64",
		`{"t":"uuid","v":"x"}`:                               "is not a UUID",
		`{"t":"datetime","v":"yesterday"}`:                   "cannot parse",
		`{"t":"date","v":"2024-02-30"}`:                      "out of range",
		`5`:                                                  "cannot unmarshal",
	} {
		got := failure(t, func(t testing.TB) { Value(t, json.RawMessage(text)) })
		if !strings.Contains(got, want) {
			t.Errorf("%s fails with %q, want %q", text, got, want)
		}
	}
}

func TestMarkupHook(t *testing.T) {
	decoder := Decoder{Markup: func(html string) any { return "safe " + html }}
	got := decoder.Value(t, json.RawMessage(`{"t":"list","v":[{"t":"markup","v":"<b>"}]}`))
	if diff := cmp.Diff(any([]any{"safe <b>"}), got); diff != "" {
		t.Error(diff)
	}
}

func TestSecrets(t *testing.T) {
	got := Secrets(t, json.RawMessage(`[{"s":"é"},{"b64":"/wA="},{"s":""}]`))
	if diff := cmp.Diff([][]byte{[]byte("é"), {255, 0}, {}}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([][]byte{[]byte("one")}, Secrets(t, json.RawMessage(`{"s":"one"}`))); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{`{}`, `{"t":"str"}`, `"plain"`, `null`} {
		if failure(t, func(t testing.TB) { Bytes(t, json.RawMessage(text)) }) == "" {
			t.Errorf("%s is accepted as a secret", text)
		}
	}
}

func TestDiff(t *testing.T) {
	for _, pair := range [][2]any{
		{1, 1.0}, {0.0, math.Copysign(0, -1)}, {[]any{}, []any(nil)}, {[]any{1}, Tuple{1}}, {[]any{1}, []any{2}},
		{[]any{1}, []any{1, 2}}, {map[string]any{"a": 1}, map[string]any{"b": 1}}, {map[string]any{}, map[string]any(nil)},
		{map[string]any{}, map[any]any{}}, {"a", Markup("a")}, {nil, false}, {big.NewInt(1), big.NewInt(2)},
		{time.Unix(0, 0).UTC(), time.Unix(0, 0).In(time.FixedZone("", 60))}, {time.Unix(0, 0).UTC(), time.Unix(1, 0).UTC()},
	} {
		if Diff(pair[0], pair[1]) == "" {
			t.Errorf("%#v and %#v count as the same", pair[0], pair[1])
		}
	}
	same := []any{math.NaN(), big.NewInt(1), time.Unix(0, 0).UTC(), Tuple{nil}, map[any]any{1: Set{}}}
	again := []any{math.NaN(), big.NewInt(1), time.Unix(0, 0).UTC(), Tuple{nil}, map[any]any{1: Set{}}}
	if diff := Diff(same, again); diff != "" {
		t.Error(diff)
	}
}

func TestLoad(t *testing.T) {
	t.Setenv("DECANT_VECTORS", t.TempDir())
	write(t, "good.json", `{"format":"x","maps":[1],"cases":[{"id":"a","op":"p","n":1},{"id":"b","op":"q","n":2},{"id":"c","op":"p","n":3}]}`)
	type testCase struct {
		ID, Op string
		N      int
	}
	file := Load(t, "good.json")
	if diff := cmp.Diff([]string{"p", "q"}, file.Ops(t)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]testCase{{"a", "p", 1}, {"c", "p", 3}}, Select[testCase](t, file, "p")); diff != "" {
		t.Error(diff)
	}
	if none := Select[testCase](t, file, "z"); len(none) != 0 {
		t.Errorf("cases of an op that this file lacks: %v", none)
	}
	if all := Select[testCase](t, file); len(all) != 3 {
		t.Errorf("%d cases, want 3", len(all))
	}
	var maps []int
	if file.Section(t, "maps", &maps); !slices.Equal(maps, []int{1}) {
		t.Errorf("maps %v", maps)
	}
	for want, run := range map[string]func(t testing.TB){
		`unknown field "n"`: func(t testing.TB) { Select[struct{ ID, Op string }](t, file) },
		`no case with op "z"`: func(t testing.TB) {
			whole := *file
			whole.Whole = true
			Select[testCase](t, &whole, "p", "z")
		},
		`has no "other"`:       func(t testing.TB) { file.Section(t, "other", &maps) },
		"set DECANT_VECTORS":   func(t testing.TB) { Load(t, "absent.json") },
		"has no cases":         func(t testing.TB) { Load(t, write(t, "empty.json", `{"cases":[]}`)) },
		`has no "cases"`:       func(t testing.TB) { Load(t, write(t, "none.json", `{}`)) },
		"text after the value": func(t testing.TB) { Load(t, write(t, "trail.json", `{"cases":[1]} {}`)) },
		"a case without an id": func(t testing.TB) { Load(t, write(t, "noid.json", `{"cases":[{"op":"p"}]}`)).Ops(t) },
	} {
		if got := failure(t, run); !strings.Contains(got, want) {
			t.Errorf("fails with %q, want %q", got, want)
		}
	}
}

func write(t testing.TB, name, text string) string {
	t.Helper()
	if err := os.WriteFile(filepath.Join(os.Getenv("DECANT_VECTORS"), name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// Every typed value of every file has a kind that a Decoder knows.
func TestEveryTypedValue(t *testing.T) {
	for _, name := range []string{"sessions.json", "signer.json", "http.json", "cookies.json", "escape.json", "routing_build.json", "routing_match.json"} {
		file := Load(t, name)
		values := 0
		for _, raw := range file.Cases {
			var c any
			decode(t, name, raw, &c)
			values += decodeEvery(t, c)
		}
		if file.Whole && values == 0 {
			t.Errorf("%s has no typed values", name)
		}
	}
}

func decodeEvery(t *testing.T, v any) (count int) {
	switch v := v.(type) {
	case map[string]any:
		if kind, typed := v["t"].(string); typed && (v["v"] != nil || kind == "none") {
			raw, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			Value(t, raw)
			return 1
		}
		for _, member := range v {
			count += decodeEvery(t, member)
		}
	case []any:
		for _, item := range v {
			count += decodeEvery(t, item)
		}
	}
	return count
}

func TestCompareWithPython(t *testing.T) {
	run := func(c Call) (any, error) {
		switch c.Name {
		case "upper":
			return strings.ToUpper(c.String(0)), nil
		case "repeat":
			return slices.Repeat(c.Strings(0), c.Int(1)), nil
		case "check":
			if c.Bool(0) {
				return true, nil
			}
			return nil, fmt.Errorf("refused")
		}
		return nil, ErrUnknownCall
	}
	for content, want := range map[string]string{
		`[{"call": "upper", "args": ["a"], "want": "A"}, {"call": "repeat", "args": [["a", "b"], 2], "want": ["a", "b", "a", "b"]}, {"call": "check", "args": [false], "error": "ValueError"}]`: "",
		`[{"call": "upper", "args": ["a"], "want": "B"}]`:           "upper[\"a\"] differs from Python",
		`[{"call": "check", "args": [true], "error": "TypeError"}]`: "Python raises TypeError",
		`[{"call": "check", "args": [false], "want": true}]`:        "refused; Python gives true",
		`[{"call": "lower", "args": ["a"], "error": "TypeError"}]`:  ErrUnknownCall.Error(),
		`[{"call": "upper", "args": ["a"], "wants": "A"}]`:          `unknown field "wants"`,
		`[]`: "no calls",
		`{`:  "vectors: python.json: ",
		"":   "write it with testdata/generate.py",
	} {
		t.Chdir(t.TempDir())
		if content != "" {
			if err := os.Mkdir("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile("testdata/python.json", []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got := failure(t, func(t testing.TB) { CompareWithPython(t, run) })
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: the test says %q, want %q", content, got, want)
		}
	}
}

func TestIsChunked(t *testing.T) {
	for coding, want := range map[string]bool{"": false, "identity": false, "chunked": true, "gzip, Chunked": true, "unchunked": false} {
		if got := isChunked(coding); got != want {
			t.Errorf("isChunked(%q) = %v", coding, got)
		}
	}
}
