// Package strftime prints a time.Time as Python prints a datetime: strftime
// in the C locale, isoformat, and the form of str.
//
// Python knows naive date-times, which have no zone. The functions take a
// parameter zoned: false prints the time as a naive one.
package strftime

import (
	"strconv"
	"strings"
	"time"
)

// maxWidth bounds the width in a directive ("%40d"), since a template may set it.
const maxWidth = 255

// Format is Python's strftime on Linux. It knows all directives of C with their
// flags ("%-d", "%_m", "%^a") and widths, and Python's %f. A directive that C
// does not know stays as it is. With zoned false, %z and %Z are empty; they are
// also empty with a flag or a width: Python hands those to C, which knows no zone.
// %s is the time in seconds since 1970, where Python forgets the zone.
func Format(t time.Time, layout string, zoned bool) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(layout, "%")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		d, size := parseDirective(after)
		value, ok := "", false
		if size > 0 {
			value, ok = d.text(t, zoned)
		}
		if ok {
			b.WriteString(value)
		} else {
			b.WriteByte('%')
			b.WriteString(after[:size])
		}
		layout = after[size:]
	}
}

// directive is one conversion of a layout, such as %-5d.
type directive struct {
	flag     byte // '_', '-', '0' or '+': how to pad; 0 is the directive's own way
	upper    bool // "^"
	swap     bool // "#"
	width    int
	modifier byte // 'E' or 'O'
	verb     byte
}

// parseDirective reads what follows a percent sign. It returns a size of zero
// at the end of the layout.
func parseDirective(s string) (d directive, size int) {
	i := 0
	for ; i < len(s) && strings.IndexByte("_-0+^#", s[i]) >= 0; i++ {
		switch s[i] {
		case '^':
			d.upper = true
		case '#':
			d.swap = true
		default:
			d.flag = s[i]
		}
	}
	for ; i < len(s) && '0' <= s[i] && s[i] <= '9'; i++ {
		d.width = min(d.width*10+int(s[i]-'0'), maxWidth+1)
	}
	if i < len(s) && (s[i] == 'E' || s[i] == 'O') {
		d.modifier = s[i]
		i++
	}
	if i == len(s) {
		return d, 0
	}
	d.verb = s[i]
	return d, i + 1
}

// text is what the directive prints, or false if C does not know it.
func (d directive) text(t time.Time, zoned bool) (string, bool) {
	if d.width > maxWidth || !d.takesModifier() {
		return "", false
	}
	if number, digits, pad, ok := d.number(t); ok {
		return d.padNumber(number, digits, pad), true
	}
	if d.verb == 'z' && d != (directive{verb: 'z'}) {
		return "", true
	}
	s, ok := d.words(t, zoned)
	if !ok {
		return "", false
	}
	switch {
	case d.swap && d.verb == 'p':
		s = strings.ToLower(s)
	case d.verb != 'P' && (d.upper || d.swap && strings.IndexByte("aAbBh", d.verb) >= 0):
		s = strings.ToUpper(s)
	}
	return d.padWords(s), true
}

func (d directive) takesModifier() bool {
	switch d.modifier {
	case 'E':
		return strings.IndexByte("cCxXyY", d.verb) >= 0
	case 'O':
		return strings.IndexByte("deHkIlmMSuUVwWyBbh", d.verb) >= 0
	}
	return true
}

