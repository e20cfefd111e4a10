package tagjson_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/decant-go/decant/internal/httpdate"
	"github.com/decant-go/decant/internal/pyjson"
	"github.com/decant-go/decant/internal/tagjson"
	"github.com/decant-go/decant/internal/uuid"
	"github.com/decant-go/decant/internal/vectors"
)

// newCodec binds the types of the vectors, and writes what Flask does not tag
// as Flask's JSON provider does.
func newCodec() *tagjson.Codec { return tagjson.New(hooks()) }

func hooks() tagjson.Hooks {
	return tagjson.Hooks{
		Tuple:  func(items []any) any { return vectors.Tuple(items) },
		Items:  func(v any) ([]any, bool) { items, ok := v.(vectors.Tuple); return items, ok },
		UUID:   func(id uuid.UUID) any { return id },
		ID:     func(v any) (uuid.UUID, bool) { id, ok := v.(uuid.UUID); return id, ok },
		Markup: func(html string) any { return vectors.Markup(html) },
		HTML: func(v any) (string, bool) {
			markup, ok := v.(vectors.Markup)
			return string(markup), ok
		},
		Default: func(v any) (any, bool, error) {
			switch v := v.(type) {
			case vectors.Date:
				return httpdate.Format(v.Time), true, nil
			case vectors.Decimal:
				return string(v), true, nil
			}
			return nil, false, nil
		},
	}
}

// sessionCase holds every field of a case; what concerns signing is checked
// where signing is.
type sessionCase struct {
	ID, Op, Why string

	Value   json.RawMessage
	JSON    *string
	Payload []byte `json:"payload_b64"`
	Want    struct {
		Decodable    bool
		Value        json.RawMessage
		Flask        string
		FlaskSession json.RawMessage `json:"flask_session"`
		Error        string
		Message      string
	}

	Secret, Salt, Fallbacks json.RawMessage
	Timestamp, Now          int64
	MaxAge                  int `json:"max_age"`
	Cookie, Digest          string
	KeyDerivation           string `json:"key_derivation"`
	Compressed              bool
	ByteExact               bool `json:"byte_exact"`
}

func TestVectorsRoundtrip(t *testing.T) {
	codec := newCodec()
	file := vectors.Load(t, "sessions.json")
	for _, c := range vectors.Select[sessionCase](t, file, "roundtrip") {
		t.Run(c.ID+" "+c.Why, func(t *testing.T) {
			text, err := codec.Append(nil, vectors.Value(t, c.Value))
			if err != nil {
				t.Fatal(err)
			}
			if c.JSON != nil && string(text) != *c.JSON {
				t.Errorf("Append:\n got %s\nwant %s", text, *c.JSON)
			}
			checkParse(t, codec, text, c)
		})
	}
}

func TestVectorsPayload(t *testing.T) {
	codec := newCodec()
	file := vectors.Load(t, "sessions.json")
	checked := 0
	for _, c := range vectors.Select[sessionCase](t, file, "load") {
		if c.Payload == nil {
			continue // the case is about the signature around the text
		}
		checked++
		t.Run(c.ID+" "+c.Why, func(t *testing.T) { checkParse(t, codec, c.Payload, c) })
	}
	if file.Whole && checked != 37 {
		t.Errorf("%d cases with a payload, want 37", checked)
	}
}

// TestEveryOpIsKnown fails when the file gains an op that no test here reads.
func TestEveryOpIsKnown(t *testing.T) {
	known := []string{"roundtrip", "load", "set_cookie"} // set_cookie is about headers
	for _, op := range vectors.Load(t, "sessions.json").Ops(t) {
		if !slices.Contains(known, op) {
			t.Errorf("unknown op %q", op)
		}
	}
}

