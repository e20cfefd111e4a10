package httpdate

import (
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/pytext"
)

// parts are the five words of a date, in a fixed order.
type parts struct {
	day, month, year, clock, zone string
}

// Parse reads a date by the rules of Python's e-mail package: the forms of RFC
// 1123, RFC 850 and asctime, and many similar ones. Two-digit years below 69 are
// 20xx. The weekday is not checked. Seconds may be missing. The zone of the result
// is that of a numeric offset or a zone name such as EST, else UTC. Parse returns
// false for a string that is not a date. It mirrors Werkzeug's parse_date.
func Parse(text string) (date time.Time, ok bool) {
	if date, ok := parseFormatted(text); ok {
		return date, true
	}
	return parseWords(text)
}

// parseFormatted reads dates in the form of [Format], quickly. Nearly all clients
// send that form.
func parseFormatted(text string) (date time.Time, ok bool) {
	if len(text) != len(layout) || text[3:5] != ", " || text[7] != ' ' || text[11] != ' ' || text[16] != ' ' ||
		text[19] != ':' || text[22] != ':' || text[25:] != " GMT" || strings.Index(formattedWeekdays, text[:3])%3 != 0 {
		return date, false
	}
	month := strings.Index(formattedMonths, text[8:11])
	day, hour, minute, second := number(text[5:7]), number(text[17:19]), number(text[20:22]), number(text[23:25])
	year := number(text[12:16])
	if month%3 != 0 || year < 100 || min(day, hour, minute, second) < 0 || hour > 23 || minute > 59 || second > 59 {
		return date, false // or a date that takes longer to read: 0094 is 1994
	}
	date = time.Date(year, time.Month(month/3+1), day, hour, minute, second, 0, time.UTC)
	return date, date.Day() == day
}

const (
	formattedWeekdays = "MonTueWedThuFriSatSun"
	formattedMonths   = "JanFebMarAprMayJunJulAugSepOctNovDec"
)

// number reads digits, and returns -1 for other text.
func number(text string) int {
	n := 0
	for _, b := range []byte(text) {
		if b < '0' || b > '9' {
			return -1
		}
		n = 10*n + int(b-'0')
	}
	return n
}

func parseWords(text string) (date time.Time, ok bool) {
	p, ok := split(text)
	if !ok || !p.arrange() {
		return date, false
	}
	month, ok := monthNumber(p.month)
	if !ok {
		return date, false
	}
	hour, minute, second, ok := readClock(strings.TrimSuffix(p.clock, ","))
	if !ok {
		return date, false
	}
	year, yearOK := readYear(p.year)
	day, dayOK := pytext.ParseInt(p.day)
	zone, zoneOK := readZone(strings.ToUpper(p.zone))
	if !yearOK || !dayOK || !zoneOK {
		return date, false
	}
	date = time.Date(year, month, day, hour, minute, second, 0, zone)
	if date.Day() != day || year < 1 || year > 9999 {
		return time.Time{}, false
	}
	return date, true
}

// split finds the words. It drops the weekday, makes three words of RFC 850's
// 15-Nov-94, and cuts off a zone that follows the time without a blank.
func split(text string) (parts, bool) {
	words := dropWeekday(strings.FieldsFunc(text, isSpace))
	if len(words) == 3 {
		if date := strings.Split(words[0], "-"); len(date) == 3 {
			words = append(date, words[1:]...)
		}
	}
	if len(words) == 4 {
		clock, zone := cutZone(words[3])
		words = append(words[:3:3], clock, zone)
	}
	if len(words) < 5 {
		return parts{}, false
	}
	return parts{words[0], words[1], words[2], words[3], words[4]}, true
}

func isSpace(char rune) bool {
	return unicode.IsSpace(char) || 0x1C <= char && char <= 0x1F
}

func dropWeekday(words []string) []string {
	if len(words) == 0 {
		return nil
	}
	first := words[0]
	if strings.HasSuffix(first, ",") || slices.Contains(weekdays, strings.ToLower(first)) {
		return words[1:]
	}
	if comma := strings.LastIndexByte(first, ','); comma >= 0 {
		words[0] = first[comma+1:]
	}
	return words
}

