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

	"github.com/decant-go/decant/internal/pyformat"
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
	plain, err := r.forJSON(v, 0)
	if err != nil {
		return "", err
	}
	source, err := encode(plain)
	if err != nil {
		return "", err
	}
	text := strings.TrimSpace(string(source))
	if isIndented {
		text = indentJSON(text, indent)
	}
	return text, r.checkText(len(text))
}

// forJSON returns what the application writes for a value: the lists and dicts of the
// template as slices and maps, so that the application sees each value in them. The
// error names what has no JSON.
func (r *run) forJSON(v value, depth int) (any, error) {
	switch v.kind {
	case kindMissing, kindUndefined, kindRange, kindIter, kindFunc, kindObject:
		return nil, notSerializable(v)
	case kindTuple:
		return r.itemsForJSON(v, depth)
	case kindList:
		if !v.ref.(*list).lazy { // one that is lazy belongs to the application
			return r.itemsForJSON(v, depth)
		}
	case kindDict:
		return r.dictForJSON(v, depth)
	case kindGo: // an object of the application's
		if _, ok := v.ref.(json.Marshaler); !ok && bindingOf(reflect.TypeOf(v.ref)).isObject {
			return nil, notSerializable(v)
		}
	}
	return toGo(v), nil
}

func notSerializable(v value) error {
	return typeError("Object of type %s is not JSON serializable", typeName(v))
}

func errTooDeepForJSON() error {
	return valueError("the value for tojson contains itself or is nested too deeply")
}

func (r *run) itemsForJSON(v value, depth int) (items []any, err error) {
	if depth > maxConversion {
		return nil, errTooDeepForJSON()
	}
	values := sequenceItems(v)
	items = make([]any, len(values))
	for i, item := range values {
		if items[i], err = r.forJSON(item, depth+1); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// dictForJSON returns a map[int]any if all keys are numbers, and a map[string]any
// otherwise. As in Python, keys that cannot be sorted are an error.
func (r *run) dictForJSON(v value, depth int) (any, error) {
	if depth > maxConversion {
		return nil, errTooDeepForJSON()
	}
	entries, err := r.entries(v)
	if err != nil {
		return nil, err
	}
	keys := make([]value, len(entries))
	numbered, named := make(map[int]any), make(map[string]any, len(entries))
	for i, e := range entries {
		keys[i] = e.key
		name, err := jsonKey(e.key)
		if err != nil {
			return nil, err
		}
		plain, err := r.forJSON(e.val, depth+1)
		if err != nil {
			return nil, err
		}
		named[name] = plain
		if e.key.kind == kindInt {
			numbered[int(e.key.int())] = plain
		}
	}
	if _, err := sorted(slices.Clone(keys), keys, false); err != nil {
		return nil, err
	}
	if len(numbered) == len(entries) {
		return numbered, nil
	}
	return named, nil
}

// indentJSON gives each element of JSON text a line of its own. The numbers may be
// those of Python, such as NaN.
func indentJSON(source, indent string) string {
	var b strings.Builder
	depth := 0
	newLine := func() { b.WriteString("\n" + strings.Repeat(indent, depth)) }
	for i := 0; i < len(source); i++ {
		c := source[i]
		switch c {
		case ' ', '\t', '\r', '\n':
			continue
		case '"':
			end := endOfJSONString(source, i)
			b.WriteString(source[i:end])
			i = end - 1
			continue
		case '}', ']':
			depth--
			newLine()
		}
		b.WriteByte(c)
		switch c {
		case '{', '[':
			next := nextInJSON(source, i+1)
			if next < len(source) && (source[next] == '}' || source[next] == ']') {
				b.WriteByte(source[next])
				i = next
				continue
			}
			depth++
			newLine()
		case ',':
			newLine()
		case ':':
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// nextInJSON returns the place of the first character from i on that is not blank.
func nextInJSON(source string, i int) int {
	for i < len(source) && strings.IndexByte(" \t\r\n", source[i]) >= 0 {
		i++
	}
	return i
}

// endOfJSONString returns the place behind the string that begins at i.
func endOfJSONString(source string, i int) int {
	for i++; i < len(source) && source[i] != '"'; i++ {
		if source[i] == '\\' {
			i++
		}
	}
	return min(i+1, len(source))
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
		return notSerializable(v)
	}
	return nil
}

// enclosed writes n items in brackets.
func (w *jsonWriter) enclosed(open, end byte, n int, item func(i int) error) error {
	if w.depth > maxConversion {
		return errTooDeepForJSON()
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
		return notSerializable(v)
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
