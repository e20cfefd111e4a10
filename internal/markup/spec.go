package markup

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/pytext"
)

// formatSpec is the part of a placeholder behind the colon.
type formatSpec struct {
	fill, align string
	sign        string // "+", " " or nothing
	zero, comma bool
	width       int
	precision   string // with its point
	verb        string
}

// formatSpecGrammar is compiled when the first specification is parsed.
var formatSpecGrammar = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:((?s:.))?([<>^=]))?(?:([+ ])|-)?(0)?(\d{1,4})?(,)?(\.\d{1,3})?([sdxXefg%])?$`)
})

func parseFormatSpec(text string) (formatSpec, error) {
	m := formatSpecGrammar().FindStringSubmatch(text)
	if m == nil {
		return formatSpec{}, fmt.Errorf("%q is not [[fill]align][sign][0][width][,][.precision][type]", text)
	}
	width, _ := strconv.Atoi(m[5]) // 0 if it is absent
	return formatSpec{
		fill: m[1], align: m[2], sign: m[3], zero: m[4] != "", width: width,
		comma: m[6] != "", precision: m[7], verb: m[8],
	}, nil
}

func (s formatSpec) shape(value any) (string, error) {
	v := reflect.ValueOf(value)
	switch {
	case v.CanInt():
		return s.whole(v.Int(), float64(v.Int()))
	case v.CanUint():
		return s.whole(v.Uint(), float64(v.Uint()))
	case v.CanFloat():
		return s.float(v.Float())
	}
	return s.text(pytext.Str(value))
}

func (s formatSpec) text(text string) (string, error) {
	if strings.Trim(s.verb, "s")+s.sign != "" || s.comma || s.align == "=" {
		return "", errors.New("text takes a fill, an alignment <, > or ^, a width, a precision and the type s")
	}
	if limit, err := strconv.Atoi(strings.TrimPrefix(s.precision, ".")); err == nil {
		characters := []rune(text)
		text = string(characters[:min(limit, len(characters))])
	}
	return s.pad(text, "<"), nil
}

// whole shapes a whole number. The same number as a float64 serves the types
// of floats.
func (s formatSpec) whole(n any, float float64) (string, error) {
	switch s.verb {
	case "e", "f", "g", "%":
		return s.float(float)
	case "":
		s.verb = "d"
	}
	if s.verb == "s" || s.precision != "" || s.comma && s.verb != "d" {
		return "", errors.New("a whole number takes the types d x X e f g %, a precision before the last four, no comma before x")
	}
	return s.number(fmt.Sprintf("%"+s.sign+s.verb, n))
}

func (s formatSpec) float(n float64) (string, error) {
	switch {
	case math.IsInf(n, 0) || math.IsNaN(n) || s.verb+s.precision == "":
		return s.number(signed(pytext.Str(n), s.sign))
	case s.verb == "%":
		return s.number(fmt.Sprintf("%"+s.sign+s.precision+"f%%", n*100))
	case s.verb == "g" && s.precision == "":
		s.precision = ".6"
	case s.verb == "" || !strings.Contains("efg", s.verb):
		return "", errors.New("a float takes the types e f g %; a precision needs one of them, as in .2f")
	}
	return s.number(fmt.Sprintf("%"+s.sign+s.precision+s.verb, n))
}

func signed(number, sign string) string {
	if strings.HasPrefix(number, "-") {
		return number
	}
	return sign + number
}

// number groups and pads the digits of a number.
func (s formatSpec) number(digits string) (string, error) {
	if s.comma {
		digits = groupThousands(digits)
	}
	if !s.zero {
		return s.pad(digits, ">"), nil
	}
	if s.comma {
		return "", errors.New("a comma and leading zeros do not go together")
	}
	return s.pad(digits, "="), nil
}

// pad fills text up to the width; "=" fills between the sign and the digits.
func (s formatSpec) pad(text, align string) string {
	missing := max(s.width-utf8.RuneCountInString(text), 0)
	fill := s.fill
	switch {
	case fill == "" && s.zero:
		fill = "0"
	case fill == "":
		fill = " "
	}
	if s.align != "" {
		align = s.align
	}
	head, left := "", missing
	switch align {
	case "<":
		left = 0
	case "^":
		left = missing / 2
	case "=":
		head, text = cutSign(text)
	}
	return head + strings.Repeat(fill, left) + text + strings.Repeat(fill, missing-left)
}

func cutSign(number string) (sign, digits string) {
	digits = strings.TrimLeft(number, "+- ")
	return number[:len(number)-len(digits)], digits
}

// groupThousands puts commas into the whole part of a number.
func groupThousands(number string) string {
	sign, digits := cutSign(number)
	whole := len(digits) - len(strings.TrimLeft(digits, "0123456789"))
	grouped := digits[whole:]
	for whole > 3 {
		grouped = "," + digits[whole-3:whole] + grouped
		whole -= 3
	}
	return sign + digits[:whole] + grouped
}
