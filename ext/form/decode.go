package form

import (
	"encoding"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/pytext"
)

// Decode writes submitted values, such as c.Request.Form or c.Request.Args,
// into the exported fields of a struct that is given by a pointer, without a
// form around them:
//
//	var search struct {
//		Query string   `form:"q,required"`
//		Page  int      `form:"page" default:"1"`
//		Tags  []string `form:"tag"`
//	}
//	if err := form.Decode(c.Request.Args, &search); err != nil {
//		return nil, err
//	}
//
// The tag form holds the name, without one it is the name of the field in snake
// case; "-" leaves a field out. A value that is missing or empty is the default,
// and without one the field keeps what it holds; with the option required it is
// refused.
//
// A field is a string, a number, a bool (on, true, yes, y or 1; off, false, no,
// n, 0 or nothing), a time.Time (2006-01-02, with 15:04 or 15:04:05 after a T or
// a space, or RFC 3339), an encoding.TextUnmarshaler, a pointer to one of them,
// which stays nil where nothing was sent, or a slice of them for a name that
// occurs several times. Structs that are embedded are filled, too.
//
// A value of the client that does not fit is a 400, a [*decant.HTTPError] whose
// description names the field. Any other error is a mistake of the program.
func Decode(source Source, target any) error {
	object := reflect.ValueOf(target)
	if object.Kind() != reflect.Pointer || object.IsNil() || object.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("form: Decode was given a %T; it takes a pointer to a struct", target)
	}
	entries, err := entriesIn(object.Elem().Type())
	if err != nil {
		return err
	}
	sent := newSubmitted(source, nil)
	for _, entry := range entries {
		var values []string
		if sent != nil {
			values = sent.list(entry.name)
		}
		if err := entry.decode(object.Elem().FieldByIndex(entry.index), values); err != nil {
			return err
		}
	}
	return nil
}

// decodeEntry is a field of a struct that values are decoded into.
type decodeEntry struct {
	name     string
	index    []int
	required bool
	fallback []string // the tag default
}

// decodePlans holds the []decodeEntry, or the error, for each reflect.Type.
var decodePlans sync.Map

func entriesIn(structure reflect.Type) ([]decodeEntry, error) {
	known, ok := decodePlans.Load(structure)
	if !ok {
		entries, err := planDecoding(structure, nil, nil)
		if known = any(entries); err != nil {
			known = err
		}
		decodePlans.Store(structure, known)
	}
	if err, failed := known.(error); failed {
		return nil, err
	}
	return known.([]decodeEntry), nil
}

