package header

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/decant-go/decant/internal/pytext"
)

// Accept is a parsed Accept, Accept-Language, Accept-Charset or Accept-Encoding
// header, sorted by how specific its items are and then by quality. The zero
// value, like an absent header, accepts nothing: Werkzeug leaves the choice of a
// default to the application.
type Accept struct {
	items   []acceptItem
	matches func(offer, item string) bool
	partial bool // a primary language matches its variants
}

type acceptItem struct {
	value       string
	quality     float64
	specificity []bool
}

// ParseMIMEAccept reads an Accept header. "text/*" and "*/*" match as ranges,
// parameters must be equal in any order. It mirrors MIMEAccept.
func ParseMIMEAccept(value string) Accept {
	return parseAccept(value, matchesMIME, specificityOfMIME)
}

// ParseLanguageAccept reads an Accept-Language header. "-" and "_" are the same,
// and if no offer matches exactly, a primary language matches its variants. It
// mirrors LanguageAccept.
func ParseLanguageAccept(value string) Accept {
	accept := parseAccept(value, matchesLanguage, specificityOfName)
	accept.partial = true
	return accept
}

// ParseCharsetAccept reads an Accept-Charset header. The usual aliases of the
// common charsets are the same. It mirrors CharsetAccept.
func ParseCharsetAccept(value string) Accept {
	return parseAccept(value, matchesCharset, specificityOfName)
}

// ParseEncodingAccept reads an Accept-Encoding header. It mirrors Accept.
func ParseEncodingAccept(value string) Accept {
	return parseAccept(value, matchesName, specificityOfName)
}

// BestMatch returns the offer that the client prefers, the first of equals. It
// returns false if the client accepts none of them. It mirrors best_match.
//
// An offer that is not a MIME type is a mistake in the program if the header lists
// MIME types. BestMatch and Quality then panic as soon as a client sends the
// header, where Werkzeug raises ValueError.
func (a Accept) BestMatch(offers ...string) (string, bool) {
	if len(a.items) == 0 {
		return "", false
	}
	if best := a.best(offers); best >= 0 {
		return offers[best], true
	}
	if a.partial {
		return a.bestPrimary(offers)
	}
	return "", false
}

// Quality returns the quality from 0 to 1 that the client gives the offer; 0
// means that it is not acceptable. It mirrors Accept.quality.
func (a Accept) Quality(offer string) float64 {
	if i := a.find(offer); i >= 0 {
		return a.items[i].quality
	}
	return 0
}

// All yields the items and their qualities, the most specific first.
func (a Accept) All() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		for _, item := range a.items {
			if !yield(item.value, item.quality) {
				return
			}
		}
	}
}

// String returns the header with its items in sorted order.
func (a Accept) String() string {
	var header strings.Builder
	for i, item := range a.items {
		if i > 0 {
			header.WriteByte(',')
		}
		header.WriteString(item.value)
		if item.quality != 1 {
			header.WriteString(";q=")
			header.WriteString(formatQuality(item.quality))
		}
	}
	return header.String()
}

func parseAccept(value string, matches func(offer, item string) bool, specificity func(string) []bool) Accept {
	accept := Accept{matches: matches}
	for _, element := range ParseList(value) {
		name, quality, ok := parseQuality(element)
		if ok {
			accept.items = append(accept.items, acceptItem{name, quality, specificity(name)})
		}
	}
	accept.sort()
	return accept
}

// parseQuality splits "name; level=1; q=0.5" into "name; level=1" and 0.5. An
// element does not count if its quality is not a number from 0 to 1.
func parseQuality(element string) (name string, quality float64, ok bool) {
	name, parameters := ParseOptions(element)
	quality = 1
	if text, given := parameters.Lookup("q"); given {
		if quality, ok = readQuality(pytext.Strip(text)); !ok {
			return "", 0, false
		}
		parameters.Delete("q")
	}
	return FormatOptions(name, parameters), quality, true
}

// readQuality reads a number from 0 to 1 of the form -?\d+(\.\d+)?.
func readQuality(text string) (float64, bool) {
	whole, fraction, hasFraction := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	if !isDigits(whole) || hasFraction && !isDigits(fraction) {
		return 0, false
	}
	quality, err := strconv.ParseFloat(text, 64)
	return quality, err == nil && quality >= 0 && quality <= 1
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, digits) == ""
}

// formatQuality writes a float as Python does.
func formatQuality(quality float64) string {
	text := strconv.FormatFloat(quality, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}

func (a Accept) sort() {
	slices.SortStableFunc(a.items, func(x, y acceptItem) int {
		if order := compareSpecificity(y.specificity, x.specificity); order != 0 {
			return order
		}
		switch {
		case x.quality > y.quality:
			return -1
		case x.quality < y.quality:
			return 1
		}
		return 0
	})
}

// compareSpecificity compares like Python's tuples: element by element, then by
// length.
func compareSpecificity(x, y []bool) int {
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			if x[i] {
				return 1
			}
			return -1
		}
	}
	return len(x) - len(y)
}

// find returns the index of the most specific item that matches, or -1.
func (a Accept) find(offer string) int {
	for i := range a.items {
		if a.matches(offer, a.items[i].value) {
			return i
		}
	}
	return -1
}

// best returns the index of the best offer, or -1.
func (a Accept) best(offers []string) int {
	best, bestItem := -1, acceptItem{quality: -1}
	for i, offer := range offers {
		found := a.find(offer)
		if found < 0 {
			continue
		}
		item := a.items[found]
		if item.quality <= 0 || item.quality < bestItem.quality {
			continue
		}
		if item.quality > bestItem.quality || compareSpecificity(item.specificity, bestItem.specificity) > 0 {
			best, bestItem = i, item
		}
	}
	return best
}
