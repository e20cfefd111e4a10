package pytext

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"
)

type (
	Tuple   []any
	role    string
	level   int
	ratio   float32
	flags   bool
	point   struct{ X, Y int }
	account struct {
		Name   string
		Owner  *account
		Pair   Tuple
		hidden bool // not shown
	}
	embedding struct {
		point
		Point point
	}
	loud struct{ text string }
)

func (l *loud) String() string { return strings.ToUpper(l.text) }

type spoken struct{}

func (spoken) Repr() string { return "Spoken()" }

var (
	huge, _ = new(big.Int).SetString("100000000000000000000", 10)
	noInt   *int
	noLoud  *loud
	noBig   *big.Int
)

// The answers are those of Python's str and repr, where Python has the type.
func TestRepr(t *testing.T) {
	seven := 7
	for _, test := range []struct {
		value any
		str   string // "" where it is the same as repr
		repr  string
	}{
		{nil, "", "None"},
		{noInt, "", "None"},
		{noLoud, "", "None"},
		{noBig, "", "None"},
		{true, "", "True"},
		{false, "", "False"},
		{flags(true), "", "True"},
		{-42, "", "-42"},
		{int8(-1), "", "-1"},
		{uint64(math.MaxUint64), "", "18446744073709551615"},
		{uintptr(1), "", "1"},
		{level(3), "", "3"},
		{&seven, "", "7"},
		{huge, "", "100000000000000000000"},
		{*huge, "", "Int()"},
		{1.0, "", "1.0"},
		{float32(0.1), "", "0.1"},
		{ratio(0.25), "", "0.25"},
		{json.Number("1.50"), "", "1.50"},
		{"it's", "it's", `"it's"`},
		{role("admin"), "admin", "'admin'"},
		{[]byte("\xff\x00'"), "", `b"\xff\x00'"`},
		{[]byte(nil), "", "b''"},
		{[2]byte{'h', 'i'}, "", "b'hi'"},
		{json.RawMessage("x"), "", "b'x'"},
		{[]any{}, "", "[]"},
		{[]any(nil), "", "[]"},
		{[]string{"a", `b'"`}, "", `['a', 'b\'"']`},
		{[]any{1, 1.0, nil, true, "x", []byte{1}, Tuple{}}, "", `[1, 1.0, None, True, 'x', b'\x01', ()]`},
		{[2]int{1, 2}, "", "[1, 2]"},
		{Tuple{1}, "", "(1,)"},
		{Tuple{1, Tuple{"a"}}, "", "(1, ('a',))"},
		{Tuple(nil), "", "()"},
		{map[string]any{}, "", "{}"},
		{map[string]any(nil), "", "{}"},
		{map[string]any{"b": nil, "a": map[string]int{"x": 1}}, "", "{'a': {'x': 1}, 'b': None}"},
		{map[int]bool{10: true, 2: false}, "", "{2: False, 10: True}"},
		{map[uint8]int{10: 1, 2: 2}, "", "{2: 2, 10: 1}"},
		{map[float64]int{10: 1, 2: 2}, "", "{2.0: 2, 10.0: 1}"},
		{map[any]any{"a": 1, 2: role("x")}, "", "{'a': 1, 2: 'x'}"},
		{map[any]any{1.5: 0, 10: 1, 2: 2, 15.5: 3, 1: 4, uint(3): 5}, "", "{1: 4, 1.5: 0, 2: 2, 3: 5, 10: 1, 15.5: 3}"},
		{map[any]any{math.NaN(): 1, "a": 2}, "", "{'a': 2, nan: 1}"},
		{map[any]any{1: "int", int8(1): "int8", int16(1): "int16", int64(1): "int64"}, "", "{1: 'int', 1: 'int16', 1: 'int64', 1: 'int8'}"},
		{map[role]level{"b": 1, "a": 2}, "", "{'a': 2, 'b': 1}"},
		{point{1, -2}, "", "point(X=1, Y=-2)"},
		{&account{Name: "ann", Owner: &account{}, hidden: true}, "", "account(Name='ann', Owner=account(Name='', Owner=None, Pair=()), Pair=())"},
		{embedding{point{1, 2}, point{3, 4}}, "", "embedding(Point=point(X=3, Y=4))"},
		{struct{}{}, "", "()"},
		{errors.New("it failed"), "", "it failed"},
		{&loud{"hey"}, "", "HEY"},
		{[]any{&loud{"hey"}, spoken{}}, "", "[HEY, Spoken()]"},
		{spoken{}, "", "Spoken()"},
		{netip.MustParseAddr("::1"), "", "::1"},
		{90 * time.Second, "", "1m30s"},
		{complex(1, 2), "", "(1+2i)"},
		{
			time.Date(2024, 1, 2, 3, 4, 5, 987654321, time.UTC), "2024-01-02 03:04:05.987654+00:00",
			"datetime.datetime(2024, 1, 2, 3, 4, 5, 987654, tzinfo=datetime.timezone.utc)",
		},
		{
			time.Date(2024, 1, 2, 3, 4, 0, 999, time.UTC), "2024-01-02 03:04:00+00:00",
			"datetime.datetime(2024, 1, 2, 3, 4, tzinfo=datetime.timezone.utc)",
		},
		{
			time.Date(2024, 1, 2, 3, 4, 5, 0, time.FixedZone("", 19800)), "2024-01-02 03:04:05+05:30",
			"datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone(datetime.timedelta(seconds=19800)))",
		},
		{
			time.Date(9, 1, 2, 0, 0, 0, 6000, time.FixedZone("", -28801)), "0009-01-02 00:00:00.000006-08:00:01",
			"datetime.datetime(9, 1, 2, 0, 0, 0, 6, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=57599)))",
		},
	} {
		if got := Repr(test.value); got != test.repr {
			t.Errorf("Repr(%T %#v) = %s, want %s", test.value, test.value, got, test.repr)
		}
		want := test.str
		if want == "" {
			want = test.repr
		}
		if got := Str(test.value); got != want {
			t.Errorf("Str(%T %#v) = %s, want %s", test.value, test.value, got, want)
		}
	}
}