func planDecoding(structure reflect.Type, index []int, entries []decodeEntry) ([]decodeEntry, error) {
	for i := range structure.NumField() {
		field := structure.Field(i)
		at := append(index[:len(index):len(index)], i)
		tag := field.Tag.Get("form")
		name, option, _ := strings.Cut(tag, ",")
		if field.Anonymous && tag == "" && field.Type.Kind() == reflect.Struct {
			var err error
			if entries, err = planDecoding(field.Type, at, entries); err != nil {
				return nil, err
			}
			continue
		}
		if name == "-" || !field.IsExported() {
			if tag != "" && name != "-" {
				return nil, fmt.Errorf("form: the field %s of %s has a tag and is not exported; begin its name with a capital letter", field.Name, structure)
			}
			continue
		}
		entry := decodeEntry{name: first(name, snakeCase(field.Name)), index: at, required: option == "required"}
		if option != "" && !entry.required {
			return nil, fmt.Errorf("form: the tag of the field %s of %s has the option %q; the only one is required", field.Name, structure, option)
		}
		if text, ok := field.Tag.Lookup("default"); ok {
			entry.fallback = []string{text}
		}
		if err := entry.check(field, structure); err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

// check refuses a type that cannot be decoded and a default that does not fit.
func (e decodeEntry) check(field reflect.StructField, structure reflect.Type) error {
	if !isDecodable(field.Type) {
		return fmt.Errorf("form: the field %s of %s is a %s, which Decode cannot read from text; leave it out with the tag `form:\"-\"`, or give its type a method UnmarshalText", field.Name, structure, field.Type)
	}
	if e.fallback == nil {
		return nil
	}
	if err := decodeInto(reflect.New(field.Type).Elem(), e.fallback); err != nil {
		return fmt.Errorf("form: the default %q of the field %s of %s does not fit: it %w", e.fallback[0], field.Name, structure, err)
	}
	return nil
}

var (
	unmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
	timeType        = reflect.TypeFor[time.Time]()
)

func isDecodable(kind reflect.Type) bool {
	if kind == timeType || reflect.PointerTo(kind).Implements(unmarshalerType) {
		return true
	}
	switch kind.Kind() {
	case reflect.String, reflect.Bool, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true
	case reflect.Pointer:
		return kind.Elem().Kind() != reflect.Pointer && isDecodable(kind.Elem())
	case reflect.Slice:
		item := kind.Elem().Kind()
		return item != reflect.Slice && item != reflect.Pointer && isDecodable(kind.Elem())
	}
	return false
}

// decode writes the values of one name. The error is a 400.
func (e decodeEntry) decode(target reflect.Value, values []string) error {
	if len(values) == 0 || len(values) == 1 && values[0] == "" {
		switch {
		case e.required:
			return e.refuse("is required")
		case e.fallback != nil:
			values = e.fallback
		case len(values) == 0 || target.Kind() != reflect.Bool && target.Kind() != reflect.String:
			return nil
		}
	}
	if err := decodeInto(target, values); err != nil {
		return e.refuse(err.Error())
	}
	return nil
}

// refuse is the 400. It does not repeat what was sent.
func (e decodeEntry) refuse(reason string) error {
	return decant.NewHTTPError(http.StatusBadRequest, fmt.Sprintf("The field %q %s.", e.name, reason))
}

// misfit is the reason why a value is refused. It follows the name of the field.
type misfit string

func (m misfit) Error() string { return string(m) }

func decodeInto(target reflect.Value, values []string) error {
	reader, ok := target.Addr().Interface().(encoding.TextUnmarshaler)
	switch {
	case target.Type() == timeType:
		return decodeTime(target, values[0])
	case ok:
		if reader.UnmarshalText([]byte(values[0])) != nil {
			return misfit("has a value that cannot be read")
		}
		return nil
	case target.Kind() == reflect.Pointer:
		target.Set(reflect.New(target.Type().Elem()))
		return decodeInto(target.Elem(), values)
	case target.Kind() == reflect.Slice:
		items := reflect.MakeSlice(target.Type(), len(values), len(values))
		for i := range values {
			if err := decodeInto(items.Index(i), values[i:i+1]); err != nil {
				return err
			}
		}
		target.Set(items)
		return nil
	}
	return decodeBasic(target, values[0])
}

func decodeBasic(target reflect.Value, text string) error {
	switch {
	case target.Kind() == reflect.String:
		target.SetString(text)
		return nil
	case target.Kind() == reflect.Bool:
		return decodeBool(target, text)
	case target.CanFloat():
		number, ok := pytext.ParseFloat(text)
		if !ok || target.OverflowFloat(number) {
			return misfit("must be a number")
		}
		target.SetFloat(number)
		return nil
	}
	number, ok := pytext.ParseBigInt(text, 10)
	switch {
	case !ok:
		return misfit("must be a whole number")
	case target.CanInt() && number.IsInt64() && !target.OverflowInt(number.Int64()):
		target.SetInt(number.Int64())
		return nil
	case target.CanUint() && number.IsUint64() && !target.OverflowUint(number.Uint64()):
		target.SetUint(number.Uint64())
		return nil
	}
	lowest, highest := bounds(target.Type())
	return misfit("must be a whole number from " + lowest + " to " + highest)
}

// bounds are the smallest and the largest number of a type.
func bounds(kind reflect.Type) (lowest, highest string) {
	switch kind.Kind() {
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "0", strconv.FormatUint(1<<uint(kind.Bits())-1, 10)
	}
	half := uint64(1) << uint(kind.Bits()-1)
	return "-" + strconv.FormatUint(half, 10), strconv.FormatUint(half-1, 10)
}

func decodeBool(target reflect.Value, text string) error {
	switch strings.ToLower(text) {
	case "on", "true", "yes", "y", "1":
		target.SetBool(true)
	case "off", "false", "no", "n", "0", "":
		target.SetBool(false)
	default:
		return misfit("must be on or off")
	}
	return nil
}

// timeLayouts are the ways in which browsers send times, and RFC 3339. The list
// is never written.
var timeLayouts = []string{
	time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", time.DateTime, time.RFC3339,
}

func decodeTime(target reflect.Value, text string) error {
	for _, layout := range timeLayouts {
		if parsed, err := time.Parse(layout, text); err == nil {
			target.Set(reflect.ValueOf(parsed))
			return nil
		}
	}
	return misfit("must be a date or a time such as 2006-01-02 or 2006-01-02T15:04")
}
