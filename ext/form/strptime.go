package form

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// dateFormat reads and writes dates in one of Python's formats, such as
// "%d.%m.%Y".
type dateFormat struct {
	format  string
	pattern *regexp.Regexp
	groups  []byte // the directive of each group of the pattern
}

// dateFormats holds a *dateFormat for each format that a form declares. A form
// is made anew for each request; its formats need not be.
var dateFormats sync.Map

func parseFormat(format string) (*dateFormat, error) {
	if known, ok := dateFormats.Load(format); ok {
		return known.(*dateFormat), nil
	}
	made, err := compileFormat(format)
	if err != nil {
		return nil, err
	}
	dateFormats.Store(format, made)
	return made, nil
}

// directives are the regular expressions of Python's strptime in the English
// locale. The map is never written.
var directives = map[byte]string{
	'd': `3[0-1]|[1-2]\d|0[1-9]|[1-9]| [1-9]`,
	'f': `[0-9]{1,6}`,
	'H': `2[0-3]|[0-1]\d|\d`,
	'I': `1[0-2]|0[1-9]|[1-9]`,
	'G': `\d\d\d\d`,
	'j': `36[0-6]|3[0-5]\d|[1-2]\d\d|0[1-9]\d|00[1-9]|[1-9]\d|0[1-9]|[1-9]`,
	'm': `1[0-2]|0[1-9]|[1-9]`,
	'M': `[0-5]\d|\d`,
	'S': `6[0-1]|[0-5]\d|\d`,
	'U': `5[0-3]|[0-4]\d|\d`,
	'W': `5[0-3]|[0-4]\d|\d`,
	'w': `[0-6]`,
	'u': `[1-7]`,
	'V': `5[0-3]|0[1-9]|[1-4]\d|\d`,
	'y': `\d\d`,
	'Y': `\d\d\d\d`,
	'z': `[+-]\d\d:?[0-5]\d|(?-i:Z)`,
	'A': `monday|tuesday|wednesday|thursday|friday|saturday|sunday`,
	'a': `mon|tue|wed|thu|fri|sat|sun`,
	'B': `january|february|march|april|may|june|july|august|september|october|november|december`,
	'b': `jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec`,
	'p': `am|pm`,
}

func compileFormat(format string) (*dateFormat, error) {
	f := &dateFormat{format: format}
	pattern := strings.Builder{}
	pattern.WriteString(`(?i)^`)
	for i := 0; i < len(format); i++ {
		switch char := format[i]; {
		case char == '%':
			directive, length := nextDirective(format[i:])
			i += length - 1
			if directive == '%' {
				pattern.WriteString("%")
				continue
			}
			expression, ok := directives[directive]
			if !ok {
				return nil, fmt.Errorf("the format %q has the directive %q, which is none of Python's; formats are written as \"%%Y-%%m-%%d\"", format, format[i-length+1:i+1])
			}
			f.groups = append(f.groups, directive)
			pattern.WriteString("(" + expression + ")")
		case strings.IndexByte(" \t\n\r\f\v", char) >= 0:
			pattern.WriteString(`\s+`)
		default:
			pattern.WriteString(regexp.QuoteMeta(string(char)))
		}
	}
	pattern.WriteString(`$`)
	compiled, err := regexp.Compile(strings.ReplaceAll(pattern.String(), `\s+\s+`, `\s+`))
	if err != nil {
		return nil, fmt.Errorf("the format %q cannot be used: %w", format, err)
	}
	f.pattern = compiled
	return f, nil
}

// nextDirective returns the letter of a directive, and its length with the
// hyphen that leaves out leading zeros ("%-d").
func nextDirective(text string) (letter byte, length int) {
	switch {
	case len(text) > 2 && text[1] == '-':
		return text[2], 3
	case len(text) > 1:
		return text[1], 2
	}
	return 0, 1
}

var errDate = errors.New("form: no such date")

// dateParts are the parts of a date that a string has.
type dateParts struct {
	year, month, day, yearDay       int
	hour, minute, second, nanos     int
	isoYear, isoWeek, week          int
	weekday                         int // Monday is 0
	hasWeekday, weekOfYear          bool
	sundayFirst, hasHalf, afternoon bool
	zone                            *time.Location
}

// parse reads a date as Python's datetime.strptime does. The time is in UTC
// unless the text has an offset.
func (f *dateFormat) parse(text string) (time.Time, error) {
	found := f.pattern.FindStringSubmatch(text)
	if found == nil {
		return time.Time{}, errDate
	}
	p := dateParts{year: 1900, month: 1, day: 1, zone: time.UTC}
	for i, directive := range f.groups {
		p.take(directive, found[i+1])
	}
	return p.time()
}

func (p *dateParts) take(directive byte, text string) {
	number, _ := strconv.Atoi(strings.TrimSpace(text))
	switch directive {
	case 'Y':
		p.year = number
	case 'y':
		p.year = 1900 + number
		if number <= 68 {
			p.year += 100
		}
	case 'm':
		p.month = number
	case 'b', 'B':
		p.month = 1 + nameIndex(monthNames, text)
	case 'd':
		p.day = number
	case 'j':
		p.yearDay = number
	case 'H':
		p.hour = number
	case 'I':
		p.hour, p.hasHalf = number, true
	case 'p':
		p.afternoon = strings.EqualFold(text, "pm")
	case 'M':
		p.minute = number
	case 'S':
		p.second = number
	case 'f':
		p.nanos, _ = strconv.Atoi((text + "000000000")[:9])
	case 'G':
		p.isoYear = number
	case 'V':
		p.isoWeek = number
	case 'U', 'W':
		p.week, p.weekOfYear, p.sundayFirst = number, true, directive == 'U'
	case 'a', 'A':
		p.weekday, p.hasWeekday = nameIndex(dayNames, text), true
	case 'w':
		p.weekday, p.hasWeekday = (number+6)%7, true
	case 'u':
		p.weekday, p.hasWeekday = number-1, true
	case 'z':
		p.zone = zoneOf(text)
	}
}

