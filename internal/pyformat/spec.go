package pyformat

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxWidth bounds the width and the precision of a specification.
const MaxWidth = 1 << 20

// Spec is a format specification, the part behind the colon of "{:>8,.2f}".
type Spec struct {
	Fill      rune // 0 if none is given
	Align     byte // '<', '>', '^', '=' or 0
	Sign      byte // '+', '-', ' ' or 0
	Alternate bool // '#'
	Zero      bool
	Width     int
	Grouping  byte // ',', '_' or 0
	Precision int  // -1 if none is given
	Verb      byte // 0 if none is given
}

// ParseSpec reads a specification. Errors are Python's ValueError.
func ParseSpec(s string) (Spec, error) {
	spec := Spec{Precision: -1}
	whole := s
	first, size := utf8.DecodeRuneInString(s)
	switch {
	case len(s) > size && size > 0 && strings.IndexByte("<>^=", s[size]) >= 0:
		spec.Fill, spec.Align = first, s[size]
		s = s[size+1:]
	case s != "" && strings.IndexByte("<>^=", s[0]) >= 0:
		spec.Align = s[0]
		s = s[1:]
	}
	if s != "" && strings.IndexByte("+- ", s[0]) >= 0 {
		spec.Sign, s = s[0], s[1:]
	}
	spec.Alternate, s = cutByte(s, '#')
	spec.Zero, s = cutByte(s, '0')
	var err error
	if spec.Width, s, err = cutNumber(s); err != nil {
		return spec, err
	}
	if s != "" && (s[0] == ',' || s[0] == '_') {
		spec.Grouping, s = s[0], s[1:]
	}
	if point, rest := cutByte(s, '.'); point {
		if rest == "" || !isDigit(rest[0]) {
			return spec, fmt.Errorf("format specifier missing precision")
		}
		if spec.Precision, s, err = cutNumber(rest); err != nil {
			return spec, err
		}
	}
	if len(s) > 1 {
		return spec, fmt.Errorf("invalid format specifier '%s'", whole)
	}
	if s != "" {
		spec.Verb = s[0]
	}
	return spec, nil
}

func cutByte(s string, c byte) (bool, string) {
	if s != "" && s[0] == c {
		return true, s[1:]
	}
	return false, s
}

