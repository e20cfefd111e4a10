package tests

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/pyjson"
	"github.com/decant-go/decant/internal/vectors"
)

// serializerCase has the fields of all vector cases about serializers.
type serializerCase struct {
	ID, Op, Why     string
	Cls             string
	Secret, Salt    json.RawMessage
	KeyDerivation   string `json:"key_derivation"`
	Digest          string
	Timestamp       int64
	Value           json.RawMessage
	ByteExact       bool `json:"byte_exact"`
	Now             int64
	MaxAge          *int     `json:"max_age"`
	FallbackDigests []string `json:"fallback_digests"`
	Text            string
	Want            serializerWant
}

type serializerWant struct {
	Text           string
	Error, Message string
	Value          json.RawMessage
	Unsafe         struct {
		Valid bool
		Error string
		Value json.RawMessage
	}
}

// serializerClasses are itsdangerous' four classes.
var serializerClasses = map[string][]decant.SerializerOption{
	"Serializer":             {decant.Untimed(), decant.PlainJSON()},
	"TimedSerializer":        {decant.PlainJSON()},
	"URLSafeSerializer":      {decant.Untimed()},
	"URLSafeTimedSerializer": nil,
}

func (c serializerCase) serializer(t *testing.T) *decant.Serializer {
	t.Helper()
	class, ok := serializerClasses[c.Cls]
	if !ok {
		t.Fatalf("unknown class %q", c.Cls)
	}
	signer := signerCase{ID: c.ID, Secret: c.Secret, Salt: c.Salt, KeyDerivation: c.KeyDerivation, Digest: c.Digest}
	options := slices.Clone(class)
	for _, option := range signer.options(t) {
		options = append(options, option)
	}
	for _, digest := range c.FallbackDigests {
		options = append(options, decant.FallbackSigner(decant.DigestMethod(vectorDigests[digest])))
	}
	keys := signer.keys(t)
	return decant.NewSerializer(keys[len(keys)-1], signer.salt(t), options...)
}

func TestSerializerVectors(t *testing.T) {
	file := vectors.Load(t, "signer.json")
	for _, c := range vectors.Select[serializerCase](t, file, "dumps") {
		t.Run(c.ID, func(t *testing.T) { at(t, c.Timestamp, func(t *testing.T) { checkDumps(t, c) }) })
	}
	for _, c := range vectors.Select[serializerCase](t, file, "loads") {
		t.Run(c.ID, func(t *testing.T) { at(t, c.Now, func(t *testing.T) { checkLoads(t, c) }) })
	}
}

func checkDumps(t *testing.T, c serializerCase) {
	serializer := c.serializer(t)
	value, inOrder := ordered(t, c.Value)
	token, err := serializer.Dumps(value)
	if err != nil {
		t.Fatal(err)
	}
	if c.ByteExact && inOrder && token != c.Want.Text {
		t.Errorf("Dumps gives %q, want %q", token, c.Want.Text)
	}
	// zlib may find a few bytes more than Go does, where both forms are about as long.
	if len(token) > len(c.Want.Text)*5/4 {
		t.Errorf("Dumps gives %q, which is much longer than %q", token, c.Want.Text)
	}
	want := inJSON(t, vectors.Value(t, c.Value))
	for _, token := range []string{token, c.Want.Text} {
		var got any
		if err := serializer.Loads(token, &got); err != nil {
			t.Errorf("Loads(%q): %v", token, err)
		}
		if diff := vectors.Diff(want, got); diff != "" {
			t.Errorf("Loads(%q):\n%s", token, diff)
		}
	}
}

// inJSON is how a value comes back: tuples as lists, and keys as strings.
func inJSON(t *testing.T, value any) any {
	t.Helper()
	switch value := value.(type) {
	case vectors.Tuple:
		return inJSON(t, []any(value))
	case []any:
		items := make([]any, len(value))
		for i, item := range value {
			items[i] = inJSON(t, item)
		}
		return items
	case map[string]any:
		members := make(map[string]any, len(value))
		for key, item := range value {
			members[key] = inJSON(t, item)
		}
		return members
	case map[any]any:
		members := make(map[string]any, len(value))
		for key, item := range value {
			members[keyInJSON(t, key)] = inJSON(t, item)
		}
		return members
	}
	return value
}

