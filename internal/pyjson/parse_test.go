package pyjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/decant-go/decant/internal/pytext"
	"github.com/google/go-cmp/cmp"
)

func TestParseTypes(t *testing.T) {
	huge, _ := new(big.Int).SetString("9223372036854775808", 10)
	for text, want := range map[string]any{
		`null`:                   nil,
		`true`:                   true,
		`42`:                     42,
		`-0`:                     0,
		`9223372036854775807`:    math.MaxInt,
		`-9223372036854775808`:   math.MinInt,
		`9223372036854775808`:    huge,
		`42.0`:                   42.0,
		`1e999`:                  math.Inf(1),
		`-Infinity`:              math.Inf(-1),
		`"\ud83d\ude00"`:         "😀",
		`"\ud83d"`:               "\xED\xA0\xBD",
		`"x\ude00"`:              "x\xED\xB8\x80",
		`[]`:                     []any{},
		`{}`:                     map[string]any{},
		`{"a":1,"a":[null,"b"]}`: map[string]any{"a": []any{nil, "b"}},
	} {
		got, err := Parse([]byte(text))
		if err != nil {
			t.Errorf("Parse(%s): %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, got, cmp.Comparer(sameInt)); diff != "" {
			t.Errorf("Parse(%s) (-want +got):\n%s", text, diff)
		}
	}
}

func sameInt(a, b *big.Int) bool { return a.Cmp(b) == 0 }

func TestParseRefusesBytesThatAreNotUTF8(t *testing.T) {
	for _, text := range []string{"\"\xff\"", "\"a\xed\xa0\xbd\"", "\"\\n\xc3\"", "\"\xc0\xaf\"", "\xff", "[\"\xe9\"]"} {
		_, err := Parse([]byte(text))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("Parse(%q): error %v, want a SyntaxError", text, err)
		}
	}
}

func TestParseDepth(t *testing.T) {
	for _, bracket := range []string{"[]", `{"a":}`} {
		opening, closing := bracket[:len(bracket)-1], bracket[len(bracket)-1:]
		nest := func(depth int) []byte {
			return []byte(strings.Repeat(opening, depth) + "1" + strings.Repeat(closing, depth))
		}
		if _, err := Parse(nest(MaxDepth)); err != nil {
			t.Errorf("%s nested %d deep: %v", bracket, MaxDepth, err)
		}
		if _, err := Parse(nest(MaxDepth + 1)); !errors.Is(err, ErrDepth) {
			t.Errorf("%s nested %d deep: error %v, want ErrDepth", bracket, MaxDepth+1, err)
		}
	}
	if _, err := Parse(bytes.Repeat([]byte("["), 1<<20)); !errors.Is(err, ErrDepth) {
		t.Errorf("a million brackets: error %v, want ErrDepth", err)
	}
}

func TestParseIntegerLimit(t *testing.T) {
	for _, sign := range []string{"", "-"} {
		if _, err := Parse([]byte(sign + strings.Repeat("7", 4300))); err != nil {
			t.Errorf("4300 digits with sign %q: %v", sign, err)
		}
		_, err := Parse([]byte(`{"n":` + sign + strings.Repeat("7", 4301) + `}`))
		want := `value["n"]: an integer of 4301 digits exceeds the limit of 4300`
		if err == nil || err.Error() != want {
			t.Errorf("4301 digits with sign %q: error %v, want %s", sign, err, want)
		}
	}
}

func TestParseLongDocument(t *testing.T) {
	word := strings.Repeat("é\n", 40)
	want := map[string]any{}
	for i := range 100 {
		want[fmt.Sprint("key", i)] = []any{word, i, "plain"}
	}
	data, err := json.Marshal(want)
	if err != nil || len(data) <= sharedSize {
		t.Fatalf("the document must be longer than %d bytes; error %v", sharedSize, err)
	}
	got, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	clear(data) // nothing may point into the caller's bytes
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Error(diff)
	}
}

func TestParseKeepsNothingOfTheInput(t *testing.T) {
	data := []byte(`{"name":"ann"}`)
	got, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	clear(data)
	if diff := cmp.Diff(any(map[string]any{"name": "ann"}), got); diff != "" {
		t.Error(diff)
	}
}

