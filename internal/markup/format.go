package markup

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"

	"github.com/decant-go/decant/internal/pyformat"
	"github.com/decant-go/decant/internal/pytext"
)

// A Formatter fills placeholders with escaped values.
type Formatter struct {
	// Escape returns the HTML of any value.
	Escape func(value any) string
	// IsHTML reports whether a value is HTML already.
	IsHTML func(value any) bool
	// Shape returns the HTML of a value that reads its specification itself. It is not
	// ok for other values.
	Shape func(value any, spec string) (html string, ok bool, err error)
}

// Format replaces each placeholder in format with an argument. A
// map[string]any as the last argument holds the named ones. The error says
// which placeholder cannot be filled, and why.
func (f *Formatter) Format(format string, args []any) (string, error) {
	r := run{Formatter: f, args: args}
	return r.expand(format, r.html, deepestField)
}

// deepestField is how deep placeholders may stand in the specifications of others.
const deepestField = 1

// run is one call of Format.
type run struct {
	*Formatter
	args     []any
	next     int // the argument for the next {}
	numbered bool
}

// expand replaces the placeholders of a format, or of a specification. The function
// shape returns the text of a value.
func (r *run) expand(format string, shape func(value any, spec string) (string, error), depth int) (string, error) {
	var b strings.Builder
	for {
		i := strings.IndexAny(format, "{}")
		if i < 0 {
			b.WriteString(format)
			return b.String(), nil
		}
		b.WriteString(format[:i])
		brace, rest := format[i:i+1], format[i+1:]
		if strings.HasPrefix(rest, brace) {
			b.WriteString(brace)
			format = rest[1:]
			continue
		}
		if brace == "}" || !strings.Contains(rest, "}") {
			return "", fmt.Errorf("a single %q; write it twice to have it in the text", brace)
		}
		field, after, err := pyformat.ParseField(rest)
		if err != nil {
			return "", fmt.Errorf("placeholder {%s: %w", rest, err)
		}
		text, err := r.fill(field, shape, depth)
		if err != nil {
			return "", fmt.Errorf("placeholder {%s}: %w", strings.TrimSuffix(rest[:len(rest)-len(after)], "}"), err)
		}
		b.WriteString(text)
		format = after
	}
}

// fill returns the text of a placeholder.
func (r *run) fill(field pyformat.Field, shape func(value any, spec string) (string, error), depth int) (string, error) {
	value, err := r.value(field.Name)
	if err != nil {
		return "", err
	}
	if value, err = converted(value, field.Conversion); err != nil {
		return "", err
	}
	spec := field.Spec
	if strings.ContainsAny(spec, "{}") {
		if depth == 0 {
			return "", errors.New("a placeholder in the specification of a placeholder has none itself")
		}
		if spec, err = r.expand(spec, shaped, depth-1); err != nil {
			return "", err
		}
	}
	return shape(value, spec)
}

func converted(value any, conversion rune) (any, error) {
	switch conversion {
	case 0:
		return value, nil
	case 's':
		return pytext.Str(value), nil
	case 'r':
		return pytext.Repr(value), nil
	case 'a':
		return pyformat.ASCII(pytext.Repr(value)), nil
	}
	return nil, fmt.Errorf("unknown conversion %q; there are !s, !r and !a", conversion)
}

// value returns the value that the name of a placeholder leads to: "0[name][1]".
func (r *run) value(name string) (any, error) {
	end := strings.IndexAny(name, ".[")
	if end < 0 {
		end = len(name)
	}
	value, err := r.argument(name[:end], name)
	for path := name[end:]; path != "" && err == nil; {
		var step pyformat.Step
		if step, path, err = pyformat.NextStep(path); err == nil {
			value, err = r.follow(value, step)
		}
	}
	return value, err
}

