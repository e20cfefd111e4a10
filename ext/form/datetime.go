package form

import (
	"fmt"
	"strings"
	"time"
)

// DateTime is a date and a time of day: DateTimeField. Its data is a time.Time
// in UTC, unless the format has an offset.
type DateTime struct {
	// Label is the text of the label; empty, it is made of the field's name.
	Label string
	// Validators check what was sent, in this order.
	Validators Validators
	// Default is the time of a field that neither the client nor the object
	// has one for: a time.Time, or nil for none.
	Default any
	// Formats are Python's formats in which a value may be sent; the first one
	// is for the element. Nil stands for those of the field's class:
	// "%Y-%m-%d %H:%M:%S" for a DateTime.
	Formats []string
	// Description is help for the visitor, which templates print.
	Description string
	// Attributes are attributes of the element on each rendering: render_kw.
	Attributes Attributes
	// ID is the id of the element; empty, it is the HTML name.
	ID string
	// Widget prints the element in another way than the field's class does.
	Widget Widget

	Bound[time.Time]
	readers []dateReader
	writer  *dateFormat
}

type (
	// Date is a day: DateField. Its data is midnight in UTC, and its format
	// "%Y-%m-%d".
	Date DateTime
	// DateTimeLocal is a date and a time of day that the browser asks for:
	// DateTimeLocalField. The letter T or a space is between them; seconds may
	// be left out.
	DateTimeLocal DateTime
	// Time is a time of day: TimeField. Its data is that time on January 1 of
	// the year 0, as time.Parse has it, and its format "%H:%M".
	Time DateTime
	// Month is a month: MonthField. Its data is its first day, and its format
	// "%Y-%m".
	Month DateTime
	// Week is a week: WeekField. Its data is its Monday, and its format
	// "%Y-W%W".
	Week DateTime
)

// timeClass is what differs between the fields of dates and times.
type timeClass struct {
	kind    *kind[time.Time]
	formats []string
}

// The classes are never written.
var (
	dateTimeClass = timeClass{
		timeKind("DateTimeField", "datetime", "Not a valid datetime value.", nil),
		[]string{"%Y-%m-%d %H:%M:%S"},
	}
	dateClass = timeClass{
		timeKind("DateField", "date", "Not a valid date value.", dayOf),
		[]string{"%Y-%m-%d"},
	}
	dateTimeLocalClass = timeClass{
		timeKind("DateTimeLocalField", "datetime-local", "Not a valid datetime value.", nil),
		[]string{"%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"},
	}
	timeOfDayClass = timeClass{
		timeKind("TimeField", "time", "Not a valid time value.", timeOfDay),
		[]string{"%H:%M"},
	}
	monthClass = timeClass{
		timeKind("MonthField", "month", "Not a valid date value.", dayOf),
		[]string{"%Y-%m"},
	}
	weekClass = timeClass{
		timeKind("WeekField", "week", "Not a valid week value.", dayOf),
		[]string{"%Y-W%W"},
	}
)

func dayOf(t time.Time) time.Time {
	year, month, day := t.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

func timeOfDay(t time.Time) time.Time {
	return time.Date(0, 1, 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// dateReader reads one format. The suffix completes what was sent: the weekday
// of a week.
type dateReader struct {
	*dateFormat
	suffix string
}

// timed is a field of a date or a time.
type timed interface{ dateTime() *DateTime }

func timeKind(typeName, inputType, message string, reduce func(time.Time) time.Time) *kind[time.Time] {
	if reduce == nil {
		reduce = func(t time.Time) time.Time { return t }
	}
	return &kind[time.Time]{
		typeName: typeName,
		widget:   InputWidget{Type: inputType},
		convert:  func(value any) (time.Time, error) { return timeOf(value, reduce) },
		read: func(f *Bound[time.Time], raw []string) (time.Time, error) {
			sent := strings.Join(raw, " ")
			for _, reader := range f.field.(timed).dateTime().readers {
				if parsed, err := reader.parse(sent + reader.suffix); err == nil {
					return reduce(parsed), nil
				}
			}
			return time.Time{}, &rejected{message}
		},
		text: showTime,
	}
}

// timeOf takes a time of the program.
func timeOf(value any, reduce func(time.Time) time.Time) (time.Time, error) {
	if t, ok := basic(value).(time.Time); ok {
		return reduce(t), nil
	}
	return time.Time{}, fmt.Errorf("a %T is no time.Time", value)
}

// showTime joins what was sent, or writes the data in the first format.
func showTime(f *Bound[time.Time]) string {
	switch {
	case len(f.raw) > 0:
		return strings.Join(f.raw, " ")
	case !f.hasData:
		return ""
	}
	return f.field.(timed).dateTime().writer.write(f.data)
}

func (f *DateTime) dateTime() *DateTime      { return f }
func (f *Date) dateTime() *DateTime          { return (*DateTime)(f) }
func (f *DateTimeLocal) dateTime() *DateTime { return (*DateTime)(f) }
func (f *Time) dateTime() *DateTime          { return (*DateTime)(f) }
func (f *Month) dateTime() *DateTime         { return (*DateTime)(f) }
func (f *Week) dateTime() *DateTime          { return (*DateTime)(f) }

func (f *DateTime) attachAs(at place, class timeClass) error {
	formats := f.Formats
	if len(formats) == 0 {
		formats = class.formats
	}
	f.readers = nil
	for i, format := range formats {
		parsed, err := parseFormat(format)
		if err == nil && i == 0 {
			f.writer = parsed
		}
		suffix := ""
		if err == nil && class.kind.typeName == "WeekField" && !strings.Contains(format, "%w") {
			suffix = "-1" // Monday
			parsed, err = parseFormat(format + "-%w")
		}
		if err != nil {
			return fmt.Errorf("form: the field %s: %w", at.name, err)
		}
		f.readers = append(f.readers, dateReader{parsed, suffix})
	}
	return f.set(at, class.kind, settings{
		label: f.Label, description: f.Description, id: f.ID,
		own: f.Widget, attributes: f.Attributes, validators: f.Validators,
	}, f.Default, nil)
}

func (f *DateTime) attach(at place) error { return f.attachAs(at, dateTimeClass) }
func (f *Date) attach(at place) error     { return (*DateTime)(f).attachAs(at, dateClass) }
func (f *DateTimeLocal) attach(at place) error {
	return (*DateTime)(f).attachAs(at, dateTimeLocalClass)
}
func (f *Time) attach(at place) error  { return (*DateTime)(f).attachAs(at, timeOfDayClass) }
func (f *Month) attach(at place) error { return (*DateTime)(f).attachAs(at, monthClass) }
func (f *Week) attach(at place) error  { return (*DateTime)(f).attachAs(at, weekClass) }
