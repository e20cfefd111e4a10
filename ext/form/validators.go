package form

import (
	"fmt"
	"net/netip"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/decant-go/decant"
)

// Validator checks a field. The error is a message made by [Invalid] or [Stop];
// any other error ends the validation and is one of the program.
type Validator interface {
	Validate(field Field) error
}

// Validators are run in their order.
type Validators []Validator

// ValidatorFunc is a function as a validator.
type ValidatorFunc func(field Field) error

// Validate calls the function.
func (f ValidatorFunc) Validate(field Field) error { return f(field) }

// flagged is a validator that sets flags, too.
type flagged struct {
	ValidatorFunc
	flags []attribute
}

// Flags sets the flags of the validator.
func (v flagged) Flags(set func(name string, value any)) {
	for _, flag := range v.flags {
		set(flag.name, flag.value)
	}
}

// message is the validator's own message, or else the translated default.
func message(own []string, field Field, otherwise string) string {
	if len(own) > 0 {
		return own[0]
	}
	return field.control().Gettext(otherwise)
}

const required = "This field is required."

// DataRequired refuses data that Python counts as false: no text or only white
// space, an unticked box, 0, nothing chosen. It clears the errors so far, stops
// the chain, and sets the flag "required".
func DataRequired(own ...string) Validator {
	return flagged{func(field Field) error {
		value := field.Value()
		if text, ok := value.(string); truthy(value) && !(ok && isBlank(text)) {
			return nil
		}
		field.ClearErrors()
		return Stop(message(own, field, required))
	}, []attribute{{"required", true}}}
}

// InputRequired refuses a field for which nothing, or an empty text, was sent,
// whatever the data is. It clears the errors so far, stops the chain, and sets
// the flag "required".
func InputRequired(own ...string) Validator {
	return flagged{func(field Field) error {
		if raw := field.control().raw; len(raw) > 0 && raw[0] != "" {
			return nil
		}
		field.ClearErrors()
		return Stop(message(own, field, required))
	}, []attribute{{"required", true}}}
}

// Optional stops the chain without an error if nothing was sent, or only white
// space, and clears the errors so far. It sets the flag "optional".
func Optional() Validator {
	return flagged{func(field Field) error {
		raw := field.control().raw
		if _, isFile := field.(uploader); len(raw) == 0 || !isFile && isBlank(raw[0]) {
			field.ClearErrors()
			return Stop("")
		}
		return nil
	}, []attribute{{"optional", true}}}
}

// Length bounds the number of characters of a text, or of the items of a list;
// -1 leaves one end open. In a message of your own, %(min)d and %(max)d are the
// bounds. It sets the flags "minlength" and "maxlength". It panics if there are
// no bounds or the minimum is above the maximum.
func Length(minimum, maximum int, own ...string) Validator {
	if minimum < 0 && maximum < 0 || maximum >= 0 && minimum > maximum {
		panic(fmt.Sprintf("form: Length(%d, %d) has no length that is valid; give a minimum, a maximum of no less, or both", minimum, maximum))
	}
	var flags []attribute
	if minimum >= 0 {
		flags = append(flags, attribute{"minlength", minimum})
	}
	if maximum >= 0 {
		flags = append(flags, attribute{"maxlength", maximum})
	}
	return flagged{func(field Field) error {
		length := lengthOf(field.Value())
		if length >= minimum && (maximum < 0 || length <= maximum) {
			return nil
		}
		text := lengthMessage(field.control(), minimum, maximum)
		if len(own) > 0 {
			text = own[0]
		}
		return Invalid(interpolate(text,
			"min", strconv.Itoa(minimum), "max", strconv.Itoa(maximum), "length", strconv.Itoa(length)))
	}, flags}
}

func lengthMessage(k *Control, minimum, maximum int) string {
	switch {
	case maximum < 0:
		return k.NGettext("Field must be at least %(min)d character long.", "Field must be at least %(min)d characters long.", minimum)
	case minimum < 0:
		return k.NGettext("Field cannot be longer than %(max)d character.", "Field cannot be longer than %(max)d characters.", maximum)
	case minimum == maximum:
		return k.NGettext("Field must be exactly %(max)d character long.", "Field must be exactly %(max)d characters long.", maximum)
	}
	return k.Gettext("Field must be between %(min)d and %(max)d characters long.")
}

func lengthOf(value any) int {
	switch value := value.(type) {
	case string:
		return utf8.RuneCountInString(value)
	case []any:
		return len(value)
	case []*decant.File:
		return len(value)
	case decant.H:
		return len(value)
	}
	return 0
}

