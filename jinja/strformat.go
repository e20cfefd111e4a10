package jinja

import (
	"math/big"
	"strings"
	"time"

	"github.com/decant-go/decant/internal/pyformat"
	"github.com/decant-go/decant/jinja/internal/strftime"
)

// methodFormat is str.format. A safe string escapes what it takes in.
func methodFormat(r *run, self value, args arguments) (value, error) {
	f := fieldFormatter{run: r, safe: self.kind == kindMarkup, args: args.positional}
	if len(args.named) > 0 {
		f.fields = dictValue(namedDict(args.named))
	}
	return f.apply(self)
}

// methodFormatMap is str.format_map.
func methodFormatMap(r *run, self value, args arguments) (value, error) {
	var slots [1]value
	if err := args.bindPositional(slots[:], "format_map", 1); err != nil {
		return missing, err
	}
	f := fieldFormatter{run: r, safe: self.kind == kindMarkup, fields: slots[0], namedOnly: true}
	return f.apply(self)
}

// fieldFormatter replaces the fields of a format: "{name.attr[key]!r:>10}".
type fieldFormatter struct {
	run       *run
	safe      bool
	args      []value
	fields    value // a mapping of names, or missing
	namedOnly bool  // there are no positional arguments at all
	automatic int   // how many fields without a name there were
	numbering byte  // 'a' for fields without a name, 'm' for fields with a number
}

// maxFields is how deep fields may stand in the specifications of fields.
const maxFields = 2

func (f *fieldFormatter) apply(self value) (value, error) {
	s, err := f.expand(self.text(), maxFields)
	if err != nil {
		return missing, err
	}
	return textValue(s, f.safe), nil
}

// expand replaces the fields of a format or of a specification.
func (f *fieldFormatter) expand(s string, depth int) (string, error) {
	if depth < 0 {
		return "", valueError("Max string recursion exceeded")
	}
	var b strings.Builder
	for s != "" {
		i := strings.IndexAny(s, "{}")
		if i < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:i])
		brace := s[i]
		s = s[i+1:]
		if s != "" && s[0] == brace {
			b.WriteByte(brace)
			s = s[1:]
			continue
		}
		if brace == '}' || s == "" {
			return "", valueError("Single '%c' encountered in format string", brace)
		}
		field, rest, err := pyformat.ParseField(s)
		if err != nil {
			return "", valueError("%s", err)
		}
		if err := f.write(&b, field, depth); err != nil {
			return "", err
		}
		if err := f.run.checkText(b.Len()); err != nil {
			return "", err
		}
		s = rest
	}
	return b.String(), nil
}

func (f *fieldFormatter) write(b *strings.Builder, fd pyformat.Field, depth int) error {
	v, err := f.lookup(fd.Name)
	if err != nil {
		return err
	}
	if v, err = convert(v, fd.Conversion); err != nil {
		return err
	}
	spec := fd.Spec
	if strings.ContainsAny(spec, "{}") {
		if spec, err = f.expand(spec, depth-1); err != nil {
			return err
		}
	} else if depth == 0 {
		return valueError("Max string recursion exceeded")
	}
	s, err := f.formatted(v, spec)
	if err == nil {
		b.WriteString(s)
	}
	return err
}

// convert applies the conversion behind the exclamation mark.
func convert(v value, conversion rune) (value, error) {
	switch conversion {
	case 0:
		return v, nil
	case 's':
		s, err := strOf(v)
		return stringValue(s), err
	case 'r':
		return stringValue(reprOf(v)), nil
	case 'a':
		return stringValue(pyformat.ASCII(reprOf(v))), nil
	}
	return missing, valueError("Unknown conversion specifier %c", conversion)
}

// lookup returns the value that a name stands for.
func (f *fieldFormatter) lookup(name string) (value, error) {
	end := strings.IndexAny(name, ".[")
	if end < 0 {
		end = len(name)
	}
	v, err := f.first(name[:end], name)
	if err != nil {
		return missing, err
	}
	for rest := name[end:]; rest != ""; {
		if v, rest, err = f.step(v, rest); err != nil {
			return missing, err
		}
	}
	return v, nil
}

// step follows an attribute or an index at the beginning of a path.
func (f *fieldFormatter) step(v value, path string) (next value, rest string, err error) {
	step, rest, err := pyformat.NextStep(path)
	if err != nil {
		return missing, "", valueError("%s", err)
	}
	if step.IsAttribute {
		attr, ok, err := f.run.attribute(v, step.Name)
		if err == nil && !ok {
			err = typeError("'%s' object has no attribute '%s'", typeName(v), step.Name)
		}
		return attr, rest, err
	}
	index := stringValue(step.Name)
	if n, isNumber, err := pyformat.FieldNumber(step.Name); err != nil {
		return missing, "", valueError("%s", err)
	} else if isNumber {
		index = intValue(int64(n))
	}
	next, err = subscript(f.run, v, index)
	return next, rest, err
}

// first returns the argument that a field begins with.
func (f *fieldFormatter) first(name, whole string) (value, error) {
	n, isNumber, err := pyformat.FieldNumber(name)
	if err != nil {
		return missing, valueError("%s", err)
	}
	numbering := byte('m')
	// Markup numbers a field only if there is nothing at all in it.
	if name == "" && (!f.safe || whole == "") {
		n, isNumber = f.automatic, true
		f.automatic++
		numbering = 'a'
	}
	if !isNumber {
		return f.named(name)
	}
	if f.namedOnly && !f.safe {
		return missing, valueError("Format string contains positional fields")
	}
	if f.numbering != 0 && f.numbering != numbering {
		return missing, valueError("cannot switch between automatic field numbering and manual field specification")
	}
	f.numbering = numbering
	if n >= len(f.args) {
		return missing, fail(IndexError, "Replacement index %d out of range for positional args tuple", n)
	}
	return f.args[n], nil
}

func (f *fieldFormatter) named(name string) (value, error) {
	if f.fields.kind == kindMissing {
		return missing, fail(KeyError, "%s", reprOf(stringValue(name)))
	}
	return subscript(f.run, f.fields, stringValue(name))
}

// formatted formats a value. In a safe string it is escaped.
func (f *fieldFormatter) formatted(v value, spec string) (string, error) {
	if !f.safe {
		return formatValue(v, spec)
	}
	if isSafe(v) {
		if spec != "" {
			return "", valueError("a safe value takes no format specification, not %s", reprOf(stringValue(spec)))
		}
		return htmlOf(v), nil
	}
	s, err := formatValue(v, spec)
	if err != nil {
		return "", err
	}
	return htmlOf(stringValue(s)), nil
}

// formatValue is Python's format.
func formatValue(v value, spec string) (string, error) {
	if spec == "" {
		return strOf(v)
	}
	if t, ok := v.ref.(time.Time); ok {
		return strftime.Format(t, spec, isZoned(t)), nil
	}
	v = numberOf(v)
	if !v.isText() && !isNumber(v) {
		return "", typeError("unsupported format string passed to %s.__format__", typeName(v))
	}
	parsed, err := pyformat.ParseSpec(spec)
	if err != nil {
		return "", valueError("%s", err)
	}
	var s string
	switch {
	case v.isText():
		s, err = parsed.Text(v.text())
	case v.kind == kindFloat:
		s, err = parsed.Float(v.float())
	default:
		s, err = parsed.Int(new(big.Int).Set(bigOf(v)))
	}
	if err != nil {
		return "", valueError("%s", err)
	}
	return s, nil
}