// number is the value of a directive that prints one, with its digits and what
// pads it.
func (d directive) number(t time.Time) (n int64, digits int, pad byte, ok bool) {
	isoYear, isoWeek := t.ISOWeek()
	n, digits, pad = 0, 2, '0'
	switch d.verb {
	case 'C':
		n, digits = int64(t.Year()/100), 1
	case 'd':
		n = int64(t.Day())
	case 'e':
		n, pad = int64(t.Day()), ' '
	case 'g':
		n = int64(isoYear % 100)
	case 'G':
		n, digits = int64(isoYear), 1
	case 'H':
		n = int64(t.Hour())
	case 'I':
		n = int64((t.Hour()+11)%12 + 1)
	case 'j':
		n, digits = int64(t.YearDay()), 3
	case 'k':
		n, pad = int64(t.Hour()), ' '
	case 'l':
		n, pad = int64((t.Hour()+11)%12+1), ' '
	case 'm':
		n = int64(t.Month())
	case 'M':
		n = int64(t.Minute())
	case 's':
		n, digits = t.Unix(), 1
	case 'S':
		n = int64(t.Second())
	case 'u':
		n, digits = int64((t.Weekday()+6)%7+1), 1
	case 'U':
		n = int64((t.YearDay() + 6 - int(t.Weekday())) / 7)
	case 'V':
		n = int64(isoWeek)
	case 'w':
		n, digits = int64(t.Weekday()), 1
	case 'W':
		n = int64((t.YearDay() + 6 - int(t.Weekday()+6)%7) / 7)
	case 'y':
		n = int64(t.Year() % 100)
	case 'Y':
		n, digits = int64(t.Year()), 1
	default:
		return 0, 0, 0, false
	}
	return n, digits, pad, true
}

// words is the value of a directive that prints words, or several numbers.
func (d directive) words(t time.Time, zoned bool) (string, bool) {
	switch d.verb {
	case '%':
		return "%", true
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case 'a':
		return t.Weekday().String()[:3], true
	case 'A':
		return t.Weekday().String(), true
	case 'b', 'h':
		return t.Month().String()[:3], true
	case 'B':
		return t.Month().String(), true
	case 'p':
		return t.Format("PM"), true
	case 'P':
		return t.Format("pm"), true
	case 'c':
		return Format(t, "%a %b %e %H:%M:%S %Y", zoned), true
	case 'D', 'x':
		return Format(t, "%m/%d/%y", zoned), true
	case 'F':
		return Format(t, "%Y-%m-%d", zoned), true
	case 'r':
		return Format(t, "%I:%M:%S %p", zoned), true
	case 'R':
		return Format(t, "%H:%M", zoned), true
	case 'T', 'X':
		return Format(t, "%H:%M:%S", zoned), true
	case 'f':
		return padLeft(strconv.Itoa(t.Nanosecond()/1000), 6, '0'), d == directive{verb: 'f'}
	case 'z':
		return offset(t, "", zoned), true
	case 'Z':
		return zoneName(t, zoned && d == directive{verb: 'Z'}), true
	}
	return "", false
}

func (d directive) padNumber(n int64, digits int, pad byte) string {
	switch d.flag {
	case '_':
		pad = ' '
	case '0', '+':
		pad = '0'
	case '-':
		pad, digits = ' ', 1
	}
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	width := max(digits, d.width) - len(sign)
	if pad == ' ' {
		return padLeft(sign+strconv.FormatInt(n, 10), width+len(sign), pad)
	}
	return sign + padLeft(strconv.FormatInt(n, 10), width, pad)
}

func (d directive) padWords(s string) string {
	if d.flag == '0' || d.flag == '+' {
		return padLeft(s, d.width, '0')
	}
	return padLeft(s, d.width, ' ')
}

func padLeft(s string, width int, pad byte) string {
	return strings.Repeat(string(pad), max(width-len(s), 0)) + s
}

// offset is the distance from UTC as ±hh, mm and, if there are any, ss.
func offset(t time.Time, separator string, zoned bool) string {
	if !zoned {
		return ""
	}
	_, seconds := t.Zone()
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	parts := []int{seconds / 3600, seconds / 60 % 60, seconds % 60}
	if parts[2] == 0 {
		parts = parts[:2]
	}
	texts := make([]string, len(parts))
	for i, part := range parts {
		texts[i] = padLeft(strconv.Itoa(part), 2, '0')
	}
	return sign + strings.Join(texts, separator)
}

// zoneName is the zone's name; a zone that has only an offset is called as
// Python calls it, "UTC+02:00".
func zoneName(t time.Time, zoned bool) string {
	if !zoned {
		return ""
	}
	name, seconds := t.Zone()
	switch {
	case name != "":
		return name
	case seconds == 0:
		return "UTC"
	}
	return "UTC" + offset(t, ":", zoned)
}