// NumberRange bounds a number; nil leaves one end open. The bounds are ints,
// float64s or [Number]s. In a message of your own, %(min)s and %(max)s are the
// bounds. It sets the flags "min" and "max". It panics if a bound is no number.
func NumberRange(minimum, maximum any, own ...string) Validator {
	var flags []attribute
	for _, bound := range []attribute{{"min", minimum}, {"max", maximum}} {
		if bound.value == nil {
			continue
		}
		if _, ok := rational(bound.value); !ok {
			panic(fmt.Sprintf("form: NumberRange was given %v (%T) as a bound; it takes numbers, and nil for none", bound.value, bound.value))
		}
		flags = append(flags, bound)
	}
	return flagged{func(field Field) error {
		if isWithin(field.Value(), minimum, maximum) {
			return nil
		}
		text := message(own, field, rangeMessage(minimum, maximum))
		return Invalid(interpolate(text, "min", textOrNone(minimum), "max", textOrNone(maximum)))
	}, flags}
}

func rangeMessage(minimum, maximum any) string {
	switch {
	case maximum == nil:
		return "Number must be at least %(min)s."
	case minimum == nil:
		return "Number must be at most %(max)s."
	}
	return "Number must be between %(min)s and %(max)s."
}

// isWithin compares exactly. NaN is within no bounds; an infinity is on one
// side of all.
func isWithin(value, minimum, maximum any) bool {
	if sign := infinity(value); sign != 0 {
		return !(sign > 0 && maximum != nil) && !(sign < 0 && minimum != nil)
	}
	number, ok := rational(value)
	if !ok {
		return false
	}
	if bound, ok := rational(minimum); ok && number.Cmp(bound) < 0 {
		return false
	}
	if bound, ok := rational(maximum); ok && number.Cmp(bound) > 0 {
		return false
	}
	return true
}

// infinity is the sign of a number that is infinite, or too large to compare
// exactly, and 0 of others.
func infinity(value any) int {
	var text string
	switch value := value.(type) {
	case float64:
		text = strconv.FormatFloat(value, 'g', -1, 64)
	case Number:
		if _, ok := value.Rat(); ok {
			return 0
		}
		d, ok := parseDecimal(string(value))
		if !ok || d.special == "" && d.exponent < 0 {
			return 0
		}
		if text = string(value); d.special == "" {
			text = strings.TrimRight(text[:1], "0123456789") + "Inf"
		}
	}
	switch strings.TrimSuffix(strings.TrimPrefix(text, "+"), "inity") {
	case "Inf":
		return 1
	case "-Inf":
		return -1
	}
	return 0
}

func textOrNone(value any) string {
	if value == nil {
		return "None"
	}
	return text(value)
}

// EqualTo refuses data that differs from the data of another field of the form,
// which is given by its name in HTML: "password". In a message of your own,
// %(other_label)s and %(other_name)s are that field's.
func EqualTo(name string, own ...string) Validator {
	return ValidatorFunc(func(field Field) error {
		other := field.Form().Field(name)
		if other == nil {
			return Invalid(strings.Replace(field.control().Gettext("Invalid field name '%s'."), "%s", name, 1))
		}
		if equal(field.Value(), other.Value()) {
			return nil
		}
		text := message(own, field, "Field must be equal to %(other_name)s.")
		return Invalid(interpolate(text, "other_label", first(other.Text(), name), "other_name", name))
	})
}

// Regexp refuses text that a pattern does not match. As in Python, the match
// begins with the text and need not reach its end unless the pattern says so,
// and a $ at the end lets a line break follow. Compile the pattern once:
//
//	var usernames = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.]*$`)
func Regexp(pattern *regexp.Regexp, own ...string) Validator {
	if pattern == nil {
		panic("form: Regexp was given no pattern; make one with regexp.MustCompile")
	}
	return ValidatorFunc(func(field Field) error {
		if matchesStart(pattern, textValue(field)) {
			return nil
		}
		return Invalid(message(own, field, "Invalid input."))
	})
}

// matchesStart is Python's pattern.match(text).
func matchesStart(pattern *regexp.Regexp, text string) bool {
	if found := pattern.FindStringIndex(text); found != nil && found[0] == 0 {
		return true
	}
	line, ok := strings.CutSuffix(text, "\n")
	if !ok || !endsWithDollar(pattern) {
		return false
	}
	found := pattern.FindStringIndex(line)
	return found != nil && found[0] == 0
}

// endsWithDollar tells whether the pattern has a $, which in Python matches
// before a line break at the end, too.
func endsWithDollar(pattern *regexp.Regexp) bool {
	tree, err := syntax.Parse(pattern.String(), syntax.Perl)
	return err == nil && hasDollar(tree)
}

