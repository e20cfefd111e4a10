package jinja

import (
	"math"
	"math/big"
	"reflect"
	"unsafe"
)

// kind is the sort of a value, as Python sees it.
type kind uint8

const (
	kindMissing   kind = iota // there is no value
	kindUndefined             // ref is an *undefined
	kindNone
	kindBool   // n is 0 or 1
	kindInt    // n is an int64
	kindFloat  // n holds the bits of a float64
	kindBig    // ref is a *big.Int that does not fit an int64
	kindString // ref is a *byte, n the length
	kindMarkup // likewise, and the string is safe HTML
	kindList   // ref is a *list
	kindTuple  // ref is a *tuple
	kindDict   // ref is a *Dict
	kindMap    // ref is a *goMap
	kindRange  // ref is a *rangeValue
	kindIter   // ref is an *iterator
	kindFunc   // ref is a callable
	kindObject // ref is an object of the engine
	kindGo     // ref is any other Go value
)

// value is what a template works with. Strings, numbers and booleans need no
// allocation: a string is a pointer to its bytes and its length. Values are
// immutable, but for the lists and dicts that they refer to.
type value struct {
	kind kind
	n    uint64
	ref  any
}

var (
	missing  = value{}
	none     = value{kind: kindNone}
	trueVal  = value{kind: kindBool, n: 1}
	falseVal = value{kind: kindBool}
)

func stringValue(s string) value {
	return value{kind: kindString, n: uint64(len(s)), ref: unsafe.StringData(s)}
}

func markupValue(s string) value {
	return value{kind: kindMarkup, n: uint64(len(s)), ref: unsafe.StringData(s)}
}

// textValue is a string that is safe or not.
func textValue(s string, safe bool) value {
	v := stringValue(s)
	if safe {
		v.kind = kindMarkup
	}
	return v
}

func boolValue(b bool) value {
	if b {
		return trueVal
	}
	return falseVal
}

func intValue(n int64) value     { return value{kind: kindInt, n: uint64(n)} }
func floatValue(f float64) value { return value{kind: kindFloat, n: math.Float64bits(f)} }

// bigValue is the value of a big integer, which may be small.
func bigValue(n *big.Int) value {
	if n.IsInt64() {
		return intValue(n.Int64())
	}
	return value{kind: kindBig, ref: n}
}

// text returns the string of a kindString or kindMarkup.
func (v value) text() string { return unsafe.String(v.ref.(*byte), int(v.n)) }

func (v value) int() int64     { return int64(v.n) }
func (v value) float() float64 { return math.Float64frombits(v.n) }
func (v value) bool() bool     { return v.n != 0 }

func (v value) isText() bool      { return v.kind == kindString || v.kind == kindMarkup }
func (v value) isUndefined() bool { return v.kind == kindUndefined || v.kind == kindMissing }

// undefined is a variable or an attribute that does not exist.
type undefined struct {
	mode  UndefinedMode
	hint  string // the whole message, if there is a special one
	name  value  // what was looked for
	owner value  // where it was looked for; missing for a variable
}

// message says what does not exist, in Jinja's words.
func (u *undefined) message() string {
	switch {
	case u.hint != "":
		return u.hint
	case u.owner.kind == kindMissing:
		return reprOf(u.name) + " is undefined"
	case !u.name.isText():
		return objectTypeName(u.owner) + " has no element " + reprOf(u.name)
	}
	return reprOf(stringValue(objectTypeName(u.owner))) + " has no attribute " + reprOf(u.name)
}

// err is the error of a use that the value does not allow.
func (u *undefined) err() error {
	return &Error{Class: UndefinedError, Message: u.message()}
}

// undefinedOf returns what a value of kindUndefined refers to.
func undefinedOf(v value) *undefined {
	if u, ok := v.ref.(*undefined); ok {
		return u
	}
	return &undefined{}
}

// typeName returns the name of a value's type in Python.
func typeName(v value) string {
	switch v.kind {
	case kindMissing, kindUndefined:
		switch undefinedOf(v).mode {
		case Strict:
			return "StrictUndefined"
		case Chainable:
			return "ChainableUndefined"
		case Debug:
			return "DebugUndefined"
		}
		return "Undefined"
	case kindNone:
		return "NoneType"
	case kindBool:
		return "bool"
	case kindInt, kindBig:
		return "int"
	case kindFloat:
		return "float"
	case kindString:
		return "str"
	case kindMarkup:
		return "Markup"
	case kindList:
		return "list"
	case kindTuple:
		return "tuple"
	case kindDict, kindMap:
		return "dict"
	case kindRange:
		return "range"
	case kindIter:
		return "generator"
	case kindFunc:
		return "function"
	case kindObject:
		return v.ref.(object).typeName()
	}
	return reflect.TypeOf(v.ref).String()
}

// objectTypeName names the type of a value in messages about attributes.
func objectTypeName(v value) string {
	switch v.kind {
	case kindNone:
		return "None"
	case kindMarkup:
		return "markupsafe.Markup object"
	}
	return typeName(v) + " object"
}

// isTrue reports whether Python holds a value for true.
func isTrue(v value) (bool, error) {
	switch v.kind {
	case kindBool, kindInt:
		return v.n != 0, nil
	case kindString, kindMarkup:
		return v.n != 0, nil
	case kindMissing, kindNone:
		return false, nil
	case kindUndefined:
		if u := undefinedOf(v); u.mode == Strict {
			return false, u.err()
		}
		return false, nil
	case kindFloat:
		return v.float() != 0, nil
	case kindBig, kindFunc, kindIter:
		return true, nil
	}
	if n, ok := lengthOf(v); ok {
		return n > 0, nil
	}
	return goTruth(v), nil
}

// object is a value of the engine's own, such as a loop or a macro.
type object interface {
	typeName() string
	// attr returns an attribute, or missing.
	attr(r *run, name string) (value, error)
}

// lengthOf returns the length of a value that has one.
func lengthOf(v value) (int, bool) {
	switch v.kind {
	case kindString, kindMarkup:
		return textLength(v.text()), true
	case kindList:
		return v.ref.(*list).len(), true
	case kindTuple:
		return len(v.ref.(*tuple).items), true
	case kindDict:
		return v.ref.(*Dict).Len(), true
	case kindMap:
		return v.ref.(*goMap).len(), true
	case kindRange:
		return v.ref.(*rangeValue).len(), true
	case kindObject:
		if o, ok := v.ref.(interface{ length() int }); ok {
			return o.length(), true
		}
	case kindGo:
		return goLength(v.ref)
	case kindUndefined, kindMissing:
		if undefinedOf(v).mode != Strict {
			return 0, true
		}
	}
	return 0, false
}