// The names are never written.
var (
	monthNames = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}
	dayNames   = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
)

func nameIndex(names []string, text string) int {
	for i, name := range names {
		if strings.HasPrefix(strings.ToLower(text), name) {
			return i
		}
	}
	return 0
}

// zoneOf reads "+02:00", "+0200" or "Z".
func zoneOf(text string) *time.Location {
	digits := strings.ReplaceAll(text, ":", "")
	if len(digits) < 5 {
		return time.UTC
	}
	hours, _ := strconv.Atoi(digits[1:3])
	minutes, _ := strconv.Atoi(digits[3:5])
	seconds := hours*3600 + minutes*60
	if digits[0] == '-' {
		seconds = -seconds
	}
	return time.FixedZone("", seconds)
}

// time puts the parts together, or reports that there is no such date.
func (p *dateParts) time() (time.Time, error) {
	if p.hasHalf {
		p.hour %= 12
		if p.afternoon {
			p.hour += 12
		}
	}
	if p.second > 59 {
		return time.Time{}, errDate
	}
	day, err := p.date()
	if err != nil || day.Year() < 1 || day.Year() > 9999 {
		return time.Time{}, errDate
	}
	year, month, dayOfMonth := day.Date()
	return time.Date(year, month, dayOfMonth, p.hour, p.minute, p.second, p.nanos, p.zone), nil
}

// date is the day, by whatever the text says of it.
func (p *dateParts) date() (time.Time, error) {
	switch {
	case p.isoYear > 0 && p.isoWeek > 0 && p.hasWeekday:
		return isoDate(p.isoYear, p.isoWeek, p.weekday)
	case p.isoYear > 0 || p.isoWeek > 0:
		return time.Time{}, errDate
	case p.yearDay > 0:
		return p.dayOfYear(p.yearDay)
	case p.weekOfYear && p.hasWeekday:
		return p.dayOfWeek()
	}
	day := time.Date(p.year, time.Month(p.month), p.day, 0, 0, 0, 0, time.UTC)
	if day.Day() != p.day {
		return time.Time{}, errDate
	}
	return day, nil
}

func (p *dateParts) dayOfYear(number int) (time.Time, error) {
	day := time.Date(p.year, 1, number, 0, 0, 0, 0, time.UTC)
	return day, nil
}

// dayOfWeek finds a day by the number of its week, where week 1 begins with
// the first Monday, or the first Sunday, of the year.
func (p *dateParts) dayOfWeek() (time.Time, error) {
	firstWeekday := (int(time.Date(p.year, 1, 1, 0, 0, 0, 0, time.UTC).Weekday()) + 6) % 7
	weekday := p.weekday
	if p.sundayFirst {
		firstWeekday, weekday = (firstWeekday+1)%7, (weekday+1)%7
	}
	lengthOfWeek0 := (7 - firstWeekday) % 7
	if p.week == 0 {
		return p.dayOfYear(1 + weekday - firstWeekday)
	}
	return p.dayOfYear(1 + lengthOfWeek0 + 7*(p.week-1) + weekday)
}

// isoDate is date.fromisocalendar.
func isoDate(year, week, weekday int) (time.Time, error) {
	fourth := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC) // is in week 1
	monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7)
	day := monday.AddDate(0, 0, 7*(week-1)+weekday)
	if gotYear, gotWeek := day.ISOWeek(); gotYear != year || gotWeek != week {
		return time.Time{}, errDate
	}
	return day, nil
}

// write formats a time as Python's strftime does.
func (f *dateFormat) write(t time.Time) string {
	var out []byte
	for i := 0; i < len(f.format); i++ {
		if f.format[i] != '%' {
			out = append(out, f.format[i])
			continue
		}
		directive, length := nextDirective(f.format[i:])
		text := written(t, directive)
		if length == 3 {
			if text = strings.TrimLeft(text, "0"); text == "" {
				text = "0"
			}
		}
		out = append(out, text...)
		i += length - 1
	}
	return string(out)
}

func written(t time.Time, directive byte) string {
	if layout, ok := layouts[directive]; ok {
		return t.Format(layout)
	}
	weekday := int(t.Weekday())
	switch directive {
	case 'f':
		return fmt.Sprintf("%06d", t.Nanosecond()/1000)
	case 'j':
		return fmt.Sprintf("%03d", t.YearDay())
	case 'w':
		return strconv.Itoa(weekday)
	case 'u':
		return strconv.Itoa((weekday+6)%7 + 1)
	case 'U':
		return fmt.Sprintf("%02d", (t.YearDay()+6-weekday)/7)
	case 'W':
		return fmt.Sprintf("%02d", (t.YearDay()+6-(weekday+6)%7)/7)
	case 'G':
		year, _ := t.ISOWeek()
		return strconv.Itoa(year)
	case 'V':
		_, week := t.ISOWeek()
		return fmt.Sprintf("%02d", week)
	case 'z':
		if t.Location() == time.UTC {
			return "" // a time without a zone, in Python's terms
		}
		return t.Format("-0700")
	}
	return "%"
}

// layouts are the directives that Go's time package knows, too. The map is
// never written.
var layouts = map[byte]string{
	'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'H': "15", 'I': "03", 'M': "04", 'S': "05",
	'p': "PM", 'A': "Monday", 'a': "Mon", 'B': "January", 'b': "Jan",
}
