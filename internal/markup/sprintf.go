package markup

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// CheckSprintf compares a format of fmt.Sprintf with the arguments. It reports for
// each argument whether it is a width or a precision. The error says what fmt would
// complain about within the text: an argument that is missing or not used, or a verb
// that does not exist or says nothing in a page.
func CheckSprintf(format string, args []any) (isWidth []bool, err error) {
	c := sprintfCheck{args: args, used: make([]bool, len(args)), isWidth: make([]bool, len(args))}
	for c.rest = format; ; {
		_, directive, found := strings.Cut(c.rest, "%")
		if !found {
			break
		}
		c.rest = directive
		if err := c.directive(); err != nil {
			read := len(directive) - len(c.rest)
			return nil, fmt.Errorf("%%%s: %w", directive[:read], err)
		}
	}
	for i, used := range c.used {
		if !used && !c.isReordered {
			return nil, fmt.Errorf("nothing in the text uses argument %d; remove it, or write a verb for it", i+1)
		}
	}
	return c.isWidth, nil
}

// sprintfCheck goes through a format.
type sprintfCheck struct {
	rest          string
	args          []any
	used, isWidth []bool
	next          int // the argument for the next verb
	isReordered   bool
}

// widestSprintf is the largest width that fmt takes.
const widestSprintf = 1e6

var errTooWide = errors.New("a width is a million at most")

// directive reads what follows a percent sign, in the order in which fmt does.
func (c *sprintfCheck) directive() error {
	c.rest = strings.TrimLeft(c.rest, "+-# 0")
	if err := c.number(); err != nil { // the width
		return err
	}
	if after, ok := strings.CutPrefix(c.rest, "."); ok {
		c.rest = after
		if err := c.number(); err != nil {
			return err
		}
	}
	if err := c.index(); err != nil {
		return err
	}
	verb, size := utf8.DecodeRuneInString(c.rest)
	c.rest = c.rest[size:]
	switch {
	case size == 0:
		return errors.New("there is no verb; write %% for a percent sign")
	case verb == '%':
		return nil
	case !strings.ContainsRune("svrdqxXobOcUeEfFgGt", verb):
		return fmt.Errorf("there is no verb %q here; take %%s for the text of any value", verb)
	}
	_, err := c.take()
	return err
}

// number reads a width or a precision: digits, or a star for an argument.
func (c *sprintfCheck) number() error {
	if err := c.index(); err != nil {
		return err
	}
	after, isStar := strings.CutPrefix(c.rest, "*")
	if !isStar {
		digits := len(c.rest) - len(strings.TrimLeft(c.rest, "0123456789"))
		if n, err := strconv.Atoi(c.rest[:digits]); digits > 0 && (err != nil || n > widestSprintf) {
			return errTooWide
		}
		c.rest = c.rest[digits:]
		return nil
	}
	c.rest = after
	i, err := c.take()
	if err != nil {
		return err
	}
	n, ok := c.args[i].(int)
	switch {
	case !ok:
		return fmt.Errorf("argument %d is a %T where the width is; pass an int", i+1, c.args[i])
	case n > widestSprintf || n < -widestSprintf:
		return errTooWide
	}
	c.isWidth[i] = true
	return nil
}

// index reads the number of an argument, such as [2].
func (c *sprintfCheck) index() error {
	digits, ok := strings.CutPrefix(c.rest, "[")
	if !ok {
		return nil
	}
	digits, after, closed := strings.Cut(digits, "]")
	n, err := strconv.Atoi(digits)
	if !closed || err != nil {
		return errors.New("the number of an argument is written as [2]")
	}
	c.rest, c.next, c.isReordered = after, n-1, true
	return nil
}

// take uses an argument.
func (c *sprintfCheck) take() (int, error) {
	i := c.next
	if i < 0 || i >= len(c.args) {
		return 0, fmt.Errorf("there is no argument %d; %d were given", i+1, len(c.args))
	}
	c.used[i] = true
	c.next++
	return i, nil
}

// Operand returns the number that a verb of fmt.Sprintf takes for a value, as Python
// converts it: a float for the verbs of fractions, and a whole number for %d. It
// returns other values as they are.
func Operand(verb rune, value any) any {
	switch verb {
	case 'e', 'E', 'f', 'F', 'g', 'G':
		return fraction(value)
	case 'd':
		return whole(value)
	}
	return value
}

func fraction(value any) any {
	if n, ok := value.(*big.Int); ok && n != nil {
		f, _ := new(big.Float).SetInt(n).Float64()
		return f
	}
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid():
	case v.CanInt():
		return float64(v.Int())
	case v.CanUint():
		return float64(v.Uint())
	case v.Kind() == reflect.Bool && v.Bool():
		return 1.0
	case v.Kind() == reflect.Bool:
		return 0.0
	}
	return value
}

func whole(value any) any {
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid():
	case v.CanFloat():
		f := v.Float()
		if f-f == 0 { // neither infinite nor NaN
			n, _ := big.NewFloat(f).Int(nil)
			return n
		}
	case v.Kind() == reflect.Bool && v.Bool():
		return 1
	case v.Kind() == reflect.Bool:
		return 0
	}
	return value
}