func checkParse(t *testing.T, codec *tagjson.Codec, text []byte, c sessionCase) {
	t.Helper()
	got, err := codec.Parse(text)
	if !c.Want.Decodable {
		if err == nil || c.Want.Flask != "raises BadPayload" {
			t.Errorf("Parse(%s) = %#v, %v; Flask %s", text, got, err, c.Want.Flask)
		}
		return
	}
	if err != nil {
		t.Fatalf("Parse(%s): %v", text, err)
	}
	if diff := vectors.Diff(vectors.Value(t, c.Want.Value), got); diff != "" {
		t.Errorf("Parse(%s) (-want +got):\n%s", text, diff)
	}
}

type object = map[string]any

var (
	noon   = time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	id     = uuid.UUID{0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x56, 0x78}
	big100 = new(big.Int).Exp(big.NewInt(10), big.NewInt(100), nil)
)

type (
	role    string
	counts  map[string]int
	account struct {
		Name  string
		When  time.Time
		ID    uuid.UUID
		Pair  vectors.Tuple
		Note  vectors.Markup
		Inner object
	}
)

func TestAppend(t *testing.T) {
	codec := newCodec()
	for _, test := range []struct {
		value any
		want  string
	}{
		{vectors.Tuple{}, `{" t":[]}`},
		{vectors.Tuple(nil), `{" t":[]}`},
		{[]vectors.Tuple{{1, "a"}}, `[{" t":[1,"a"]}]`},
		{[]byte{0xff, 0}, `{" b":"/wA="}`},
		{[]byte(nil), `{" b":""}`},
		{vectors.Markup("<b>é"), `{" m":"<b>\u00e9"}`},
		{id, `{" u":"12345678123456781234567812345678"}`},
		{&id, `{" u":"12345678123456781234567812345678"}`},
		{noon, `{" d":"Thu, 29 Feb 2024 12:00:00 GMT"}`},
		{noon.In(time.FixedZone("", 3600)), `{" d":"Thu, 29 Feb 2024 12:00:00 GMT"}`},
		{(*time.Time)(nil), `null`},
		{object{" t": 1}, `{" di":{" t__":1}}`},
		{object{" t": id}, `{" di":{" t__":{" u":"12345678123456781234567812345678"}}}`},
		{counts{" d": 1}, `{" di":{" d__":1}}`},
		{map[string]string{" b": "x"}, `{" di":{" b__":"x"}}`},
		{map[any]any{" di": 1}, `{" di":{" di__":1}}`},
		{map[role]int{" u": 1}, `{" di":{" u__":1}}`},
		{object{" t": 1, "x": 2}, `{" t":1,"x":2}`},
		{object{" x": 1}, `{" x":1}`},
		{map[int]any{2: noon, 10: nil}, `{"2":{" d":"Thu, 29 Feb 2024 12:00:00 GMT"},"10":null}`},
		{role("admin"), `"admin"`},
		{
			account{"ann", noon, id, vectors.Tuple{1}, "<b>", object{" t": 1}},
			`{"ID":"12345678-1234-5678-1234-567812345678","Inner":{" t":1},"Name":"ann","Note":"<b>","Pair":[1],"When":"Thu, 29 Feb 2024 12:00:00 GMT"}`,
		},
	} {
		got, err := codec.Append(nil, test.value)
		if err != nil || string(got) != test.want {
			t.Errorf("Append(%#v) = %s, %v; want %s", test.value, got, err, test.want)
		}
	}
}

func TestAppendErrors(t *testing.T) {
	codec := newCodec()
	_, err := codec.Append(nil, object{"user": object{"f": vectors.Tuple{1, func() {}}}})
	var failure *pyjson.ValueError
	if !errors.As(err, &failure) || failure.Path != `["user"]["f"][1]` {
		t.Errorf("error %v, want one that names the place", err)
	}
	_, err = codec.Append(nil, map[any]any{1: 1, "a": 1})
	if !errors.Is(err, pyjson.ErrMixedKeys) {
		t.Errorf("error %v, want ErrMixedKeys", err)
	}
	for _, far := range []any{noon.AddDate(8000, 0, 0), noon.AddDate(-2024, 0, 0), account{When: noon.AddDate(9999, 0, 0)}} {
		if _, err = codec.Append(nil, object{"when": far}); !errors.Is(err, tagjson.ErrCalendar) {
			t.Errorf("error %v, want ErrCalendar", err)
		}
	}
	loop := vectors.Tuple{nil}
	loop[0] = loop
	if _, err = codec.Append(nil, loop); !errors.Is(err, pyjson.ErrDepth) {
		t.Errorf("error %v, want ErrDepth", err)
	}
}