func hasDollar(tree *syntax.Regexp) bool {
	return tree.Op == syntax.OpEndText && tree.Flags&syntax.WasDollar != 0 ||
		slices.ContainsFunc(tree.Sub, hasDollar)
}

// textValue is the data of a field as text, and "" for None.
func textValue(field Field) string {
	value := field.Value()
	if value == nil {
		return ""
	}
	return text(value)
}

// IPAddress refuses what is no IPv4 address. [IPRules] accepts IPv6, too.
func IPAddress(own ...string) Validator {
	rules := IPRules{V4: true}
	if len(own) > 0 {
		rules.Message = own[0]
	}
	return rules
}

// IPRules are the options of [IPAddress].
type IPRules struct {
	// V4 and V6 are the kinds of addresses that are accepted.
	V4, V6 bool
	// Message replaces "Invalid IP address."
	Message string
}

// Validate refuses a field whose text is no address.
func (r IPRules) Validate(field Field) error {
	if r.accept(textValue(field)) {
		return nil
	}
	return Invalid(first(r.Message, field.control().Gettext("Invalid IP address.")))
}

func (r IPRules) accept(text string) bool {
	address, err := netip.ParseAddr(text)
	if err != nil || strings.Count(text, "%") > 1 {
		return false
	}
	return r.V4 && address.Is4() || r.V6 && address.Is6()
}

// The patterns are those of WTForms.
var (
	macPattern = regexp.MustCompile(`^(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}\n?$`)
	uuidDigits = regexp.MustCompile(`^[0-9a-fA-F]{32}$`)
)

// MACAddress refuses what is not six pairs of hex digits with colons between
// them.
func MACAddress(own ...string) Validator {
	return ValidatorFunc(func(field Field) error {
		if macPattern.MatchString(textValue(field)) {
			return nil
		}
		return Invalid(message(own, field, "Invalid Mac address."))
	})
}

// UUID refuses what is no UUID, with or without hyphens, braces and "urn:uuid:".
func UUID(own ...string) Validator {
	return ValidatorFunc(func(field Field) error {
		digits := strings.NewReplacer("urn:", "", "uuid:", "").Replace(textValue(field))
		digits = strings.ReplaceAll(strings.Trim(digits, "{}"), "-", "")
		if uuidDigits.MatchString(digits) {
			return nil
		}
		return Invalid(message(own, field, "Invalid UUID."))
	})
}

// AnyOf refuses data that is none of the values; of several data, one is
// enough. In a message of your own, %(values)s are the values.
func AnyOf(values []any, own ...string) Validator {
	return ValidatorFunc(func(field Field) error {
		if isAmong(field.Value(), values) {
			return nil
		}
		text := message(own, field, "Invalid value, must be one of: %(values)s.")
		return Invalid(interpolate(text, "values", joined(values)))
	})
}

// NoneOf refuses data that is one of the values. In a message of your own,
// %(values)s are the values.
func NoneOf(values []any, own ...string) Validator {
	return ValidatorFunc(func(field Field) error {
		if !isAmong(field.Value(), values) {
			return nil
		}
		text := message(own, field, "Invalid value, can't be any of: %(values)s.")
		return Invalid(interpolate(text, "values", joined(values)))
	})
}

// Values are the values for [AnyOf] and [NoneOf].
func Values[T any](values ...T) []any {
	all := make([]any, len(values))
	for i, value := range values {
		all[i] = value
	}
	return all
}

func isAmong(value any, values []any) bool {
	data, isList := value.([]any)
	if !isList {
		data = []any{value}
	}
	return slices.ContainsFunc(data, func(each any) bool {
		return slices.ContainsFunc(values, func(value any) bool { return equal(each, value) })
	})
}

func joined(values []any) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = textOrNone(value)
	}
	return strings.Join(texts, ", ")
}

// ReadOnly refuses data that differs from the object's, or from the default. It
// sets the flag "readonly".
func ReadOnly() Validator {
	return flagged{func(field Field) error {
		if holder, ok := field.(interface{ isUnchanged() bool }); !ok || holder.isUnchanged() {
			return nil
		}
		return Invalid(field.control().Gettext("This field cannot be edited."))
	}, []attribute{{"readonly", true}}}
}

// Disabled refuses a field for which something was sent. It sets the flag
// "disabled".
func Disabled() Validator {
	return flagged{func(field Field) error {
		if len(field.control().raw) == 0 {
			return nil
		}
		return Invalid(field.control().Gettext("This field is disabled and cannot have a value."))
	}, []attribute{{"disabled", true}}}
}
