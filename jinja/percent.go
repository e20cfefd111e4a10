package jinja

import (
	"math/big"
	"strings"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/pyformat"
	"github.com/decant-go/decant/jinja/internal/text"
)

// percentFormat is the % operator of strings. A safe string escapes what it
// takes in.
func percentFormat(r *run, format, args value) (value, error) {
	f := percentFormatter{run: r, safe: format.kind == kindMarkup, args: args}
	if args.kind == kindTuple {
		f.items = args.ref.(*tuple).items
	} else {
		f.items = []value{args}
		f.mayRest = isSubscriptable(args)
	}
	if err := f.format(format.text()); err != nil {
		return missing, err
	}
	return textValue(f.b.String(), f.safe), nil
}

// isSubscriptable reports whether Python takes the argument of % for a mapping,
// which need not be used.
func isSubscriptable(v value) bool {
	switch v.kind {
	case kindDict, kindMap, kindList, kindRange, kindUndefined, kindMissing:
		return true
	case kindGo:
		_, ok := v.ref.(Itemer)
		return ok
	}
	return false
}

// percentFormatter replaces the directives of a format.
type percentFormatter struct {
	run     *run
	b       strings.Builder
	safe    bool
	args    value   // all arguments, for %(name)s
	items   []value // the arguments one by one
	used    int     // how many of the items were taken
	mayRest bool    // no error if items are left
}

// directive is what stands behind a percent sign.
type directive struct {
	key       string
	hasKey    bool
	minus     bool
	plus      bool
	space     bool
	alternate bool
	zero      bool
	width     int
	precision int // -1 if there is none
	verb      rune
}

func (f *percentFormatter) format(s string) error {
	for {
		literal, rest, found := strings.Cut(s, "%")
		f.b.WriteString(literal)
		if !found {
			break
		}
		if strings.HasPrefix(rest, "%") {
			f.b.WriteByte('%')
			s = rest[1:]
			continue
		}
		d, rest, err := f.parse(rest)
		if err != nil {
			return err
		}
		if err := f.write(d); err != nil {
			return err
		}
		if err := f.run.checkText(f.b.Len()); err != nil {
			return err
		}
		s = rest
	}
	if f.used < len(f.items) && !f.mayRest {
		return typeError("not all arguments converted during string formatting")
	}
	return nil
}

// next takes the next argument.
func (f *percentFormatter) next() (value, error) {
	if f.used >= len(f.items) {
		return missing, typeError("not enough arguments for format string")
	}
	f.used++
	return f.items[f.used-1], nil
}

// parse reads a directive.
func (f *percentFormatter) parse(s string) (d directive, rest string, err error) {
	d.precision = -1
	if strings.HasPrefix(s, "(") {
		if d.key, s, err = cutKey(s[1:]); err != nil {
			return d, "", err
		}
		d.hasKey = true
	}
	for s != "" && strings.IndexByte("-+ #0", s[0]) >= 0 {
		switch s[0] {
		case '-':
			d.minus = true
		case '+':
			d.plus = true
		case ' ':
			d.space = true
		case '#':
			d.alternate = true
		case '0':
			d.zero = true
		}
		s = s[1:]
	}
	if d.width, s, err = f.number(s, d.hasKey); err != nil {
		return d, "", err
	}
	if d.width < 0 {
		d.minus, d.width = true, -d.width
	}
	if strings.HasPrefix(s, ".") {
		if d.precision, s, err = f.number(s[1:], d.hasKey); err != nil {
			return d, "", err
		}
		d.precision = max(d.precision, 0)
	}
	if s != "" && strings.IndexByte("hlL", s[0]) >= 0 {
		s = s[1:]
	}
	if s == "" {
		return d, "", valueError("incomplete format")
	}
	var size int
	d.verb, size = utf8.DecodeRuneInString(s)
	return d, s[size:], nil
}

// cutKey reads the name in parentheses, which may contain parentheses.
func cutKey(s string) (key, rest string, err error) {
	depth := 1
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			return s[:i], s[i+1:], nil
		}
	}
	return "", "", valueError("incomplete format key")
}

// number reads a width or a precision, which may be an argument.
func (f *percentFormatter) number(s string, hasKey bool) (n int, rest string, err error) {
	if !strings.HasPrefix(s, "*") {
		i := 0
		for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
			n = min(n*10+int(s[i]-'0'), pyformat.MaxWidth+1)
		}
		return n, s[i:], f.checkWidth(n)
	}
	if hasKey {
		return 0, "", typeError("not enough arguments for format string")
	}
	v, err := f.next()
	if err != nil {
		return 0, "", err
	}
	if f.safe || !isInteger(v) {
		return 0, "", typeError("* wants int")
	}
	if v.kind == kindBig || v.int() > pyformat.MaxWidth || v.int() < -pyformat.MaxWidth {
		return 0, "", f.checkWidth(pyformat.MaxWidth + 1)
	}
	return int(v.int()), s[1:], f.checkWidth(int(v.int()))
}

func (f *percentFormatter) checkWidth(n int) error {
	if n > pyformat.MaxWidth {
		return fail(LimitError, "a format is wider than %d characters", pyformat.MaxWidth)
	}
	return nil
}

// write formats one argument.
func (f *percentFormatter) write(d directive) error {
	v, err := f.argument(d)
	if err != nil {
		return err
	}
	switch d.verb {
	case 's', 'r', 'a':
		return f.writeText(d, v)
	case 'c':
		s, err := f.character(v)
		if err == nil {
			f.pad(d, s)
		}
		return err
	case 'd', 'i', 'u', 'o', 'x', 'X':
		return f.writeInt(d, v)
	case 'e', 'E', 'f', 'F', 'g', 'G':
		return f.writeFloat(d, v)
	}
	return valueError("unsupported format character %s", reprOf(stringValue(string(d.verb))))
}

