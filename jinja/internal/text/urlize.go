package text

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// URLizeOptions are the arguments of Jinja's urlize filter.
type URLizeOptions struct {
	TrimLimit *int     // cut the text of links to so many characters and add "..."; nil cuts none
	NoFollow  bool     // add "nofollow" to the rel attribute
	Rel       string   // further words of the rel attribute; "noopener" is always there
	Target    string   // the target attribute; empty writes none
	Schemes   []string // further beginnings of links, such as "tel:" and "ftp://"
}

// Python's \w, \d and \S cover Unicode.
const (
	reWord  = `[\pL\pN_]`
	reLabel = `[\pL\pN_%-]`
	reRest  = `[^\s\v\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]`
)

var (
	webAddress = regexp.MustCompile(`(?i)^(?:` +
		`(?:https?://|www\.)(?:(?:` + reLabel + `+\.)+)?(?:[a-zıİ]{2,63}|xn--[\pL\pN_%]{2,59})` +
		`|(?:` + reLabel + `{2,63}\.)+(?:com|net|int|edu|gov|org|info|mil)` +
		`|https?://(?:\p{Nd}{1,3}(?:\.\p{Nd}{1,3}){3}|\[(?:[\p{Nd}a-f]{0,4}:){2}(?:[\p{Nd}a-f]{0,4}:?){1,6}\])` +
		`)(?::\p{Nd}{1,5})?(?:[/?#]` + reRest + `*)?$`)
	mailAddress = regexp.MustCompile(`^` + reRest + `+@` + reWord + `[\pL\pN_.-]*\.` + reWord + `+$`)
	linkScheme  = regexp.MustCompile(`^[\pL\pN_.+-]{2,}:/{0,2}$`)
)

// URLize is Jinja's urlize filter. It finds web addresses, e-mail addresses and
// the further schemes of the options in s and makes them links. s is HTML: the
// caller escapes plain text before. The result is HTML. A scheme that is no
// beginning of a URL is an error.
func URLize(s string, opts URLizeOptions) (string, error) {
	for _, scheme := range opts.Schemes {
		if !linkScheme.MatchString(scheme) {
			return "", fmt.Errorf("%q is not a valid URI scheme prefix", scheme)
		}
	}
	attributes := ` rel="` + Escape(relWords(opts)) + `"`
	if opts.Target != "" {
		attributes += ` target="` + Escape(opts.Target) + `"`
	}
	var b strings.Builder
	b.Grow(len(s))
	for s != "" {
		size := strings.IndexFunc(s, IsSpaceRune)
		if size < 0 {
			size = len(s)
		}
		head, middle, tail := trimPunctuation(s[:size])
		b.WriteString(head)
		writeLink(&b, middle, attributes, opts)
		b.WriteString(tail)
		rest := LStrip(s[size:])
		b.WriteString(s[size : len(s)-len(rest)])
		s = rest
	}
	return b.String(), nil
}

// relWords are the sorted words of the rel attribute.
func relWords(opts URLizeOptions) string {
	words := append(Fields(opts.Rel, -1), "noopener")
	if opts.NoFollow {
		words = append(words, "nofollow")
	}
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " ")
}

var (
	openings = []string{"(", "<", "&lt;"}
	closings = []string{")", ">", ".", ",", "&gt;"}
	brackets = [][2]string{{"(", ")"}, {"<", ">"}, {"&lt;", "&gt;"}}
)

// trimPunctuation cuts the punctuation around an address off. A closing bracket
// stays with the address when its opening bracket is part of it.
func trimPunctuation(word string) (head, middle, tail string) {
	start := 0
	for size := 1; size > 0; start += size {
		size = len(firstPrefix(word[start:], openings))
	}
	end := len(word)
	for size := 1; size > 0 && end > start; end -= size {
		size = len(firstSuffix(word[start:end], closings))
	}
	for _, pair := range brackets {
		opened := strings.Count(word[start:end], pair[0])
		if opened <= strings.Count(word[start:end], pair[1]) {
			continue
		}
		for range opened {
			i := strings.Index(word[end:], pair[1])
			if i < 0 {
				break
			}
			end += i + len(pair[1])
		}
	}
	return word[:start], word[start:end], word[end:]
}

func firstPrefix(s string, prefixes []string) string {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return p
		}
	}
	return ""
}

func firstSuffix(s string, suffixes []string) string {
	for _, p := range suffixes {
		if strings.HasSuffix(s, p) {
			return p
		}
	}
	return ""
}

// writeLink writes word as a link if it is an address, and as it is if not.
func writeLink(b *strings.Builder, word, attributes string, opts URLizeOptions) {
	switch {
	case webAddress.MatchString(word):
		href := word
		if !strings.HasPrefix(word, "https://") && !strings.HasPrefix(word, "http://") {
			href = "https://" + word
		}
		fmt.Fprintf(b, `<a href="%s"%s>%s</a>`, href, attributes, trimmed(word, opts.TrimLimit))
	case strings.HasPrefix(word, "mailto:") && mailAddress.MatchString(word[len("mailto:"):]):
		fmt.Fprintf(b, `<a href="%s">%s</a>`, word, word[len("mailto:"):])
	case isMailAddress(word):
		fmt.Fprintf(b, `<a href="mailto:%s">%s</a>`, word, word)
	case hasScheme(word, opts.Schemes):
		fmt.Fprintf(b, `<a href="%s"%s>%s</a>`, word, attributes, word)
	default:
		b.WriteString(word)
	}
}

// isMailAddress reports whether word is an e-mail address and not a mention
// ("@a@b"), a web address or a URL with a user.
func isMailAddress(word string) bool {
	return strings.Contains(word, "@") && !strings.HasPrefix(word, "@") &&
		!strings.HasPrefix(word, "www.") && !strings.Contains(word, ":") && mailAddress.MatchString(word)
}

func hasScheme(word string, schemes []string) bool {
	return slices.ContainsFunc(schemes, func(scheme string) bool {
		return word != scheme && strings.HasPrefix(word, scheme)
	})
}

func trimmed(s string, limit *int) string {
	if limit == nil || Len(s) <= *limit {
		return s
	}
	return Cut(s, 0, *limit) + "..."
}
