package form

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/idna"
)

// ValidEmail refuses what is no e-mail address. It looks at the form of the
// address and asks no server. [EmailRules] has options.
func ValidEmail(own ...string) Validator {
	rules := EmailRules{}
	if len(own) > 0 {
		rules.Message = own[0]
	}
	return rules
}

// EmailRules are the options of [ValidEmail].
type EmailRules struct {
	// ASCIIOnly refuses other characters than ASCII's before the @:
	// allow_smtputf8=False.
	ASCIIOnly bool
	// EmptyLocal accepts "@example.com": allow_empty_local=True.
	EmptyLocal bool
	// Message replaces "Invalid email address."
	Message string
}

// Validate refuses a field whose text is no address.
func (r EmailRules) Validate(field Field) error {
	if r.accept(textValue(field)) {
		return nil
	}
	return Invalid(first(r.Message, field.control().Gettext("Invalid email address.")))
}

// Limits of RFC 5321.
const (
	maxAddress = 254
	maxLocal   = 64
	maxDomain  = 253
)

func (r EmailRules) accept(address string) bool {
	local, domain, ok := strings.Cut(address, "@")
	if !ok || strings.Contains(domain, "@") || len(address) > maxAddress || !utf8.ValidString(address) {
		return false
	}
	if !r.acceptLocal(local) {
		return false
	}
	ascii, ok := mailDomain(domain)
	return ok && len(local)+1+len(ascii) <= maxAddress
}

// acceptLocal checks what is before the @: atoms with dots between them.
func (r EmailRules) acceptLocal(local string) bool {
	if local == "" {
		return r.EmptyLocal
	}
	if utf8.RuneCountInString(local) > maxLocal {
		return false
	}
	for atom := range strings.SplitSeq(local, ".") {
		if atom == "" {
			return false
		}
		for _, char := range atom {
			if !r.acceptInAtom(char) {
				return false
			}
		}
	}
	first, _ := utf8.DecodeRuneInString(local)
	return !unicode.IsMark(first)
}

func (r EmailRules) acceptInAtom(char rune) bool {
	switch {
	case char >= utf8.RuneSelf:
		return !r.ASCIIOnly && unicode.In(char, unicode.L, unicode.N, unicode.P, unicode.S, unicode.M)
	case 'a' <= char && char <= 'z', 'A' <= char && char <= 'Z', '0' <= char && char <= '9':
		return true
	}
	return strings.ContainsRune("_!#$%&'*+-/=?^`{|}~", char)
}

// specialDomains are reserved names that no mail reaches. The list is never
// written.
var specialDomains = []string{"arpa", "invalid", "local", "localhost", "onion", "test"}

// mailDomain returns the ASCII form of the domain of an address.
func mailDomain(domain string) (ascii string, ok bool) {
	ascii, err := idna.ToASCII(strings.NewReplacer("。", ".", "．", ".", "｡", ".").Replace(domain))
	if err != nil || len(ascii) > maxDomain || !strings.Contains(ascii, ".") {
		return "", false
	}
	ascii = strings.ToLower(ascii)
	for label := range strings.SplitSeq(ascii, ".") {
		if !isHostLabel(label) {
			return "", false
		}
	}
	if last := ascii[len(ascii)-1]; last < 'a' || last > 'z' {
		return "", false
	}
	for _, special := range specialDomains {
		if ascii == special || strings.HasSuffix(ascii, "."+special) {
			return "", false
		}
	}
	return ascii, true
}

// isHostLabel tells whether a label of a host name has letters, digits and
// inner hyphens only, and hyphens in the third and fourth place only where it
// is an encoded one.
func isHostLabel(label string) bool {
	if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for _, char := range label {
		if !('a' <= char && char <= 'z' || '0' <= char && char <= '9' || char == '-') {
			return false
		}
	}
	return len(label) < 4 || label[2:4] != "--" || strings.HasPrefix(label, "xn--")
}

// ValidURL refuses what is not the absolute address of a page. [URLRules] has
// options.
func ValidURL(own ...string) Validator {
	rules := URLRules{}
	if len(own) > 0 {
		rules.Message = own[0]
	}
	return rules
}

// URLRules are the options of [ValidURL].
type URLRules struct {
	// AnyHost accepts hosts without a top-level domain, such as "localhost":
	// require_tld=False.
	AnyHost bool
	// NoIP refuses IP addresses as hosts: allow_ip=False.
	NoIP bool
	// Message replaces "Invalid URL."
	Message string
}

// Validate refuses a field whose text is no address.
func (r URLRules) Validate(field Field) error {
	if r.accept(textValue(field)) {
		return nil
	}
	return Invalid(first(r.Message, field.control().Gettext("Invalid URL.")))
}

// The patterns are those of WTForms; a $ of Python lets a line break follow.
var (
	urlPattern  = regexp.MustCompile(`(?i)^[a-z]+://([^/?:]+)(:[0-9]+)?(/.*?)?(\?.*)?\n?$`)
	hostPattern = regexp.MustCompile(`(?i)^(xn-|[a-z0-9_]+)(-[a-z0-9_-]+)*$`)
	tldPattern  = regexp.MustCompile(`(?i)^([a-z]{2,20}|xn--([a-z0-9]+-)*[a-z0-9]+)$`)
)

func (r URLRules) accept(text string) bool {
	found := urlPattern.FindStringSubmatch(text)
	return found != nil && r.acceptHost(strings.TrimSuffix(found[1], "\n"))
}

func (r URLRules) acceptHost(host string) bool {
	if !r.NoIP && (IPRules{V4: true, V6: true}).accept(host) {
		return true
	}
	if ascii, err := idna.ToASCII(host); err == nil {
		host = ascii
	}
	if len(host) > maxDomain {
		return false
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || !hostPattern.MatchString(label) {
			return false
		}
	}
	return r.AnyHost || len(labels) > 1 && tldPattern.MatchString(labels[len(labels)-1])
}
