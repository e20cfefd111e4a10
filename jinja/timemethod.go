package jinja

import (
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/decant-go/decant/jinja/internal/strftime"
	"github.com/decant-go/decant/jinja/internal/text"
)

// goMethodOf returns a method that Python has for what a Go value is: a time, a
// duration, or bytes.
func goMethodOf(x any, name string) methodFunc {
	switch x.(type) {
	case time.Time:
		return timeMethod(name)
	case time.Duration:
		return durationMethod(name)
	case []byte:
		return bytesMethod(name)
	}
	return nil
}

// timeAttribute returns a part of a time, a date or a duration, as Python names
// it.
func timeAttribute(x any, name string) (value, bool) {
	n := 0
	switch x := x.(type) {
	case time.Time:
		switch name {
		case "year":
			n = x.Year()
		case "month":
			n = int(x.Month())
		case "day":
			n = x.Day()
		case "hour":
			n = x.Hour()
		case "minute":
			n = x.Minute()
		case "second":
			n = x.Second()
		case "microsecond":
			n = x.Nanosecond() / 1000
		default:
			return missing, false
		}
	case time.Duration:
		const day = 24 * time.Hour
		days := x / day
		if x%day < 0 {
			days--
		}
		switch rest := x - days*day; name {
		case "days":
			n = int(days)
		case "seconds":
			n = int(rest / time.Second)
		case "microseconds":
			n = int(rest % time.Second / time.Microsecond)
		default:
			return missing, false
		}
	default:
		return missing, false
	}
	return intValue(int64(n)), true
}

// timeMethod returns one of methods of Python's datetime.
func timeMethod(name string) methodFunc {
	switch name {
	case "ctime":
		return timeText("ctime", func(t time.Time) string { return strftime.Format(t, "%a %b %e %H:%M:%S %Y", false) })
	case "date":
		return timeDate
	case "isoformat":
		return timeISOFormat
	case "isoweekday":
		return timeNumber("isoweekday", func(t time.Time) int { return mondayBased(t) + 1 })
	case "strftime":
		return timeStrftime
	case "timestamp":
		return timeTimestamp
	case "weekday":
		return timeNumber("weekday", mondayBased)
	}
	return nil
}

// mondayBased returns the day of the week, where Monday is 0.
func mondayBased(t time.Time) int { return (int(t.Weekday()) + 6) % 7 }

func timeText(name string, f func(time.Time) string) methodFunc {
	return func(r *run, self value, args arguments) (value, error) {
		return stringValue(f(self.ref.(time.Time))), args.none(name)
	}
}

func timeNumber(name string, f func(time.Time) int) methodFunc {
	return func(r *run, self value, args arguments) (value, error) {
		return intValue(int64(f(self.ref.(time.Time)))), args.none(name)
	}
}

func timeStrftime(r *run, self value, args arguments) (value, error) {
	var slots [1]value
	if err := args.bind(slots[:], "strftime", 1, "format"); err != nil {
		return missing, err
	}
	layout, err := textArg("strftime", slots[0])
	if err != nil {
		return missing, err
	}
	t := self.ref.(time.Time)
	s := strftime.Format(t, layout, isZoned(t))
	return stringValue(s), r.checkText(len(s))
}

func timeISOFormat(r *run, self value, args arguments) (value, error) {
	slots := [2]value{stringValue("T"), stringValue("auto")}
	if err := args.bind(slots[:], "isoformat", 0, "sep", "timespec"); err != nil {
		return missing, err
	}
	sep, err := textArg("isoformat", slots[0])
	if err != nil {
		return missing, err
	}
	if text.Len(sep) != 1 {
		return missing, typeError("isoformat() needs a separator of one character")
	}
	spec, err := textArg("isoformat", slots[1])
	if err != nil {
		return missing, err
	}
	t := self.ref.(time.Time)
	s, err := strftime.ISOFormat(t, sep, spec, isZoned(t))
	if err != nil {
		return missing, valueError("%s", err)
	}
	return stringValue(s), nil
}