func TestQuoting(t *testing.T) {
	for text, want := range map[string]string{
		``:                   `''`,
		`a`:                  `'a'`,
		`'`:                  `"'"`,
		`"`:                  `'"'`,
		`'"`:                 `'\'"'`,
		`\`:                  `'\\'`,
		"\n\r\t\x00\x1f\x7f": `'\n\r\t\x00\x1f\x7f'`,
		"é☃😀":                `'é☃😀'`,
		"\u00a0\u00ad\u2028": `'\xa0\xad\u2028'`,
		"\U000e0001":         `'\U000e0001'`,
		"\xED\xA0\xBD":       `'\ud83d'`,
		"a\xED\xB8\x80b":     `'a\ude00b'`,
		"\xff\xED":           "'\uFFFD\uFFFD'",
		"\xED\xA0":           "'\uFFFD\uFFFD'",
	} {
		if got := Repr(text); got != want {
			t.Errorf("Repr(%q) = %s, want %s", text, got, want)
		}
	}
}

func TestAppendFloat(t *testing.T) {
	for want, f := range map[string]float64{
		"0.0": 0, "-0.0": math.Copysign(0, -1), "1.0": 1, "-1.5": -1.5, "0.1": 0.1, "1e+16": 1e16, "9999999999999998.0": 9999999999999998,
		"0.0001": 1e-4, "9.999999999999999e-05": 9.999999999999999e-05, "1e-05": 1e-5, "1.5e+300": 1.5e300, "5e-324": 5e-324,
		"1.7976931348623157e+308": math.MaxFloat64, "123456789.125": 123456789.125, "nan": math.NaN(), "inf": math.Inf(1), "-inf": math.Inf(-1),
	} {
		if got := string(AppendFloat([]byte("x"), f)); got != "x"+want {
			t.Errorf("AppendFloat(%g) = %s, want x%s", f, got, want)
		}
	}
	for want, f := range map[string]float32{
		"0.1": 0.1, "0.0001": 1e-4, "1e-05": 1e-5, "1e+16": 1e16, "16777216.0": 1 << 24, "3.4028235e+38": math.MaxFloat32,
		"nan": float32(math.NaN()), "inf": float32(math.Inf(1)), "-inf": float32(math.Inf(-1)),
	} {
		if got := string(AppendFloat32(nil, f)); got != want {
			t.Errorf("AppendFloat32(%g) = %s, want %s", f, got, want)
		}
	}
}

func TestValuesInsideThemselves(t *testing.T) {
	list := []any{1, nil, nil}
	list[1], list[2] = list, list
	dict := map[string]any{}
	dict["a"], dict["b"] = dict, list
	tuple := Tuple{nil, 2}
	tuple[0] = []any{tuple}
	owner := &account{Name: "ann"}
	owner.Owner = owner
	shared := []any{1}
	for want, value := range map[string]any{
		"[1, [...], [...]]":                       list,
		"{'a': {...}, 'b': [1, [...], [...]]}":    dict,
		"([(...)], 2)":                            tuple,
		"account(Name='ann', Owner=..., Pair=())": owner,
		"[[1], [1]]":                              []any{shared, shared},
	} {
		if got := Repr(value); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func BenchmarkStr(b *testing.B) {
	for name, value := range map[string]any{
		"string": "ann", "int": 42, "float": 1.5, "named": role("admin"),
		"dict": map[string]any{"a": []any{1, "x"}, "b": nil},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Str(value)
			}
		})
	}
}