// The answers are those of TaggedJSONSerializer.
func TestParse(t *testing.T) {
	codec := newCodec()
	for text, want := range map[string]any{
		`{" t":{"b":1,"a":2}}`:            vectors.Tuple{"a", "b"},
		`{" t":"a\ud83d\ude00\ud83db"}`:   vectors.Tuple{"a", "😀", "\xED\xA0\xBD", "b"},
		`{" t":{" b":"/wA="}}`:            vectors.Tuple{255, 0},
		`{" t":{" m":"<b>"}}`:             vectors.Tuple{"<", "b", ">"},
		`{" t":{" t":[1]}}`:               vectors.Tuple{1},
		`{" t":""}`:                       vectors.Tuple{},
		`{" b":"aG\nVs*bG8="}`:            []byte("hello"),
		`{" b":"aG\u000aVs*bG8=ignored"}`: []byte("hello"),
		`{" b":"Y-Q_=="}`:                 []byte("a"),
		`{" b":"YQ=a="}`:                  []byte{0x61, 0x06},
		`{" b":{" b":"WVE9PQ=="}}`:        []byte("a"),
		`{" b":{" m":"YQ=="}}`:            []byte("a"),
		`{" b":""}`:                       []byte{},
		`{" m":5}`:                        vectors.Markup("5"),
		`{" m":null}`:                     vectors.Markup("None"),
		`{" m":[1.5,"a",{" t":[true]}]}`:  vectors.Markup("[1.5, 'a', (True,)]"),
		`{" m":{" m":"<b>"}}`:             vectors.Markup("<b>"),
		`{" m":{" b":"YQ=="}}`:            vectors.Markup("b'a'"),
		`{" u":"{12345678-1234-5678-1234-567812345678}"}`:               id,
		`{" u":{" m":"urn:uuid:12345678-1234-5678-1234-567812345678"}}`: id,
		`{" d":"Thu, 29 Feb 2024 12:00:00 GMT"}`:                        noon,
		`{" d":"nonsense"}`:                                             nil,
		`{" d":null}`:                                                   nil,
		`{" d":0}`:                                                      nil,
		`{" d":-0.0}`:                                                   nil,
		`{" d":false}`:                                                  nil,
		`{" d":[]}`:                                                     nil,
		`{" d":{}}`:                                                     nil,
		`{" d":{" t":[]}}`:                                              nil,
		`{" d":{" b":"YQ=="}}`:                                          nil,
		`{" di":{"x":1}}`:                                               object{"": 1},
		`{" di":{"":1}}`:                                                object{"": 1},
		`{" di":{"aé😀":1}}`:                                             object{"a": 1},
		`{" di":{"a\ud83d\ude01\ud83d":1}}`:                             object{"a": 1},
		`{" di":{" t__":1," b__":2}}`:                                   object{" t": 1},
		`{" di":{" t__":1," b__":2," t__":3}}`:                          object{" t": 3},
		`{" di":{" di":{" t__":{" u__":1}}}}`:                           object{"": object{" u__": 1}},
		`{" t":[1]," t":[2]}`:                                           vectors.Tuple{2},
		`{" x":1}`:                                                      object{" x": 1},
		`{" t":[],"":0}`:                                                object{" t": []any{}, "": 0},
		`null`:                                                          nil,
		`12`:                                                            12,
	} {
		got, err := codec.Parse([]byte(text))
		if err != nil {
			t.Errorf("Parse(%s): %v", text, err)
			continue
		}
		if diff := vectors.Diff(want, got); diff != "" {
			t.Errorf("Parse(%s) (-want +got):\n%s", text, diff)
		}
	}
}

