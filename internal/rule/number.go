package rule

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/pytext"
)

// limits are the arguments of int and float. They are looked at after the
// match: a number beyond them ends matching instead of trying the next rule.
type limits struct {
	digits          int
	lowest, highest any // an int, a float64 or nil
	signed          bool
}

const numberWeight = 50

var errBeyondLimits = errors.New("the number is beyond the limits of its rule")

// intConverter takes decimal digits of any script; its value is an int. A
// number beyond an int is not found.
func intConverter(arguments Arguments) (Converter, error) {
	limits, err := readLimits(arguments, "fixed_digits", "min", "max", "signed")
	parse := func(text string) (int, bool) {
		number, ok := pytext.ParseInt(text)
		return number, ok && allows(limits, text, number)
	}
	return Converter{
		Pattern:       limits.pattern(`\p{Nd}+`),
		Weight:        numberWeight,
		PartIsolating: isolating(true),
		accepts:       func(text string) bool { return isDigits(limits.unsigned(text)) },
		slashless:     true,
		allows: func(text string) bool {
			_, ok := parse(text)
			return ok
		},
		ToGo: func(text string) (any, error) {
			number, ok := parse(text)
			if !ok {
				return nil, errBeyondLimits
			}
			return number, nil
		},
		ToURL: func(value any) (string, error) { return limits.formatInt(value) },
	}, err
}

// floatConverter takes digits, a dot and digits; its value is a float64.
func floatConverter(arguments Arguments) (Converter, error) {
	limits, err := readLimits(arguments, "min", "max", "signed")
	return Converter{
		Pattern:       limits.pattern(`\p{Nd}+\.\p{Nd}+`),
		Weight:        numberWeight,
		PartIsolating: isolating(true),
		accepts: func(text string) bool {
			whole, fraction, dotted := strings.Cut(limits.unsigned(text), ".")
			return dotted && isDigits(whole) && isDigits(fraction)
		},
		slashless: true,
		allows:    func(text string) bool { return allows(limits, text, parseFloat(text)) },
		ToGo: func(text string) (any, error) {
			number := parseFloat(text)
			if !allows(limits, text, number) {
				return nil, errBeyondLimits
			}
			return number, nil
		},
		ToURL: formatFloat,
	}, err
}

func readLimits(arguments Arguments, names ...string) (limits, error) {
	var l limits
	passed, err := arguments.Bind(names...)
	if err != nil {
		return l, err
	}
	l.signed = truth(passed["signed"])
	if l.digits, err = digitCount(passed["fixed_digits"]); err != nil {
		return l, err
	}
	if l.lowest, err = bound("min", passed["min"]); err != nil {
		return l, err
	}
	l.highest, err = bound("max", passed["max"])
	return l, err
}

// truth is Python's bool(value) for what a rule can pass.
func truth(value any) bool {
	return value != nil && !reflect.ValueOf(value).IsZero()
}

func digitCount(value any) (int, error) {
	if value == nil {
		return 0, nil
	}
	count, ok := value.(int)
	if !ok || count < 0 {
		return 0, wrongNumber("fixed_digits", value, "a whole number that is not negative")
	}
	return count, nil
}

func bound(name string, value any) (any, error) {
	switch value := value.(type) {
	case nil, int, float64:
		return value, nil
	case bool:
		return fromBool(value), nil
	}
	return nil, wrongNumber(name, value, "a number")
}

func allows[N int | float64](l limits, text string, number N) bool {
	if l.digits > 0 && utf8.RuneCountInString(text) != l.digits {
		return false
	}
	return compare(number, l.lowest) >= 0 && compare(number, l.highest) <= 0
}

// compare orders a number and a limit; without a limit they are equal.
func compare[N int | float64](number N, limit any) int {
	switch limit := limit.(type) {
	case int:
		return cmp.Compare(number, N(limit))
	case float64:
		return cmp.Compare(float64(number), limit)
	}
	return 0
}

func (l *limits) pattern(unsigned string) string {
	if l.signed {
		return "-?" + unsigned
	}
	return unsigned
}

func (l *limits) unsigned(text string) string {
	if l.signed && strings.HasPrefix(text, "-") {
		return text[1:]
	}
	return text
}

// formatInt is str(int(value)), filled up with zeros behind the sign.
func (l *limits) formatInt(value any) (string, error) {
	text, err := intText(value)
	if err != nil {
		return "", err
	}
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	return sign + strings.Repeat("0", max(0, l.digits-len(sign)-len(text))) + text, nil
}

func intText(value any) (string, error) {
	switch value := value.(type) {
	case int:
		return strconv.Itoa(value), nil
	case *big.Int:
		return value.String(), nil
	case string:
		if number, ok := pytext.ParseBigInt(value, 10); ok {
			return number.String(), nil
		}
		return "", noNumber(value)
	}
	number := reflect.ValueOf(value)
	switch {
	case number.CanInt():
		return strconv.FormatInt(number.Int(), 10), nil
	case number.CanUint():
		return strconv.FormatUint(number.Uint(), 10), nil
	case number.CanFloat():
		return truncated(number.Float())
	case number.Kind() == reflect.Bool:
		return strconv.Itoa(fromBool(number.Bool())), nil
	}
	return "", noNumber(value)
}

func truncated(number float64) (string, error) {
	if number != number || number-number != 0 {
		return "", noNumber(number)
	}
	whole, _ := big.NewFloat(number).Int(nil)
	return whole.String(), nil
}

// formatFloat is str(float(value)).
func formatFloat(value any) (string, error) {
	number, err := floatOf(value)
	return string(pytext.AppendFloat(nil, number)), err
}

func floatOf(value any) (float64, error) {
	if text, ok := value.(string); ok {
		number, err := strconv.ParseFloat(strings.TrimSpace(asciiDigits(text)), 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) || strings.ContainsAny(text, "xX") {
			return 0, noNumber(value)
		}
		return number, nil
	}
	if number := reflect.ValueOf(value); number.CanFloat() {
		return number.Float(), nil
	}
	text, err := intText(value)
	if err != nil {
		return 0, err
	}
	return parseFloat(text), nil
}

func noNumber(value any) error {
	return fmt.Errorf("%s is no number", pytext.Repr(value))
}

// parseFloat reads digits of any script. A number that is too large is infinite.
func parseFloat(text string) float64 {
	number, _ := strconv.ParseFloat(asciiDigits(text), 64)
	return number
}

func isDigits(text string) bool {
	for i := range len(text) {
		if !isDigit(text[i]) {
			return isUnicodeDigits(text)
		}
	}
	return text != ""
}

func isUnicodeDigits(text string) bool {
	return strings.IndexFunc(text, func(char rune) bool { return !unicode.Is(unicode.Nd, char) }) < 0
}

// asciiDigits spells the decimal digits of any script in ASCII.
func asciiDigits(text string) string {
	return strings.Map(func(char rune) rune {
		if char < utf8.RuneSelf || !unicode.Is(unicode.Nd, char) {
			return char
		}
		digit, _ := pytext.ParseInt(string(char))
		return '0' + rune(digit)
	}, text)
}