func TestTagged(t *testing.T) {
	var seen []Tag
	decoder := Decoder{Tagged: func(tag Tag) (any, bool, error) {
		seen = append(seen, tag)
		return fmt.Sprintf("<%s %v>", tag.Key, tag.Value), tag.Key != " no", nil
	}}
	for _, test := range []struct {
		text string
		want any
		seen []Tag
	}{
		{`{" a":1}`, "< a 1>", []Tag{{Key: " a", Value: 1}}},
		{`[{" a":{" b":[]}}]`, []any{"< a < b []>>"}, []Tag{{Key: " b", Value: []any{}}, {Key: " a", Value: "< b []>", First: " b"}}},
		{`{" no":1}`, map[string]any{" no": 1}, []Tag{{Key: " no", Value: 1}}},
		{`{" a":1," b":2}`, map[string]any{" a": 1, " b": 2}, nil},
		{`{"a":1}`, map[string]any{"a": 1}, nil},
		{`{"":1}`, map[string]any{"": 1}, nil},
		{`{}`, map[string]any{}, nil},
		{`{" a":1," a":2}`, "< a 2>", []Tag{{Key: " a", Value: 2}}},
		{`{"\u0020a":1}`, "< a 1>", []Tag{{Key: " a", Value: 1}}},
		{
			`{" a":{"z":{"q":0},"b":{"r":1,"s":2}}}`, "< a map[b:map[r:1 s:2] z:map[q:0]]>",
			[]Tag{{Key: " a", Value: map[string]any{"z": map[string]any{"q": 0}, "b": map[string]any{"r": 1, "s": 2}}, First: "z"}},
		},
	} {
		seen = nil
		got, err := decoder.Parse([]byte(test.text))
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.text, diff)
		}
		if diff := cmp.Diff(test.seen, seen); diff != "" {
			t.Errorf("%s: calls (-want +got):\n%s", test.text, diff)
		}
	}
}

func TestTaggedErrorNamesThePlace(t *testing.T) {
	refused := errors.New("refused")
	decoder := Decoder{Tagged: func(Tag) (any, bool, error) { return nil, false, refused }}
	_, err := decoder.Parse([]byte(`{"user":[1,{" x":{}}]}`))
	if !errors.Is(err, refused) {
		t.Fatalf("error %v does not wrap the cause", err)
	}
	var failure *ValueError
	if !errors.As(err, &failure) || failure.Path != `["user"][1][" x"]` {
		t.Errorf("error %v, want the path [\"user\"][1][\" x\"]", err)
	}
}

// FuzzParse compares with encoding/json, which agrees with Python on every
// document apart from what the exceptions below name.
func FuzzParse(f *testing.F) {
	f.Add([]byte(session))
	f.Add([]byte(login))
	f.Add([]byte(`{"a":[1,2.5e-3,"\ud83d\ude00",NaN,-Infinity],"a":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Parse(data)
		if err == nil {
			checkStable(t, got)
		}
		var want any
		reference := json.NewDecoder(bytes.NewReader(data))
		reference.UseNumber()
		standard := json.Valid(data) && reference.Decode(&want) == nil
		switch {
		case standard && err != nil && !stricterThanGo(data, err):
			t.Fatalf("Parse(%q): %v, encoding/json accepts it", data, err)
		case !standard && err == nil && !bytes.ContainsAny(data, "NI"):
			t.Fatalf("Parse(%q) = %#v, encoding/json refuses it", data, got)
		case standard && err == nil && !bytes.Contains(data, []byte(`\u`)):
			// Not cmp, which takes exponential time on deep nesting.
			if want := plain(want); !reflect.DeepEqual(want, got) {
				t.Fatalf("Parse(%q) = %#v, encoding/json reads %#v", data, got, want)
			}
		}
	})
}

// stricterThanGo tells whether Python, too, refuses what encoding/json takes.
func stricterThanGo(data []byte, err error) bool {
	return errors.Is(err, ErrDepth) || strings.Contains(err.Error(), "Invalid UTF-8") ||
		strings.Contains(err.Error(), "exceeds the limit") && len(data) > pytext.MaxDigits
}

// plain turns the numbers of encoding/json into those of Python.
func plain(v any) any {
	switch v := v.(type) {
	case json.Number:
		return plainNumber(string(v))
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = plain(v[key])
		}
	}
	return v
}

func plainNumber(text string) any {
	if strings.ContainsAny(text, ".eE") {
		float, _ := strconv.ParseFloat(text, 64)
		return float
	}
	number, _ := new(big.Int).SetString(text, 10)
	if number.IsInt64() {
		return int(number.Int64())
	}
	return number
}

// checkStable insists that what is written is read back as it was.
func checkStable(t *testing.T, v any) {
	t.Helper()
	for _, encoder := range []*Encoder{{ASCII: true}, {Spaced: true}, {Indent: 1}} {
		text := appended(t, encoder, v)
		again, err := Parse([]byte(text))
		if err != nil {
			t.Fatalf("reading %q: %v", text, err)
		}
		if second := appended(t, encoder, again); second != text {
			t.Fatalf("written %q, then %q", text, second)
		}
	}
}
