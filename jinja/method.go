package jinja

import (
	"github.com/decant-go/decant/internal/markup"
)

// methodFunc is a method of one of Python's types.
type methodFunc func(r *run, self value, args arguments) (value, error)

// boundValue is a method of a value, ready to be called.
type boundValue struct {
	self value
	name string
	fn   methodFunc
}

func (b *boundValue) callName() string { return b.name }

func (b *boundValue) call(r *run, args arguments) (value, error) { return b.fn(r, b.self, args) }

// method returns an attribute that the type of a value has in Python. Most are
// methods.
func method(r *run, v value, name string) (value, bool) {
	if fn := methodOf(v, name); fn != nil {
		return value{kind: kindFunc, ref: &boundValue{self: v, name: name, fn: fn}}, true
	}
	return dataAttribute(v, name)
}

// methodOf returns a method of the type of a value, or nil. It saves a caller
// who calls the method at once the value of the bound method.
func methodOf(v value, name string) methodFunc {
	switch v.kind {
	case kindString:
		return stringMethod(name)
	case kindMarkup:
		if fn := markupMethod(name); fn != nil {
			return fn
		}
		return stringMethod(name)
	case kindList:
		return listMethod(name)
	case kindTuple, kindRange:
		return sequenceMethod(name)
	case kindDict, kindMap:
		return dictMethod(name)
	case kindInt, kindBool, kindBig:
		return integerMethod(name)
	case kindFloat:
		return floatMethod(name)
	case kindGo:
		return goMethodOf(v.ref, name)
	}
	return nil
}

// dataAttribute returns an attribute that is not a method.
func dataAttribute(v value, name string) (value, bool) {
	switch v.kind {
	case kindTuple:
		t := v.ref.(*tuple)
		for i, field := range t.names {
			if field == name {
				return t.items[i], true
			}
		}
	case kindRange:
		r := v.ref.(*rangeValue)
		switch name {
		case "start":
			return intValue(r.start), true
		case "stop":
			return intValue(r.stop), true
		case "step":
			return intValue(r.step), true
		}
	case kindInt, kindBool, kindBig:
		switch name {
		case "real", "numerator":
			return bigValue(bigOf(v)), true
		case "imag":
			return intValue(0), true
		case "denominator":
			return intValue(1), true
		}
	case kindFloat:
		switch name {
		case "real":
			return v, true
		case "imag":
			return floatValue(0), true
		}
	case kindGo:
		return timeAttribute(v.ref, name)
	}
	return missing, false
}

// transform returns a method without arguments that changes a string. Its
// result is safe if the string is.
func transform(name string, f func(string) string) methodFunc {
	return func(r *run, self value, args arguments) (value, error) {
		if err := args.none(name); err != nil {
			return missing, err
		}
		return textValue(f(self.text()), self.kind == kindMarkup), nil
	}
}

// predicate returns a method without arguments that tells something of a
// string.
func predicate(name string, f func(string) bool) methodFunc {
	return func(r *run, self value, args arguments) (value, error) {
		if err := args.none(name); err != nil {
			return missing, err
		}
		return boolValue(f(self.text())), nil
	}
}

// textsValue is a list of strings that are safe or not.
func textsValue(texts []string, safe bool) value {
	items := make([]value, len(texts))
	for i, s := range texts {
		items[i] = textValue(s, safe)
	}
	return listValue(items)
}

// markupMethod returns one of those that only safe strings have.
func markupMethod(name string) methodFunc {
	switch name {
	case "escape":
		return markupEscape
	case "striptags":
		return markupStriptags
	case "unescape":
		return markupUnescape
	case "__html__":
		return markupHTML
	}
	return nil
}

func markupEscape(r *run, self value, args arguments) (value, error) {
	var slots [1]value
	if err := args.bindPositional(slots[:], "escape", 1); err != nil {
		return missing, err
	}
	return escaped(slots[0])
}

func markupStriptags(r *run, self value, args arguments) (value, error) {
	return stringValue(markup.Strip(self.text())), args.none("striptags")
}

func markupUnescape(r *run, self value, args arguments) (value, error) {
	return stringValue(markup.Unescape(self.text())), args.none("unescape")
}

func markupHTML(r *run, self value, args arguments) (value, error) {
	return self, args.none("__html__")
}
