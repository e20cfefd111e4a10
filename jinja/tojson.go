package jinja

import (
	"bytes"
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/decant-go/decant/jinja/internal/pyformat"
)

// filterTojson writes a value as JSON that is safe in scripts and in HTML. The
// argument is the indention, a number of spaces or a string.
func filterTojson(r *run, v value, args arguments) (value, error) {
	slots := [1]value{none}
	if err := args.bind(slots[:], "tojson", 0, "indent"); err != nil {
		return missing, err
	}
	indent, isIndented, err := r.jsonIndent(slots[0])
	if err != nil {
		return missing, err
	}
	var source string
	if encode := r.engine.config.JSON; encode != nil {
		source, err = r.providedJSON(encode, v, indent, isIndented)
	} else {
		w := jsonWriter{run: r, indent: indent, isIndented: isIndented}
		err = w.write(v)
		source = w.b.String()
	}
	if err != nil {
		return missing, err
	}
	return markupValue(jsonInHTML.Replace(source)), nil
}

// jsonInHTML escapes the characters that could end a script or an attribute.
var jsonInHTML = strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`, "'", `\u0027`)

// jsonIndent returns the white space of one level.
func (r *run) jsonIndent(v value) (indent string, isIndented bool, err error) {
	switch {
	case isAbsent(v):
		return "", false, nil
	case v.isText():
		return v.text(), true, nil
	}
	width, err := integerArg(v)
	if err != nil {
		return "", false, err
	}
	return repeatText(" ", int64(width)), true, r.checkText(max(width, 0))
}

// providedJSON lets the application write the JSON.
func (r *run) providedJSON(encode func(any) ([]byte, error), v value, indent string, isIndented bool) (string, error) {
	if v.kind == kindUndefined {
		return "", typeError("Object of type %s is not JSON serializable", typeName(v))
	}
	source, err := encode(toGo(v))
	if err != nil {
		return "", err
	}
	if isIndented {
		var b bytes.Buffer
		if err := json.Indent(&b, source, "", indent); err != nil {
			return "", err
		}
		source = b.Bytes()
	}
	return string(bytes.TrimSpace(source)), r.checkText(len(source))
}

// jsonWriter writes values as Python's json.dumps does with sorted keys.
type jsonWriter struct {
	run        *run
	b          strings.Builder
	indent     string
	isIndented bool
	depth      int
}

func (w *jsonWriter) write(v value) error {
	if err := w.run.checkText(w.b.Len()); err != nil {
		return err
	}
	switch v.kind {
	case kindNone:
		w.b.WriteString("null")
	case kindBool:
		w.b.WriteString(strconv.FormatBool(v.bool()))
	case kindInt:
		w.b.WriteString(strconv.FormatInt(v.int(), 10))
	case kindBig:
		w.b.WriteString(v.ref.(*big.Int).String())
	case kindFloat:
		w.b.WriteString(jsonFloat(v.float()))
	case kindString, kindMarkup:
		w.quote(v.text())
	case kindList, kindTuple:
		items := sequenceItems(v)
		return w.enclosed('[', ']', len(items), func(i int) error { return w.write(items[i]) })
	case kindDict, kindMap:
		return w.object(v)
	case kindGo:
		return w.goValue(v)
	default:
		return typeError("Object of type %s is not JSON serializable", typeName(v))
	}
	return nil
}

// enclosed writes n items in brackets.
func (w *jsonWriter) enclosed(open, end byte, n int, item func(i int) error) error {
	if w.depth > maxConversion {
		return valueError("the value for tojson contains itself or is nested too deeply")
	}
	w.b.WriteByte(open)
	w.depth++
	for i := range n {
		switch {
		case i > 0 && w.isIndented:
			w.b.WriteByte(',')
		case i > 0:
			w.b.WriteString(", ")
		}
		w.newLine()
		if err := item(i); err != nil {
			return err
		}
	}
	w.depth--
	if n > 0 {
		w.newLine()
	}
	w.b.WriteByte(end)
	return nil
}

func (w *jsonWriter) newLine() {
	if !w.isIndented {
		return
	}
	w.b.WriteByte('\n')
	for range w.depth {
		w.b.WriteString(w.indent)
	}
}

func (w *jsonWriter) object(v value) error {
	entries, err := w.run.entries(v)
	if err != nil {
		return err
	}
	order, keys := make([]value, len(entries)), make([]value, len(entries))
	for i, e := range entries {
		order[i], keys[i] = intValue(int64(i)), e.key
	}
	if order, err = sorted(order, keys, false); err != nil {
		return err
	}
	return w.enclosed('{', '}', len(entries), func(i int) error {
		e := entries[order[i].int()]
		key, err := jsonKey(e.key)
		if err != nil {
			return err
		}
		w.quote(key)
		w.b.WriteString(": ")
		return w.write(e.val)
	})
}

// goValue writes a Go value as encoding/json does, in Python's spelling.
func (w *jsonWriter) goValue(v value) error {
	if _, ok := v.ref.(json.Marshaler); !ok && bindingOf(reflect.TypeOf(v.ref)).isObject {
		return typeError("Object of type %s is not JSON serializable", typeName(v))
	}
	source, err := json.Marshal(v.ref)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(source))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		return err
	}
	return w.decoded(decoded)
}

// decoded writes what encoding/json has read. It keeps the digits of numbers.
func (w *jsonWriter) decoded(x any) error {
	switch x := x.(type) {
	case json.Number:
		w.b.WriteString(x.String())
		return nil
	case []any:
		return w.enclosed('[', ']', len(x), func(i int) error { return w.decoded(x[i]) })
	case map[string]any:
		keys := make([]string, 0, len(x))
		for key := range x {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		return w.enclosed('{', '}', len(keys), func(i int) error {
			w.quote(keys[i])
			w.b.WriteString(": ")
			return w.decoded(x[keys[i]])
		})
	}
	return w.write(plainEngine.value(x))
}

// jsonKey returns the name that a key has in a JSON object.
func jsonKey(key value) (string, error) {
	switch key.kind {
	case kindString, kindMarkup:
		return key.text(), nil
	case kindNone:
		return "null", nil
	case kindBool:
		return strconv.FormatBool(key.bool()), nil
	case kindFloat:
		return jsonFloat(key.float()), nil
	case kindInt, kindBig:
		return bigOf(key).String(), nil
	}
	return "", typeError("keys must be str, int, float, bool or None, not %s", typeName(key))
}

// jsonFloat writes a float as Python does, which knows numbers that JSON does
// not.
func jsonFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return pyformat.Repr(f)
}

const lowerHex = "0123456789abcdef"

// quote writes a JSON string of ASCII characters only.
func (w *jsonWriter) quote(s string) {
	unit := func(r rune) {
		w.b.WriteString(`\u`)
		for shift := 12; shift >= 0; shift -= 4 {
			w.b.WriteByte(lowerHex[r>>shift&0xf])
		}
	}
	w.b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			w.b.WriteByte('\\')
			w.b.WriteByte(byte(r))
		case r == '\n':
			w.b.WriteString(`\n`)
		case r == '\r':
			w.b.WriteString(`\r`)
		case r == '\t':
			w.b.WriteString(`\t`)
		case r == '\b':
			w.b.WriteString(`\b`)
		case r == '\f':
			w.b.WriteString(`\f`)
		case r >= ' ' && r <= '~':
			w.b.WriteByte(byte(r))
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			unit(high)
			unit(low)
		default:
			unit(r)
		}
	}
	w.b.WriteByte('"')
}