// timeTimestamp returns the seconds since 1970.
func timeTimestamp(r *run, self value, args arguments) (value, error) {
	t := self.ref.(time.Time)
	return floatValue(float64(t.Unix()) + float64(t.Nanosecond()/1000)/1e6), args.none("timestamp")
}

func timeDate(r *run, self value, args arguments) (value, error) {
	year, month, day := self.ref.(time.Time).Date()
	return value{kind: kindObject, ref: calendarDate{year, month, day}}, args.none("date")
}

// calendarDate is Python's date.
type calendarDate struct {
	year  int
	month time.Month
	day   int
}

func (d calendarDate) typeName() string { return "date" }

func (d calendarDate) time() time.Time {
	return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC)
}

func (d calendarDate) str() string { return strftime.Date(d.time()) }

func (d calendarDate) repr() string {
	return "datetime.date(" + strings.TrimSuffix(strings.TrimPrefix(reprOf(tupleValue(
		intValue(int64(d.year)), intValue(int64(d.month)), intValue(int64(d.day)))), "("), ")") + ")"
}

func (d calendarDate) attr(r *run, name string) (value, error) {
	switch name {
	case "year", "month", "day":
		part, _ := timeAttribute(d.time(), name)
		return part, nil
	case "isoformat":
		return builtinValue(name, func(r *run, args arguments) (value, error) {
			return stringValue(d.str()), args.none(name)
		}), nil
	case "strftime", "weekday", "isoweekday", "ctime":
		return value{kind: kindFunc, ref: &boundValue{
			self: value{kind: kindGo, ref: d.time()}, name: name, fn: timeMethod(name),
		}}, nil
	}
	return missing, nil
}

// durationMethod returns one of methods of Python's timedelta.
func durationMethod(name string) methodFunc {
	switch name {
	case "total_seconds":
		return durationSeconds
	}
	return nil
}

func durationSeconds(r *run, self value, args arguments) (value, error) {
	return floatValue(self.ref.(time.Duration).Seconds()), args.none("total_seconds")
}

// bytesMethod returns one of methods of Python's bytes.
func bytesMethod(name string) methodFunc {
	switch name {
	case "decode":
		return bytesDecode
	case "hex":
		return bytesHex
	}
	return nil
}

// bytesDecode returns the string that bytes are in an encoding.
func bytesDecode(r *run, self value, args arguments) (value, error) {
	slots := [2]value{stringValue("utf-8"), stringValue("strict")}
	if err := args.bind(slots[:], "decode", 0, "encoding", "errors"); err != nil {
		return missing, err
	}
	encoding, err := textArg("decode", slots[0])
	if err != nil {
		return missing, err
	}
	handling, err := textArg("decode", slots[1])
	if err != nil {
		return missing, err
	}
	data := self.ref.([]byte)
	switch strings.ToLower(strings.ReplaceAll(encoding, "_", "-")) {
	case "utf-8", "utf8":
	case "latin-1", "latin1", "iso-8859-1":
		return stringValue(latin1(data)), nil
	case "ascii", "us-ascii":
		for _, c := range data {
			if c >= utf8.RuneSelf && handling == "strict" {
				return missing, valueError("the bytes are not ascii")
			}
		}
	default:
		return missing, valueError("decode() knows utf-8, latin-1 and ascii, not %s", reprOf(slots[0]))
	}
	switch {
	case utf8.Valid(data):
		return stringValue(string(data)), nil
	case handling == "ignore":
		return stringValue(strings.ToValidUTF8(string(data), "")), nil
	case handling == "replace":
		return stringValue(strings.ToValidUTF8(string(data), "\ufffd")), nil
	}
	return missing, valueError("the bytes are not utf-8")
}

func latin1(data []byte) string {
	var b strings.Builder
	for _, c := range data {
		b.WriteRune(rune(c))
	}
	return b.String()
}

func bytesHex(r *run, self value, args arguments) (value, error) {
	return stringValue(hex.EncodeToString(self.ref.([]byte))), args.none("hex")
}
