package form

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/decant-go/decant/internal/pytext"
)

// Integer is a whole number: IntegerField. It accepts what Python's int
// accepts, of the size of an int.
type Integer struct {
	// Label is the text of the label; empty, it is made of the field's name.
	Label string
	// Validators check what was sent, in this order.
	Validators Validators
	// Default is the number of a field that neither the client nor the object
	// has one for, or nil for none.
	Default any
	// Description is help for the visitor, which templates print.
	Description string
	// Attributes are attributes of the element on each rendering: render_kw.
	Attributes Attributes
	// ID is the id of the element; empty, it is the HTML name.
	ID string
	// Widget prints the element in another way than the field's class does.
	Widget Widget

	Bound[int]
}

// IntegerRange is a whole number that is chosen with a slider:
// IntegerRangeField. [NumberRange] sets its ends.
type IntegerRange Integer

// Float is a number: FloatField. It accepts what Python's float accepts: NaN
// and infinities, too, which [NumberRange] refuses.
type Float struct {
	// Label is the text of the label; empty, it is made of the field's name.
	Label string
	// Validators check what was sent, in this order.
	Validators Validators
	// Default is the number of a field that neither the client nor the object
	// has one for, or nil for none.
	Default any
	// Description is help for the visitor, which templates print.
	Description string
	// Attributes are attributes of the element on each rendering: render_kw.
	Attributes Attributes
	// ID is the id of the element; empty, it is the HTML name.
	ID string
	// Widget prints the element in another way than the field's class does.
	Widget Widget

	Bound[float64]
}

// Decimal is an exact decimal number, such as a price: DecimalField.
type Decimal struct {
	// Label is the text of the label; empty, it is made of the field's name.
	Label string
	// Validators check what was sent, in this order.
	Validators Validators
	// Default is the number of a field that neither the client nor the object
	// has one for, or nil for none: a Number, a string, an int or a float64.
	Default any
	// Places is how many decimal places the element shows of a number that was
	// not sent: 0 stands for 2, and a negative number for all that there are.
	Places int
	// Description is help for the visitor, which templates print.
	Description string
	// Attributes are attributes of the element on each rendering: render_kw.
	Attributes Attributes
	// ID is the id of the element; empty, it is the HTML name.
	ID string
	// Widget prints the element in another way than the field's class does.
	Widget Widget

	Bound[Number]
}

// DecimalRange is an exact decimal number that is chosen with a slider:
// DecimalRangeField. [NumberRange] sets its ends.
type DecimalRange Decimal

// The kinds are never written.
var (
	integerKind      = intKind("IntegerField", InputWidget{Type: "number"})
	integerRangeKind = intKind("IntegerRangeField", InputWidget{Type: "range"})
	floatKind        = &kind[float64]{
		typeName: "FloatField",
		widget:   InputWidget{Type: "text"},
		convert:  floatOf,
		read:     readFloat,
		echoes:   true,
		text: func(f *Bound[float64]) string {
			switch given := basic(f.given).(type) {
			case int64, uint64:
				return text(given) // "5", where a float is "5.0"
			}
			if !f.hasData {
				return ""
			}
			return text(f.data)
		},
	}
	decimalKind      = numberKind("DecimalField", InputWidget{Type: "number", Step: "any"})
	decimalRangeKind = numberKind("DecimalRangeField", InputWidget{Type: "range", Step: "any"})
)

const (
	noInteger = "Not a valid integer value."
	noFloat   = "Not a valid float value."
	noDecimal = "Not a valid decimal value."
)

func intKind(typeName string, widget Widget) *kind[int] {
	return &kind[int]{
		typeName: typeName,
		widget:   widget,
		convert:  intOf,
		read: func(_ *Bound[int], raw []string) (int, error) {
			if number, ok := pytext.ParseInt(raw[0]); ok {
				return number, nil
			}
			return 0, &rejected{noInteger}
		},
		echoes: true,
		text: func(f *Bound[int]) string {
			if !f.hasData {
				return ""
			}
			return strconv.Itoa(f.data)
		},
	}
}