func TestParseErrors(t *testing.T) {
	codec := newCodec()
	for _, text := range []string{
		`{" t":5}`, `{" t":null}`, `{" t":true}`, `{" t":{" u":"12345678123456781234567812345678"}}`,
		`{" b":5}`, `{" b":null}`, `{" b":[]}`, `{" b":"abc"}`, `{" b":"a"}`, `{" b":"YQ="}`, `{" b":"é"}`, `{" b":{" b":"YQ=="}}`,
		`{" u":5}`, `{" u":null}`, `{" u":""}`, `{" u":"x"}`, `{" u":{" b":""}}`, `{" u":"1234567812345678123456781234567"}`,
		`{" d":5}`, `{" d":true}`, `{" d":[0]}`, `{" d":{"a":1}}`, `{" d":1.5}`, `{" d":1e400}`, `{" d":100000000000000000000}`,
		`{" di":{}}`, `{" di":[]}`, `{" di":["ab"]}`, `{" di":"ab"}`, `{" di":null}`, `{" di":{" t":[]}}`,
	} {
		got, err := codec.Parse([]byte(`{"k":[` + text + `]}`))
		var failure *pyjson.ValueError
		if !errors.Is(err, tagjson.ErrContent) || !errors.As(err, &failure) {
			t.Errorf("Parse(%s) = %#v, %v; want ErrContent", text, got, err)
			continue
		}
		if !strings.HasPrefix(failure.Path, `["k"][0][" `) {
			t.Errorf("Parse(%s): path %s", text, failure.Path)
		}
	}
	_, err := codec.Parse([]byte(`{"k":1`))
	var syntax *pyjson.SyntaxError
	if !errors.As(err, &syntax) {
		t.Errorf("error %v, want a SyntaxError", err)
	}
}

func TestParseErrorIsShort(t *testing.T) {
	_, err := newCodec().Parse([]byte(`{" u":"` + strings.Repeat("x", 1<<16) + `"}`))
	if err == nil || len(err.Error()) > 200 {
		t.Errorf("error of %d bytes", len(err.Error()))
	}
}

func TestMarkupOfMarkupStaysSmall(t *testing.T) {
	nested := func(depth int) []byte {
		return []byte(strings.Repeat(`{" m":[`, depth) + `"\\"` + strings.Repeat(`]}`, depth))
	}
	if _, err := newCodec().Parse(nested(10)); err != nil {
		t.Error(err)
	}
	if _, err := newCodec().Parse(nested(300)); !errors.Is(err, tagjson.ErrContent) {
		t.Errorf("error %v, want ErrContent", err)
	}
}

func TestWithoutDefault(t *testing.T) {
	plain := hooks()
	plain.Default = nil
	text, err := tagjson.New(plain).Append(nil, []any{noon, vectors.Decimal("1.5")})
	if want := `[{" d":"Thu, 29 Feb 2024 12:00:00 GMT"},"1.5"]`; err != nil || string(text) != want {
		t.Errorf("got %s, %v; want %s", text, err, want)
	}
}

func TestRoundtripKeepsTypes(t *testing.T) {
	codec := newCodec()
	want := object{
		"nil": nil, "bool": true, "int": 42, "min": math.MinInt, "big": big100, "float": 1.0, "nan": math.NaN(),
		"inf": math.Inf(-1), "zero": math.Copysign(0, -1), "str": "é\x00😀", "surrogate": "\xED\xA0\xBD",
		"list": []any{}, "tuple": vectors.Tuple{1, vectors.Tuple{}, []any{"x"}}, "bytes": []byte{0, 255},
		"markup": vectors.Markup("<b>"), "uuid": id, "date": noon, "tag": object{" di": object{" t": []any{}}}, "": "",
	}
	text, err := codec.Append(nil, want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := codec.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := vectors.Diff(any(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", text, diff)
	}
}
