// Package quadratic has readers that take quadratic time, each in another way. The
// test of all readers must find each of them.
package quadratic

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// Readers are the readers, by what they do wrong.
var Readers = map[string]func(text string){
	"searches to the end for each comma":  searches,
	"adds to a string":                    adds,
	"copies the rest into bytes":          copies,
	"compares the rest":                   compares,
	"cuts the first element off a slice":  shifts,
	"looks through a list for each name":  looksThrough,
	"folds the rest":                      folds,
	"counts in the rest":                  counts,
	"matches the rest":                    matches,
	"hashes the rest":                     hashes,
	"walks the rest":                      walks,
	"appends to a slice without room":     grows,
	"calls itself with the whole of text": recurses,
}

// searches did what the reader of entity tags once did: a tag without a quote at its
// end is searched for up to the end of the list.
func searches(text string) {
	for text != "" {
		if strings.Contains(text, `";`) {
			return
		}
		_, text, _ = strings.Cut(text, ",")
	}
}

func adds(text string) {
	joined := ""
	for part := range strings.SplitSeq(text, ",") {
		joined += part + ";"
	}
}

func copies(text string) {
	for i := range text {
		if bytes.HasPrefix([]byte(text[i:]), []byte("--")) {
			return
		}
	}
}

func compares(text string) {
	half := len(text) / 2
	for i := range half {
		if text[i:half] == text[half:half+half-i] && i > half {
			return
		}
	}
}

func shifts(text string) {
	for parts := strings.Split(text, ","); len(parts) > 0; {
		parts = slices.Delete(parts, 0, 1)
	}
}

func looksThrough(text string) {
	var names []string
	for i := range text {
		name := text[i:min(len(text), i+16)]
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
}

func folds(text string) {
	for i := range text {
		if strings.HasPrefix(strings.ToLower(text[i:]), "x") {
			return
		}
	}
}

func counts(text string) {
	for i := range text {
		if strings.Count(text[i:], "x") > 0 {
			return
		}
	}
}

var end = regexp.MustCompile(`x$`)

func matches(text string) {
	for i := range text {
		if end.MatchString(text[i:]) {
			return
		}
	}
}

func hashes(text string) {
	seen := map[string]bool{}
	for i := range text {
		if seen[text[i:]] {
			return
		}
	}
}

func walks(text string) {
	for i := range text {
		for _, c := range text[i:] {
			if c == 'x' {
				return
			}
		}
	}
}

func grows(text string) {
	var all []byte
	for i := range text {
		all = append(slices.Clip(all), text[i])
	}
}

func recurses(text string) {
	if first, rest, found := strings.Cut(text, ","); found {
		_ = strings.ReplaceAll(rest, "x", first)
		recurses(rest)
	}
}
