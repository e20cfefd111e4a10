package markup

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/decant-go/decant/internal/pytext"
)

// A Formatter fills placeholders with escaped values.
type Formatter struct {
	// Escape returns the HTML of any value.
	Escape func(value any) string
	// IsHTML reports whether a value is HTML already.
	IsHTML func(value any) bool
}

// Format replaces each placeholder in format with an argument. A
// map[string]any as the last argument holds the named ones. The error says
// which placeholder cannot be filled, and why.
func (f *Formatter) Format(format string, args []any) (string, error) {
	r := run{Formatter: f, args: args}
	err := r.format(format)
	return r.out.String(), err
}

// run is one call of Format.
type run struct {
	*Formatter
	args     []any
	out      strings.Builder
	next     int // the argument for the next {}
	numbered bool
}

func (r *run) format(format string) error {
	for {
		i := strings.IndexAny(format, "{}")
		if i < 0 {
			r.out.WriteString(format)
			return nil
		}
		r.out.WriteString(format[:i])
		brace, rest := format[i:i+1], format[i+1:]
		if strings.HasPrefix(rest, brace) {
			r.out.WriteString(brace)
			format = rest[1:]
			continue
		}
		body, after, closed := strings.Cut(rest, "}")
		if brace == "}" || !closed {
			return fmt.Errorf("a single %q; write it twice to have it in the text", brace)
		}
		if err := r.placeholder(body); err != nil {
			return fmt.Errorf("placeholder {%s}: %w", body, err)
		}
		format = after
	}
}

func (r *run) placeholder(body string) error {
	field, spec, _ := strings.Cut(body, ":")
	field, conversion, converted := strings.Cut(field, "!")
	value, err := r.argument(field)
	if err != nil {
		return err
	}
	switch {
	case !converted:
	case conversion == "s":
		value = pytext.Str(value)
	case conversion == "r":
		value = pytext.Repr(value)
	default:
		return fmt.Errorf("unknown conversion %q; there are !s and !r", conversion)
	}
	html, err := r.field(value, spec)
	r.out.WriteString(html)
	return err
}

// argument returns the value of a field: the next argument, one by number, or
// one by name.
func (r *run) argument(field string) (any, error) {
	index, err := strconv.Atoi(field)
	switch {
	case field == "":
		index = r.next
		r.next++
	case err != nil:
		return r.named(field)
	default:
		r.numbered = true
	}
	if r.numbered && r.next > 0 {
		return nil, errors.New("{} and {0} cannot stand in one text; number all or none")
	}
	if index < 0 || index >= len(r.args) {
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

func (r *run) field(value any, text string) (string, error) {
	if text == "" {
		return r.Escape(value), nil
	}
	if r.IsHTML(value) {
		return "", errors.New("markup takes no specification; shape the text before it is escaped")
	}
	spec, err := parseFormatSpec(text)
	if err != nil {
		return "", err
	}
	shaped, err := spec.shape(value)
	return Escape(shaped), err
}