func (f *percentFormatter) argument(d directive) (value, error) {
	switch {
	case !d.hasKey:
		return f.next()
	case !isSubscriptable(f.args):
		return missing, typeError("format requires a mapping")
	}
	f.mayRest = true
	return subscript(f.run, f.args, stringValue(d.key))
}

// subscript is Python's v[key], where a key that does not exist is an error.
func subscript(r *run, v, key value) (value, error) {
	switch v.kind {
	case kindDict, kindMap:
		item, ok, err := entryOf(v, key)
		if err == nil && !ok {
			err = fail(KeyError, "%s", reprOf(key))
		}
		return item, err
	case kindList, kindTuple, kindString, kindMarkup, kindRange:
		n, _ := lengthOf(v)
		i, err := integerArg(key)
		if err != nil {
			return missing, typeError("%s indices must be integers or slices, not %s", typeName(v), typeName(key))
		}
		if i >= n || i < -n {
			return missing, fail(IndexError, "%s index out of range", typeName(v))
		}
	case kindUndefined:
		return missing, undefinedOf(v).err()
	}
	item, err := r.getitem(v, key)
	if err == nil && item.isUndefined() {
		err = fail(KeyError, "%s", reprOf(key))
	}
	return item, err
}

// writeText formats the text or the printed form of a value.
func (f *percentFormatter) writeText(d directive, v value) error {
	if d.verb != 's' {
		v = stringValue(reprOf(v))
	}
	if f.safe {
		html, err := escaped(v)
		if err != nil {
			return err
		}
		v = html
	}
	s, err := strOf(v)
	if err != nil {
		return err
	}
	if d.verb == 'a' {
		s = pyformat.ASCII(s)
	}
	if d.precision >= 0 {
		s = text.Cut(s, 0, d.precision)
	}
	f.pad(d, s)
	return nil
}

// pad writes a string with spaces up to the width.
func (f *percentFormatter) pad(d directive, s string) {
	spaces := strings.Repeat(" ", max(d.width-text.Len(s), 0))
	if d.minus {
		f.b.WriteString(s + spaces)
		return
	}
	f.b.WriteString(spaces + s)
}

func (f *percentFormatter) character(v value) (string, error) {
	switch {
	case f.safe:
	case v.isText() && text.Len(v.text()) == 1:
		return v.text(), nil
	case isInteger(v):
		if v.kind == kindBig || v.int() < 0 || v.int() > utf8.MaxRune {
			return "", fail(OverflowError, "%%c arg not in range(0x110000)")
		}
		return string(rune(v.int())), nil
	}
	return "", typeError("%%c requires int or char")
}

func (f *percentFormatter) writeInt(d directive, v value) error {
	n, err := f.integer(d, v)
	if err != nil {
		return err
	}
	base, prefix := 10, ""
	switch d.verb {
	case 'o':
		base, prefix = 8, "0o"
	case 'x', 'X':
		base, prefix = 16, "0x"
	}
	digits := new(big.Int).Abs(n).Text(base)
	digits = strings.Repeat("0", max(d.precision-len(digits), 0)) + digits
	if !d.alternate {
		prefix = ""
	}
	sign := f.sign(d, n.Sign() < 0)
	if d.zero && !d.minus {
		digits = strings.Repeat("0", max(d.width-len(digits)-len(sign)-len(prefix), 0)) + digits
	}
	s := sign + prefix + digits
	if d.verb == 'X' {
		s = strings.ToUpper(s)
	}
	f.pad(d, s)
	return nil
}

func (f *percentFormatter) sign(d directive, negative bool) string {
	switch {
	case negative:
		return "-"
	case d.plus:
		return "+"
	case d.space:
		return " "
	}
	return ""
}

func (f *percentFormatter) integer(d directive, v value) (*big.Int, error) {
	v = numberOf(v)
	hex := d.verb == 'o' || d.verb == 'x' || d.verb == 'X'
	switch {
	case f.safe && hex:
		return nil, typeError("%%%c format: an integer is required in a safe string", d.verb)
	case isInteger(v):
		return bigOf(v), nil
	case hex:
		return nil, typeError("%%%c format: an integer is required, not %s", d.verb, typeName(v))
	case f.safe || v.kind == kindFloat || v.kind == kindUndefined:
		n, err := pyInt(v, 10)
		if err != nil {
			return nil, err
		}
		return bigOf(n), nil
	}
	return nil, typeError("%%%c format: a real number is required, not %s", d.verb, typeName(v))
}

func (f *percentFormatter) writeFloat(d directive, v value) error {
	v = numberOf(v)
	if !f.safe && v.isText() {
		return typeError("must be real number, not %s", typeName(v))
	}
	n, err := pyFloat(v)
	if err != nil {
		return err
	}
	spec := pyformat.Spec{Alternate: d.alternate, Precision: 6, Verb: byte(d.verb), Align: '>', Width: d.width}
	if d.precision >= 0 {
		spec.Precision = d.precision
	}
	switch {
	case d.plus:
		spec.Sign = '+'
	case d.space:
		spec.Sign = ' '
	}
	switch {
	case d.minus:
		spec.Align = '<'
	case d.zero:
		spec.Fill, spec.Align = '0', '='
	}
	s, err := spec.Float(n)
	if err != nil {
		return valueError("%s", err)
	}
	f.b.WriteString(s)
	return nil
}
