package header

import (
	"math"
	"strconv"
	"strings"

	"github.com/decant-go/decant/internal/pytext"
)

// Span is one range of a Range header. Begin is the first position, or minus
// the length of a suffix. End is the position after the last one, or
// [OpenEnd]. Positions too large for an int64 are cut to its largest value.
type Span struct{ Begin, End int64 }

// OpenEnd is the End of a range that runs to the end.
const OpenEnd = -1

// Ranges is a Range header: a unit in lower case and at least one span.
type Ranges struct {
	Unit  string
	Spans []Span
}

// ParseRange reads a Range header. Spans must be in order and must not overlap,
// and a suffix or open span must be the last. It returns false for a malformed
// header. It mirrors parse_range_header.
func ParseRange(value string) (Ranges, bool) {
	unit, list, ok := strings.Cut(value, "=")
	if !ok {
		return Ranges{}, false
	}
	ranges := Ranges{Unit: strings.ToLower(pytext.Strip(unit))}
	lastEnd := int64(0)
	for item := range strings.SplitSeq(list, ",") {
		item = pytext.Strip(item)
		span, ok := parseSpan(item)
		isSuffix := strings.HasPrefix(item, "-")
		if !ok || lastEnd == OpenEnd || !isSuffix && span.Begin < lastEnd {
			return Ranges{}, false
		}
		lastEnd = span.End
		ranges.Spans = append(ranges.Spans, span)
	}
	return ranges, true
}

// Satisfy returns the part that the header asks for, of a body of that length in
// bytes. It returns false for other units than bytes, for several spans, and for a
// start outside the body. It mirrors Range.range_for_length.
func (r Ranges) Satisfy(length int64) (start, end int64, ok bool) {
	if r.Unit != "bytes" || len(r.Spans) != 1 {
		return 0, 0, false
	}
	start, end = r.Spans[0].Begin, r.Spans[0].End
	if end == OpenEnd {
		end = length
		if start < 0 {
			start += length
		}
	}
	if start < 0 || start >= end || start >= length {
		return 0, 0, false
	}
	return start, min(end, length), true
}

// parseSpan reads "5-9", "5-" or "-5".
func parseSpan(item string) (Span, bool) {
	dash := strings.IndexByte(item, '-')
	if dash < 0 {
		return Span{}, false
	}
	if dash == 0 {
		begin, ok := parsePosition(item[1:])
		return Span{-begin, OpenEnd}, ok
	}
	begin, ok := parsePosition(pytext.Strip(item[:dash]))
	last := pytext.Strip(item[dash+1:])
	if last == "" {
		return Span{begin, OpenEnd}, ok
	}
	if zeros, negative := strings.CutPrefix(last, "-"); negative && zeros != "" && strings.Trim(zeros, "0") == "" {
		last = zeros // Python's -0
	}
	end, lastOK := parsePosition(last)
	if end < math.MaxInt64 {
		end++
	}
	return Span{begin, end}, ok && lastOK && begin < end
}

// parsePosition accepts digits only; numbers beyond int64 are its maximum.
func parsePosition(text string) (int64, bool) {
	if text == "" || strings.Trim(text, digits) != "" {
		return 0, false
	}
	position, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return math.MaxInt64, true
	}
	return position, true
}

// contentRange writes "bytes 0-4/30".
func contentRange(start, end, length int64) string {
	value := append(make([]byte, 0, 32), "bytes "...)
	value = strconv.AppendInt(value, start, 10)
	value = append(value, '-')
	value = strconv.AppendInt(value, end-1, 10)
	value = append(value, '/')
	return string(strconv.AppendInt(value, length, 10))
}

// unsatisfiedRange writes "bytes */30".
func unsatisfiedRange(length int64) string {
	return "bytes */" + strconv.FormatInt(length, 10)
}