// argument returns the value of a first name: the next argument, one by number, or
// one by name. As in MarkupSafe, the next one has no path behind it.
func (r *run) argument(name, whole string) (any, error) {
	index, isNumber, err := pyformat.FieldNumber(name)
	switch {
	case err != nil:
		return nil, err
	case whole == "":
		index = r.next
		r.next++
	case !isNumber:
		return r.named(name)
	default:
		r.numbered = true
	}
	if r.numbered && r.next > 0 {
		return nil, errors.New("{} and {0} cannot stand in one text; number all or none")
	}
	if index >= len(r.args) {
		return nil, fmt.Errorf("there is no argument %d; %d were given", index, len(r.args))
	}
	return r.args[index], nil
}

func (r *run) named(name string) (any, error) {
	if len(r.args) > 0 {
		values, _ := r.args[len(r.args)-1].(map[string]any)
		if value, ok := values[name]; ok {
			return value, nil
		}
	}
	return nil, fmt.Errorf("there is no value %q; give a map[string]any with it as the last argument", name)
}

// follow returns an element of a value. A character of markup is markup.
func (r *run) follow(value any, step pyformat.Step) (any, error) {
	if step.IsAttribute {
		return nil, fmt.Errorf("attributes such as %q are not read; pass the value of the field itself", step.Name)
	}
	index, isNumber, err := pyformat.FieldNumber(step.Name)
	if err != nil {
		return nil, err
	}
	v := reflect.ValueOf(value)
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Map:
		return element(v, step.Name, index, isNumber)
	case reflect.String:
		characters := strings.Split(v.String(), "")
		if isNumber && index < len(characters) && r.IsHTML(value) {
			return reflect.ValueOf(characters[index]).Convert(v.Type()).Interface(), nil
		}
		v = reflect.ValueOf(characters)
	case reflect.Slice, reflect.Array:
	default:
		return nil, fmt.Errorf("a %T has no elements", value)
	}
	switch {
	case !isNumber:
		return nil, fmt.Errorf("a %T has no element %q, but numbered ones", value, step.Name)
	case index >= v.Len():
		return nil, fmt.Errorf("there is no element %d; there are %d", index, v.Len())
	}
	return v.Index(index).Interface(), nil
}

// element returns the value of a key. As in Python, digits are a number.
func element(m reflect.Value, name string, index int, isNumber bool) (any, error) {
	key, keyType := reflect.ValueOf(name), m.Type().Key()
	if isNumber {
		key = reflect.ValueOf(index)
	}
	if keyType.Kind() == reflect.String && isNumber || !key.CanConvert(keyType) {
		return nil, fmt.Errorf("a %s has no key %s", m.Type(), name)
	}
	value := m.MapIndex(key.Convert(keyType))
	if !value.IsValid() {
		return nil, fmt.Errorf("there is no key %s", name)
	}
	return value.Interface(), nil
}

// html returns the HTML of a value.
func (r *run) html(value any, spec string) (string, error) {
	if html, ok, err := r.Shape(value, spec); ok || err != nil {
		return html, err
	}
	if spec == "" {
		return r.Escape(value), nil
	}
	if r.IsHTML(value) {
		return "", errors.New("markup takes no specification; shape the text before it is escaped")
	}
	text, err := shaped(value, spec)
	return Escape(text), err
}

// shaped is Python's format of a value.
func shaped(value any, text string) (string, error) {
	if text == "" {
		return pytext.Str(value), nil
	}
	spec, err := pyformat.ParseSpec(text)
	if err != nil {
		return "", err
	}
	if n, ok := value.(*big.Int); ok && n != nil {
		return spec.Int(n)
	}
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid():
	case v.Kind() == reflect.Bool:
		n := big.NewInt(0) // as in Python, where a bool is a number
		if v.Bool() {
			n.SetInt64(1)
		}
		return spec.Int(n)
	case v.CanInt():
		return spec.Int(big.NewInt(v.Int()))
	case v.CanUint():
		return spec.Int(new(big.Int).SetUint64(v.Uint()))
	case v.CanFloat():
		return spec.Float(v.Float())
	case v.Kind() == reflect.String:
		return spec.Text(pytext.Str(value))
	}
	return "", fmt.Errorf("a %T takes no specification; write !s before the colon to shape its text", value)
}
