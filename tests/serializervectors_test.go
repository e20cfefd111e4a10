package tests

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/decant-go/decant"
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
	token, err := serializer.Dumps(inOrder(t, c.Value))
	if err != nil {
		t.Fatal(err)
	}
	if c.ByteExact && token != c.Want.Text {
		t.Errorf("Dumps gives %q, want %q", token, c.Want.Text)
	}
	// zlib may find a few bytes more than Go does, where both forms are about as long.
	if len(token) > len(c.Want.Text)*5/4 {
		t.Errorf("Dumps gives %q, which is much longer than %q", token, c.Want.Text)
	}
	for _, token := range []string{token, c.Want.Text} {
		var got any
		if err := serializer.Loads(token, &got); err != nil {
			t.Errorf("Loads(%q): %v", token, err)
		}
		if diff := vectors.Diff(vectors.Value(t, c.Value), got); diff != "" {
			t.Errorf("Loads(%q):\n%s", token, diff)
		}
	}
}

// inOrder makes structs of dictionaries, because a map has no order.
func inOrder(t *testing.T, raw json.RawMessage) any {
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
		return structInOrder(t, typed.V)
	case "list":
		var items []json.RawMessage
		if err := json.Unmarshal(typed.V, &items); err != nil {
			t.Fatal(err)
		}
		list := make([]any, len(items))
		for i, item := range items {
			list[i] = inOrder(t, item)
		}
		return list
	}
	return vectors.Value(t, raw)
}

func structInOrder(t *testing.T, raw json.RawMessage) any {
	t.Helper()
	var pairs [][2]json.RawMessage
	if err := json.Unmarshal(raw, &pairs); err != nil {
		t.Fatal(err)
	}
	var fields []reflect.StructField
	for i, pair := range pairs {
		fields = append(fields, reflect.StructField{
			Name: fmt.Sprint("Field", i),
			Type: reflect.TypeFor[any](),
			Tag:  reflect.StructTag("json:" + string(pair[0])),
		})
	}
	value := reflect.New(reflect.StructOf(fields)).Elem()
	for i, pair := range pairs {
		if item := inOrder(t, pair[1]); item != nil {
			value.Field(i).Set(reflect.ValueOf(item))
		}
	}
	return value.Interface()
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
	if kind := kindName(err); kind != c.Want.Error {
		t.Fatalf("error %v is a %s, want a %s", err, kind, c.Want.Error)
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
		if kind := kindName(err); valid || kind != c.Want.Unsafe.Error {
			t.Errorf("LoadsUnsafe: valid %v, error %v, want %s", valid, err, c.Want.Unsafe.Error)
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