// cutZone splits 08:12:31+0530 before the first plus or, without one, minus.
func cutZone(word string) (clock, zone string) {
	at := strings.IndexByte(word, '+')
	if at < 0 {
		at = strings.IndexByte(word, '-')
	}
	if at <= 0 {
		return word, ""
	}
	return word[:at], word[at:]
}

// arrange swaps words that have another order: "Nov 15", the time before the year,
// or the zone before the year.
func (p *parts) arrange() bool {
	if p.day == "" || p.month == "" || p.year == "" {
		return false
	}
	if _, ok := monthNumber(p.month); !ok {
		p.day, p.month = p.month, p.day
	}
	p.day = strings.TrimSuffix(p.day, ",")
	if strings.IndexByte(p.year, ':') > 0 {
		p.year, p.clock = p.clock, p.year
	}
	p.year = strings.TrimSuffix(p.year, ",")
	if p.year != "" && !beginsWithDigit(p.year) {
		p.year, p.zone = p.zone, p.year
	}
	return true
}

// beginsWithDigit counts superscripts as digits, as Python does.
func beginsWithDigit(word string) bool {
	first, _ := utf8.DecodeRuneInString(word)
	return unicode.IsDigit(first) || first == '²' || first == '³' || first == '¹'
}

var (
	weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	months   = []string{
		"january", "february", "march", "april", "may", "june",
		"july", "august", "september", "october", "november", "december",
	}
)

// monthNumber knows the full English names and their first three letters.
func monthNumber(word string) (time.Month, bool) {
	word = strings.ToLower(word)
	for i, name := range months {
		if word == name || word == name[:3] {
			return time.Month(i + 1), true
		}
	}
	return 0, false
}

// readYear reads a year. Two digits mean a year from 1969 to 2068.
func readYear(text string) (int, bool) {
	year, ok := pytext.ParseInt(text)
	switch {
	case year >= 100:
		return year, ok
	case year > 68:
		return year + 1900, ok
	}
	return year + 2000, ok
}

// readClock reads 08:12:31, 08:12 and, as some mail programs write it, 08.12.31.
func readClock(text string) (hour, minute, second int, ok bool) {
	fields := strings.Split(text, ":")
	if len(fields) == 1 {
		fields = strings.Split(text, ".")
	}
	if len(fields) == 2 {
		fields = append(fields, "0")
	}
	if len(fields) != 3 {
		return 0, 0, 0, false
	}
	hour, hourOK := pytext.ParseInt(fields[0])
	minute, minuteOK := pytext.ParseInt(fields[1])
	second, secondOK := pytext.ParseInt(fields[2])
	ok = hourOK && minuteOK && secondOK && within(hour, 24) && within(minute, 60) && within(second, 60)
	return hour, minute, second, ok
}

func within(number, limit int) bool {
	return 0 <= number && number < limit
}

// readZone reads an American zone name or an offset such as -0500. A word
// that is neither means UTC; an offset of a day or more is an error.
func readZone(text string) (*time.Location, bool) {
	offset, ok := zoneOffset(text)
	if !ok {
		return nil, false
	}
	seconds := (offset/100)*3600 + (offset%100)*60
	switch {
	case seconds == 0:
		return time.UTC, true
	case seconds <= -24*3600 || seconds >= 24*3600:
		return nil, false
	}
	return time.FixedZone("", seconds), true
}

// zoneOffset returns hours and minutes as one number, such as -500 for -0500.
func zoneOffset(text string) (int, bool) {
	switch text {
	case "UT", "UTC", "GMT", "Z":
		return 0, true
	case "AST", "EDT":
		return -400, true
	case "ADT":
		return -300, true
	case "EST", "CDT":
		return -500, true
	case "CST", "MDT":
		return -600, true
	case "MST", "PDT":
		return -700, true
	case "PST":
		return -800, true
	}
	number, ok := pytext.ParseBigInt(text, 10)
	if !ok {
		return 0, true
	}
	return int(number.Int64()), number.CmpAbs(big.NewInt(2400)) < 0
}
