package pyjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type (
	role     string
	weekday  int
	switched bool
	ratio    float64
	ratio32  float32
	rolesOf  map[role][]weekday
)

func TestAppendTypes(t *testing.T) {
	five := 5
	var noInt *int
	var noBig *big.Int
	for want, values := range map[string][]any{
		`null`:                            {nil, noInt, noBig, (*time.Time)(nil), json.RawMessage(nil)},
		`true`:                            {true, switched(true), json.RawMessage(" true ")},
		`5`:                               {5, int8(5), int16(5), int32(5), int64(5), uint(5), uint8(5), uint16(5), uint32(5), uint64(5), uintptr(5), weekday(5), &five, big.NewInt(5), json.Number("5")},
		`0`:                               {0, json.Number("")},
		`18446744073709551615`:            {uint64(math.MaxUint64), json.Number("18446744073709551615")},
		`0.1`:                             {0.1, float32(0.1), json.Number("0.1")},
		`1e-05`:                           {1e-5, float32(1e-5), ratio(1e-5), ratio32(1e-5)},
		`1e+16`:                           {1e16, float32(1e16)},
		`0.0001`:                          {1e-4, float32(1e-4)},
		`-0.0`:                            {math.Copysign(0, -1)},
		`NaN`:                             {math.NaN(), float32(math.NaN())},
		`Infinity`:                        {math.Inf(1), float32(math.Inf(1))},
		`-Infinity`:                       {math.Inf(-1)},
		`"admin"`:                         {"admin", role("admin")},
		`"aGk="`:                          {[]byte("hi")},
		`""`:                              {"", []byte(nil)},
		`"::1"`:                           {netip.MustParseAddr("::1")},
		`"2024-02-29T00:00:00Z"`:          {time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
		`[]`:                              {[]any{}, []any(nil), []string(nil), [0]int{}},
		`[1,2]`:                           {[]any{1, 2}, []int{1, 2}, [2]int8{1, 2}, []weekday{1, 2}, [2]byte{1, 2}, json.RawMessage("[1, 2]")},
		`["a",null]`:                      {[]any{"a", nil}, []*role{ptr(role("a")), nil}, []any{role("a"), noInt}},
		`{}`:                              {map[string]any{}, map[string]any(nil), map[string]string{}, struct{}{}, rolesOf{}},
		`{"a":1,"b":2}`:                   {map[string]any{"b": 2, "a": 1}, map[role]int{"b": 2, "a": 1}, map[any]any{"b": 2, role("a"): 1}, json.RawMessage(`{"b":2,"a":1}`)},
		`{"a":"x"}`:                       {map[string]string{"a": "x"}, map[role]role{"a": "x"}},
		`{"NaN":1}`:                       {map[float64]int{math.NaN(): 1}, map[any]any{math.NaN(): 1}},
		`{"5":0,"9223372036854775808":1}`: {map[any]any{new(big.Int).Lsh(big.NewInt(1), 63): 1, 5: 0}},
		`{"-1":0,"2":0,"10":0}`:           {map[int]int{10: 0, 2: 0, -1: 0}, map[any]any{10: 0, int8(2): 0, int64(-1): 0}},
		`{"2":0,"10":0}`:                  {map[uint]int{10: 0, 2: 0}},
		`{"1.5":0,"10.0":0}`:              {map[float64]int{10: 0, 1.5: 0}, map[float32]int{10: 0, 1.5: 0}},
		`{"false":0,"true":1}`:            {map[bool]int{true: 1, false: 0}},
		`{"true":1,"1.5":2,"2":3}`:        {map[any]int{true: 1, 1.5: 2, 2: 3}},
		`{"null":1}`:                      {map[any]int{nil: 1}},
		`{"::1":1}`:                       {map[netip.Addr]int{netip.MustParseAddr("::1"): 1}},
		`[{"a":1}]`:                       {[]map[string]any{{"a": 1}}, []any{map[string]int{"a": 1}}},
	} {
		for _, value := range values {
			if got := appended(t, &Encoder{SortKeys: true}, value); got != want {
				t.Errorf("Append(%T %#v) = %s, want %s", value, value, got, want)
			}
		}
	}
}

func ptr[T any](v T) *T { return &v }

func TestAppendStrings(t *testing.T) {
	for _, test := range []struct{ text, raw, ascii string }{
		{"a/b <&>'", `"a/b <&>'"`, `"a/b <&>'"`},
		{"\"\\\b\f\n\r\t", `"\"\\\b\f\n\r\t"`, `"\"\\\b\f\n\r\t"`},
		{"\x00\x1f\x7f", "\"\\u0000\\u001f\x7f\"", `"\u0000\u001f\u007f"`},
		{"é☃😀\u2028", "\"é☃😀\u2028\"", `"\u00e9\u2603\ud83d\ude00\u2028"`},
		{"\xED\xA0\xBDx\xED\xB8\x80", `"\ud83dx\ude00"`, `"\ud83dx\ude00"`},
		{"a\xffb\xc3", "\"a\uFFFDb\uFFFD\"", `"a\ufffdb\ufffd"`},
		{"\uFFFD", "\"\uFFFD\"", `"\ufffd"`},
		{"\xED\xA0", "\"\uFFFD\uFFFD\"", `"\ufffd\ufffd"`},
	} {
		if got := appended(t, &Encoder{}, test.text); got != test.raw {
			t.Errorf("raw form of %q: %s, want %s", test.text, got, test.raw)
		}
		if got := appended(t, &Encoder{ASCII: true}, test.text); got != test.ascii {
			t.Errorf("ASCII form of %q: %s, want %s", test.text, got, test.ascii)
		}
	}
}

func TestAppendIndented(t *testing.T) {
	value := map[string]any{"b": []any{1, []any{}, ptr([]int{2})}, "a": map[string]any{}}
	want := "{\n  \"a\": {},\n  \"b\": [\n    1,\n    [],\n    [\n      2\n    ]\n  ]\n}"
	if got := appended(t, &Encoder{Indent: 2}, value); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAppendKeepsWhatStandsBefore(t *testing.T) {
	var e Encoder
	got, err := e.Append([]byte("x="), []any{1})
	if err != nil || string(got) != "x=[1]" {
		t.Errorf("got %s, %v", got, err)
	}
	got, err = e.Append([]byte("x="), []any{1, t.Log})
	if err == nil || string(got) != "x=" {
		t.Errorf("after an error: got %s, %v", got, err)
	}
}

type node struct {
	Name string
	Next *node `json:",omitempty"`
	Any  any   `json:"any,omitempty"`
}

func TestAppendErrors(t *testing.T) {
	loop := map[string]any{}
	loop["self"], loop["again"] = loop, loop
	list := []any{nil}
	list[0] = list
	ring := &node{}
	ring.Next = ring
	var chain any
	chain = &chain
	deep := any(1)
	for range MaxDepth + 1 {
		deep = []any{deep}
	}
	for _, test := range []struct {
		value any
		want  string
	}{
		{func() {}, "value: a func() cannot be written as JSON; give the type a MarshalJSON method or use something simpler"},
		{map[string]any{"user": node{Any: []any{1, make(chan int)}}}, `value["user"].Any[1]: a chan int cannot`},
		{[]complex64{1}, `value[0]: a complex64 cannot`},
		{map[string][]error{"e": {errors.New("x"), failing{}}}, `value["e"][1]: pyjson.failing.MarshalJSON: out of order`},
		{failingText{}, `value: pyjson.failingText.MarshalText: out of order`},
		{invalid{}, `value: pyjson.invalid.MarshalJSON: Expecting value: line 1 column 1 (char 0)`},
		{json.Number("1x"), `value: json.Number("1x") is no number`},
		{json.Number("-Infinity"), `value: json.Number("-Infinity") is no number`},
		{map[any]any{1: 1, "a": 2}, "value: map keys of different kinds cannot be sorted; use text keys only"},
		{map[any]any{nil: 1, 2: 2}, "value: map keys of different kinds cannot be sorted; use text keys only"},
		{map[string]any{"m": map[[1]int]int{{1}: 1}}, `value["m"]: map keys must be text, numbers, booleans or nil, not [1]int`},
		{map[failingText]int{{}: 1}, "value: key {}: out of order"},
		{loop, "nested more than 1000 levels deep"},
		{list, "nested more than 1000 levels deep"},
		{ring, "nested more than 1000 levels deep"},
		{chain, "nested more than 1000 levels deep"},
		{deep, "nested more than 1000 levels deep"},
	} {
		_, err := (&Encoder{SortKeys: true}).Append(nil, test.value)
		var failure *ValueError
		if !errors.As(err, &failure) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%T: error %v, want %s", test.value, err, test.want)
		}
		if strings.Contains(test.want, "nested") != errors.Is(err, ErrDepth) {
			t.Errorf("%T: errors.Is(%v, ErrDepth) is wrong", test.value, err)
		}
	}
}

func TestAppendErrorKinds(t *testing.T) {
	e := &Encoder{SortKeys: true}
	_, err := e.Append(nil, []any{make(chan int)})
	var unsupported *UnsupportedError
	if !errors.As(err, &unsupported) || unsupported.Type.String() != "chan int" {
		t.Errorf("error %v, want an UnsupportedError for chan int", err)
	}
	if _, err := e.Append(nil, map[any]int{1: 1, "a": 1}); !errors.Is(err, ErrMixedKeys) {
		t.Errorf("error %v, want ErrMixedKeys", err)
	}
	if _, err := e.Append(nil, failing{}); !errors.Is(err, errOutOfOrder) {
		t.Errorf("error %v does not wrap the type's own", err)
	}
	if got := appended(t, &Encoder{}, map[any]int{2: 1, 1: 2, "a": 3}); got != `{"a":3,"1":2,"2":1}` {
		t.Errorf("mixed keys without SortKeys: %s", got)
	}
	for range 20 { // a range over a map begins anywhere
		if got := appended(t, e, map[any]int{1.0: 1, 1: 2}); got != `{"1":2,"1.0":1}` {
			t.Fatalf("equal numbers of two types: %s", got)
		}
	}
}

var errOutOfOrder = errors.New("out of order")

type failing struct{ error }

func (failing) MarshalJSON() ([]byte, error) { return nil, errOutOfOrder }

type failingText struct{}

func (failingText) MarshalText() ([]byte, error) { return nil, errOutOfOrder }

type invalid struct{}

func (invalid) MarshalJSON() ([]byte, error) { return []byte("bad"), nil }

func TestDefault(t *testing.T) {
	calls := 0
	e := &Encoder{Default: func(v any) (any, bool, error) {
		calls++
		switch v := v.(type) {
		case time.Duration:
			return v.String(), true, nil
		case role:
			return []any{string(v)}, true, nil
		case failing:
			return nil, false, errOutOfOrder
		}
		return nil, false, nil
	}}
	value := map[string]any{
		"d": time.Second,
		"n": node{Name: "x", Any: []role{"a"}},
		"l": []time.Duration{time.Minute},
		"p": ptr(role("b")),
	}
	want := `{"d":"1s","l":["1m0s"],"n":{"Name":"x","any":[["a"]]},"p":["b"]}`
	if got := appended(t, e, value); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if calls == 0 {
		t.Error("Default was never called")
	}
	calls = 0
	appended(t, e, []any{nil, true, 1, int64(1), 1.5, "x", []any{}, map[string]any{"a": []string{"b"}}, big.NewInt(1), json.Number("1")})
	if calls != 0 {
		t.Errorf("Default was asked %d times about plain values", calls)
	}
	if _, err := e.Append(nil, []any{failing{}}); !errors.Is(err, errOutOfOrder) || err.Error() != "value[0]: out of order" {
		t.Errorf("error of Default: %v", err)
	}
}

func TestDefaultWithoutEnd(t *testing.T) {
	e := &Encoder{Default: func(v any) (any, bool, error) { return v, true, nil }}
	if _, err := e.Append(nil, role("a")); !errors.Is(err, ErrDepth) {
		t.Errorf("error %v, want ErrDepth", err)
	}
}

func TestTag(t *testing.T) {
	e := &Encoder{Tag: func(v any) (string, any, bool) {
		switch v := v.(type) {
		case weekday:
			return "day", []any{int(v), "x"}, true
		case map[string]any:
			_, ok := v["wrap"]
			return "m", map[string]any{"w": v["wrap"]}, ok
		}
		return "", nil, false
	}}
	value := []any{weekday(3), map[string]any{"wrap": weekday(1)}, map[string]any{"wrap": 1, "b": 2}, struct{ D weekday }{4}, weekday(5)}
	want := `[{"day":[3,"x"]},{"m":{"w":{"day":[1,"x"]}}},{"b":2,"wrap":1},{"D":4},{"day":[5,"x"]}]`
	if got := appended(t, e, value); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

type base struct {
	ID     int `json:"id"`
	Shadow string
	hidden int
}

type extra struct {
	Shadow string
	Note   *string `json:"note,omitempty"`
}

type pointerText struct{ text string }

func (p *pointerText) MarshalText() ([]byte, error) { return []byte("<" + p.text + ">"), nil }

type record struct {
	base
	*extra
	Plain   string
	Renamed int                `json:"other"`
	Skipped int                `json:"-"`
	Empty   []int              `json:"empty,omitempty"`
	Zero    time.Time          `json:"zero,omitzero"`
	Quoted  int                `json:",string"`
	QuotedS string             `json:"quotedS,string"`
	QuotedP *int               `json:",string"`
	Text    pointerText        `json:"text"`
	Texts   []pointerText      `json:"texts"`
	Map     map[string]any     `json:"map"`
	Counts  map[int]string     `json:"counts"`
	Inline  struct{ X, Y int } `json:"inline"`
	Named   base               `json:"named"`
	Iface   fmt.Stringer
	Bytes   []byte
	private int
}

// encoding/json is the reference for which fields a struct has.
func TestStructsAgainstEncodingJSON(t *testing.T) {
	note := "n"
	full := &record{
		base: base{ID: 1, Shadow: "base", hidden: 1}, extra: &extra{Shadow: "extra", Note: &note},
		Plain: "é", Renamed: 2, Skipped: 3, Empty: []int{1}, Zero: time.Unix(0, 0).UTC(), Quoted: 5,
		QuotedS: "q", QuotedP: &[]int{6}[0], Text: pointerText{"p"}, Texts: []pointerText{{"a"}, {"b"}},
		Map: map[string]any{"b": 1, "a": base{}}, Counts: map[int]string{1: "x"}, Iface: netip.MustParseAddr("::1"),
		Bytes: []byte("hi"), private: 1,
	}
	empty := &record{Texts: []pointerText{}, Map: map[string]any{}, Counts: map[int]string{}, Bytes: []byte{}}
	type left struct{ Same, OnlyLeft int }
	type right struct {
		Same  int
		Other int `json:"OnlyLeft"`
	}
	type recursive struct {
		*node
		Self *recursive `json:",omitempty"`
	}
	for _, value := range []any{
		full, empty, struct{ *record }{full}, struct {
			left
			right
		}{left{1, 2}, right{3, 4}},
		recursive{node: &node{Name: "n"}, Self: &recursive{}}, []base{{ID: 1}, {ID: 2}}, map[string]base{"x": {}},
		struct {
			A any `json:"a"`
			B int `json:"A"`
		}{B: 1},
	} {
		var want strings.Builder
		reference := json.NewEncoder(&want)
		reference.SetEscapeHTML(false)
		if err := reference.Encode(value); err != nil {
			t.Fatal(err)
		}
		got := appended(t, &Encoder{}, value) + "\n"
		if diff := cmp.Diff(want.String(), got); diff != "" {
			t.Errorf("%T (-encoding/json +got):\n%s", value, diff)
		}
	}
}

type never struct{ N int }

func (never) IsZero() bool { return false }

type always struct{ N int }

func (*always) IsZero() bool { return true }

func TestOmittedFieldsAgainstEncodingJSON(t *testing.T) {
	type options struct {
		Float   float64        `json:",omitempty"`
		Text    string         `json:",omitempty"`
		Array   [0]int         `json:",omitempty"`
		Struct  struct{}       `json:",omitempty"`
		Map     map[string]int `json:",omitempty"`
		Pointer *never         `json:",omitempty"`
		Any     any            `json:",omitempty"`
		Zero    point          `json:",omitzero"`
		Never   never          `json:",omitzero"`
		NeverP  *never         `json:",omitzero"`
		AlwaysP *always        `json:",omitzero"`
	}
	for _, value := range []any{
		options{},
		&options{Float: 1.5, Text: "x", Map: map[string]int{"a": 1}, Pointer: &never{}, Any: 0, Zero: point{1.5, 2.5}, NeverP: &never{}, AlwaysP: &always{1}},
	} {
		want, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if got := appended(t, &Encoder{}, value); got != string(want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

type point struct{ X, Y float32 }

func TestEmbeddedFieldConflictsAgainstEncodingJSON(t *testing.T) {
	type untagged struct{ Name, Only int }
	type tagged struct {
		Other int `json:"Name"`
	}
	type deeper struct{ untagged }
	for _, value := range []any{
		struct {
			untagged
			tagged
		}{untagged{1, 2}, tagged{3}},
		struct {
			deeper
			tagged
		}{deeper{untagged{1, 2}}, tagged{3}},
		struct {
			tagged    `json:"named"`
			*untagged `json:"pointer"`
			*deeper   `json:"nil"`
			*base     `json:"none,omitzero"`
			Name      int `json:",string"`
		}{tagged: tagged{1}, untagged: &untagged{2, 3}, Name: 4},
	} {
		want, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if got := appended(t, &Encoder{}, value); got != string(want) {
			t.Errorf("%T:\ngot  %s\nwant %s", value, got, want)
		}
	}
}

func TestStructFieldOrder(t *testing.T) {
	value := struct {
		B int `json:"b"`
		A int `json:"a"`
	}{1, 2}
	if got := appended(t, &Encoder{}, value); got != `{"b":1,"a":2}` {
		t.Errorf("in order of declaration: %s", got)
	}
	if got := appended(t, &Encoder{SortKeys: true}, value); got != `{"a":2,"b":1}` {
		t.Errorf("with SortKeys: %s", got)
	}
}

// The pool is left out, because it loses some of what it gets when the race
// detector watches.
func TestWritingMakesNoGarbage(t *testing.T) {
	value, err := Parse([]byte(login))
	if err != nil {
		t.Fatal(err)
	}
	s := state{Encoder: &Encoder{ASCII: true, SortKeys: true}}
	allocations := testing.AllocsPerRun(100, func() {
		s.dst = s.dst[:0]
		if err := s.value(value); err != nil {
			t.Fatal(err)
		}
	})
	if allocations != 0 {
		t.Errorf("%v allocations, want none", allocations)
	}
}

func TestParseMakesLittleGarbage(t *testing.T) {
	data := []byte(session)
	allocations := testing.AllocsPerRun(100, func() {
		if _, err := Parse(data); err != nil {
			t.Fatal(err)
		}
	})
	// One copy of the text, two for the map, one for the string in an interface.
	if allocations > 4 {
		t.Errorf("%v allocations, want at most 4", allocations)
	}
}