// intOf is Python's int(value) for a value of the program.
func intOf(value any) (int, error) {
	switch value := basic(value).(type) {
	case int64:
		return int(value), nil
	case uint64:
		if value <= math.MaxInt {
			return int(value), nil
		}
	case float64:
		if math.Abs(value) < math.MaxInt {
			return int(value), nil
		}
	case bool:
		if value {
			return 1, nil
		}
		return 0, nil
	case string:
		if number, ok := pytext.ParseInt(value); ok {
			return number, nil
		}
	}
	return 0, &rejected{noInteger}
}

func floatOf(value any) (float64, error) {
	switch value := basic(value).(type) {
	case float64:
		return value, nil
	case int64:
		return float64(value), nil
	case uint64:
		return float64(value), nil
	}
	return 0, fmt.Errorf("a %T is no float64", value)
}

// readFloat is Python's float(text).
func readFloat(_ *Bound[float64], raw []string) (float64, error) {
	if number, ok := pytext.ParseFloat(raw[0]); ok {
		return number, nil
	}
	number, err := strconv.ParseFloat(strings.TrimSpace(raw[0]), 64)
	if math.IsInf(number, 0) || err == nil && math.IsNaN(number) {
		return number, nil // in words, or out of range, as in Python
	}
	return 0, &rejected{noFloat}
}

func numberKind(typeName string, widget Widget) *kind[Number] {
	return &kind[Number]{
		typeName: typeName,
		widget:   widget,
		convert:  numberOf,
		read: func(_ *Bound[Number], raw []string) (Number, error) {
			if number, ok := ParseNumber(raw[0]); ok {
				return number, nil
			}
			return "", &rejected{noDecimal}
		},
		echoes: true,
		text:   showNumber,
	}
}

func numberOf(value any) (Number, error) {
	switch value := basic(value).(type) {
	case Number:
		return value, nil
	case int64, uint64, float64, string:
		if number, ok := ParseNumber(text(value)); ok {
			return number, nil
		}
	}
	return "", fmt.Errorf("%v (%T) is no decimal number", value, value)
}

// placer is a field that knows how many places it shows.
type placer interface{ places() int }

func (f *Decimal) places() int      { return f.Places }
func (f *DecimalRange) places() int { return f.Places }

func showNumber(f *Bound[Number]) string {
	if !f.hasData {
		return ""
	}
	places := 0
	if placer, ok := f.field.(placer); ok {
		places = placer.places()
	}
	switch {
	case places < 0:
		return string(f.data)
	case places == 0:
		places = 2
	}
	return f.data.Round(places)
}

func (f *Integer) attachAs(at place, k *kind[int]) error {
	return f.set(at, k, settings{
		label: f.Label, description: f.Description, id: f.ID,
		own: f.Widget, attributes: f.Attributes, validators: f.Validators,
	}, f.Default, nil)
}

func (f *Integer) attach(at place) error      { return f.attachAs(at, integerKind) }
func (f *IntegerRange) attach(at place) error { return (*Integer)(f).attachAs(at, integerRangeKind) }

func (f *Float) attach(at place) error {
	return f.set(at, floatKind, settings{
		label: f.Label, description: f.Description, id: f.ID,
		own: f.Widget, attributes: f.Attributes, validators: f.Validators,
	}, f.Default, nil)
}

func (f *Decimal) attachAs(at place, k *kind[Number]) error {
	return f.set(at, k, settings{
		label: f.Label, description: f.Description, id: f.ID,
		own: f.Widget, attributes: f.Attributes, validators: f.Validators,
	}, f.Default, nil)
}

func (f *Decimal) attach(at place) error      { return f.attachAs(at, decimalKind) }
func (f *DecimalRange) attach(at place) error { return (*Decimal)(f).attachAs(at, decimalRangeKind) }