func keyInJSON(t *testing.T, key any) string {
	t.Helper()
	if text, isText := key.(string); isText {
		return text
	}
	text, err := new(pyjson.Encoder).Append(nil, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// ordered makes structs of dictionaries, because a map has no order. It reports
// false where the order is lost: no struct tag can hold the key.
func ordered(t *testing.T, raw json.RawMessage) (value any, inOrder bool) {
	t.Helper()
	var typed struct {
		T string
		V json.RawMessage
	}
	if err := json.Unmarshal(raw, &typed); err != nil {
		t.Fatal(err)
	}
	switch typed.T {
	case "dict":
		return orderedDict(t, typed.V)
	case "list", "tuple":
		var items []json.RawMessage
		if err := json.Unmarshal(typed.V, &items); err != nil {
			t.Fatal(err)
		}
		list, inOrder := make([]any, len(items)), true
		for i, item := range items {
			value, itemInOrder := ordered(t, item)
			list[i], inOrder = value, inOrder && itemInOrder
		}
		return list, inOrder
	}
	return vectors.Value(t, raw), true
}

// nameInTag matches the keys that the tag of a struct can hold.
var nameInTag = regexp.MustCompile(`^"[\pL\pN!#$%&()*+\-./:;<=>?@\[\]^_{|}~ ]+"$`)

func orderedDict(t *testing.T, raw json.RawMessage) (value any, inOrder bool) {
	t.Helper()
	var pairs [][2]json.RawMessage
	if err := json.Unmarshal(raw, &pairs); err != nil {
		t.Fatal(err)
	}
	inOrder = true
	var fields []reflect.StructField
	values := make([]any, len(pairs))
	for i, pair := range pairs {
		item, itemInOrder := ordered(t, pair[1])
		if !nameInTag.Match(pair[0]) || string(pair[0]) == `"-"` {
			typed, err := json.Marshal(map[string]any{"t": "dict", "v": raw})
			if err != nil {
				t.Fatal(err)
			}
			return vectors.Value(t, typed), len(pairs) == 1 && itemInOrder
		}
		values[i], inOrder = item, inOrder && itemInOrder
		fields = append(fields, reflect.StructField{
			Name: fmt.Sprint("Field", i),
			Type: reflect.TypeFor[any](),
			Tag:  reflect.StructTag("json:" + string(pair[0])),
		})
	}
	filled := reflect.New(reflect.StructOf(fields)).Elem()
	for i, value := range values {
		if value != nil {
			filled.Field(i).Set(reflect.ValueOf(value))
		}
	}
	return filled.Interface(), inOrder
}

func checkLoads(t *testing.T, c serializerCase) {
	serializer := c.serializer(t)
	var got any
	err := serializer.Loads(c.Text, &got, maxAgeOf(c.MaxAge)...)
	checkUnsafe(t, c, serializer)
	if c.Want.Error == "" {
		if err != nil {
			t.Fatal(err)
		}
		if diff := vectors.Diff(vectors.Value(t, c.Want.Value), got); diff != "" {
			t.Error(diff)
		}
		return
	}
	if want := kindOfPython(c.Want.Error); kindName(err) != want {
		t.Fatalf("error %v is a %s, want a %s", err, kindName(err), want)
	}
	checkMessage(t, err, c.Want.Message)
	if got != nil {
		t.Errorf("a refused token gave %v", got)
	}
}

func checkUnsafe(t *testing.T, c serializerCase, serializer *decant.Serializer) {
	t.Helper()
	var got any
	valid, err := serializer.LoadsUnsafe(c.Text, &got, maxAgeOf(c.MaxAge)...)
	if c.Want.Unsafe.Error != "" {
		if want := kindOfPython(c.Want.Unsafe.Error); valid || kindName(err) != want {
			t.Errorf("LoadsUnsafe: valid %v, error %v, want %s", valid, err, want)
		}
		return
	}
	if err != nil || valid != c.Want.Unsafe.Valid {
		t.Errorf("LoadsUnsafe: valid %v, error %v, want valid %v", valid, err, c.Want.Unsafe.Valid)
	}
	if diff := vectors.Diff(vectors.Value(t, c.Want.Unsafe.Value), got); diff != "" {
		t.Errorf("LoadsUnsafe:\n%s", diff)
	}
}