func cutNumber(s string) (int, string, error) {
	n, i := 0, 0
	for ; i < len(s) && isDigit(s[i]); i++ {
		n = min(n*10+int(s[i]-'0'), MaxWidth+1)
	}
	if n > MaxWidth {
		return 0, "", fmt.Errorf("too many decimal digits in format string")
	}
	return n, s[i:], nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// Text formats a string: width, alignment, and a precision that cuts it.
func (spec Spec) Text(s string) (string, error) {
	switch {
	case spec.Verb != 0 && spec.Verb != 's':
		return "", spec.unknownVerb("str")
	case spec.Sign != 0:
		return "", fmt.Errorf("sign not allowed in string format specifier")
	case spec.Alternate:
		return "", fmt.Errorf("alternate form (#) not allowed in string format specifier")
	case spec.Grouping != 0:
		return "", fmt.Errorf("cannot specify '%c' with 's'", spec.Grouping)
	case spec.Align == '=':
		return "", fmt.Errorf("'=' alignment not allowed in string format specifier")
	}
	if spec.Precision >= 0 {
		for i := range s {
			if spec.Precision == 0 {
				s = s[:i]
				break
			}
			spec.Precision--
		}
	}
	return spec.pad("", s, '<'), nil
}

// Int formats an integer.
func (spec Spec) Int(n *big.Int) (string, error) {
	base, prefix := 10, ""
	switch spec.Verb {
	case 0, 'd', 'n':
	case 'b':
		base, prefix = 2, "0b"
	case 'o':
		base, prefix = 8, "0o"
	case 'x', 'X':
		base, prefix = 16, "0"+string(spec.Verb)
	case 'c':
		return spec.character(n)
	case 'e', 'E', 'f', 'F', 'g', 'G', '%':
		f, _ := new(big.Float).SetInt(n).Float64()
		if math.IsInf(f, 0) {
			return "", fmt.Errorf("int too large to convert to float")
		}
		return spec.Float(f)
	default:
		return "", spec.unknownVerb("int")
	}
	if spec.Precision >= 0 {
		return "", fmt.Errorf("precision not allowed in integer format specifier")
	}
	if spec.Grouping == ',' && base != 10 || spec.Grouping != 0 && spec.Verb == 'n' {
		return "", spec.noGrouping()
	}
	digits := new(big.Int).Abs(n).Text(base)
	if spec.Verb == 'X' {
		digits = strings.ToUpper(digits)
	}
	if !spec.Alternate {
		prefix = ""
	}
	group := 3
	if base != 10 {
		group = 4
	}
	sign := spec.sign(n.Sign() < 0) + prefix
	return spec.pad(sign, spec.grouped(digits, "", group, len(sign)), '>'), nil
}

// character formats an integer as the character of that number.
func (spec Spec) character(n *big.Int) (string, error) {
	switch {
	case spec.Sign != 0:
		return "", fmt.Errorf("sign not allowed with integer format specifier 'c'")
	case spec.Grouping != 0:
		return "", spec.noGrouping()
	case spec.Precision >= 0:
		return "", fmt.Errorf("precision not allowed in integer format specifier")
	case !n.IsInt64() || n.Int64() < 0 || n.Int64() > utf8.MaxRune:
		return "", fmt.Errorf("%%c arg not in range(0x110000)")
	}
	return spec.pad("", string(rune(n.Int64())), '<'), nil
}

// Float formats a float.
func (spec Spec) Float(f float64) (string, error) {
	if spec.Grouping != 0 && spec.Verb == 'n' {
		return "", spec.noGrouping()
	}
	verb, precision, percent := spec.Verb, spec.Precision, ""
	body, ok := special(math.Abs(f))
	switch verb {
	case 0, 'n', 'g', 'G', 'e', 'E', 'f', 'F':
	case '%':
		verb, percent = 'f', "%"
		f *= 100
	default:
		return "", spec.unknownVerb("float")
	}
	if !ok {
		body = floatDigits(math.Abs(f), verb, precision, spec.Alternate)
	}
	if verb == 'E' || verb == 'F' || verb == 'G' {
		body = strings.ToUpper(body)
	}
	sign := spec.sign(math.Signbit(f) && !math.IsNaN(f))
	if ok {
		spec.Grouping = 0
	}
	end := 0
	for end < len(body) && isDigit(body[end]) {
		end++
	}
	return spec.pad(sign, spec.grouped(body[:end], body[end:]+percent, 3, len(sign)), '>'), nil
}

// floatDigits prints a float that is not negative.
func floatDigits(f float64, verb byte, precision int, alternate bool) string {
	switch verb {
	case 'e', 'E', 'f', 'F':
		if precision < 0 {
			precision = 6
		}
		return withPoint(strconv.FormatFloat(f, verb|0x20, precision, 64), alternate)
	case 0:
		if precision < 0 {
			return withPoint(Repr(f), alternate)
		}
	}
	if precision < 0 {
		precision = 6
	}
	return withPoint(general(f, max(precision, 1), verb == 0, alternate), alternate)
}

// withPoint adds the point that the alternate form always has.
func withPoint(s string, alternate bool) string {
	if !alternate || strings.Contains(s, ".") {
		return s
	}
	digits, exponent, found := strings.Cut(s, "e")
	if found {
		return digits + ".e" + exponent
	}
	return digits + "."
}

// general is the conversion g: so many significant digits, with an exponent
// where the number is small or has more digits than that. A specification
// without a verb keeps one digit behind the point.
func general(f float64, precision int, point, alternate bool) string {
	scientific := strconv.FormatFloat(f, 'e', precision-1, 64)
	mantissa, exponentText, _ := strings.Cut(scientific, "e")
	exponent, _ := strconv.Atoi(exponentText)
	limit := precision
	if point {
		limit--
	}
	if exponent < -4 || exponent >= limit {
		if !alternate {
			mantissa = trimZeros(mantissa)
		}
		return mantissa + "e" + exponentText
	}
	s := strconv.FormatFloat(f, 'f', max(precision-1-exponent, 0), 64)
	if !alternate {
		s = trimZeros(s)
	}
	if point && !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func trimZeros(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

func (spec Spec) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case spec.Sign == '+' || spec.Sign == ' ':
		return string(spec.Sign)
	}
	return ""
}

// grouped puts separators between the digits, and fills with zeros before them
// where the specification says so; the zeros are grouped too.
func (spec Spec) grouped(digits, rest string, group, signLength int) string {
	want := 0
	if spec.Zero && spec.Align == 0 || spec.Align == '=' && (spec.Fill == '0' || spec.Fill == 0 && spec.Zero) {
		want = spec.Width - signLength - len(rest)
	}
	if spec.Grouping == 0 {
		return strings.Repeat("0", max(want-len(digits), 0)) + digits + rest
	}
	var b []byte
	for i := 0; i < len(digits) || len(b) < want; i++ {
		if i > 0 && i%group == 0 {
			b = append(b, spec.Grouping)
			if i >= len(digits) && len(b) == want {
				want++ // a separator never comes first
			}
		}
		if i < len(digits) {
			b = append(b, digits[len(digits)-1-i])
		} else {
			b = append(b, '0')
		}
	}
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b) + rest
}

// pad fills the value up to the width.
func (spec Spec) pad(sign, body string, align byte) string {
	if spec.Align != 0 {
		align = spec.Align
	}
	fill := " "
	if spec.Fill != 0 {
		fill = string(spec.Fill)
	} else if spec.Zero {
		fill = "0"
	}
	missing := spec.Width - utf8.RuneCountInString(sign) - utf8.RuneCountInString(body)
	if missing <= 0 {
		return sign + body
	}
	switch align {
	case '<':
		return sign + body + strings.Repeat(fill, missing)
	case '^':
		return strings.Repeat(fill, missing/2) + sign + body + strings.Repeat(fill, missing-missing/2)
	case '=':
		return sign + strings.Repeat(fill, missing) + body
	}
	return strings.Repeat(fill, missing) + sign + body
}

func (spec Spec) noGrouping() error {
	return fmt.Errorf("cannot specify '%c' with '%c'", spec.Grouping, spec.Verb)
}

func (spec Spec) unknownVerb(typ string) error {
	return fmt.Errorf("unknown format code '%c' for object of type '%s'", spec.Verb, typ)
}
