package devserver

import (
	"net/http"
	"slices"
	"strings"
)

const policyHeader = "Content-Security-Policy"

// allowScript adds this server's script and events to the content security
// policies of a page, each of which must allow them.
func allowScript(h http.Header, origin string) {
	policies := h[policyHeader]
	for i, policy := range policies {
		policies[i] = allow(policy, origin+ownPath)
	}
}

// allow adds a source to a policy, where a page that obeys it may not load
// scripts from there or connect to it.
func allow(policy, source string) string {
	var list []string // several policies may stand in one header
	for one := range strings.SplitSeq(policy, ",") {
		directives := parsePolicy(one)
		directives = directives.allow(source, "script-src-elem", "script-src", "default-src")
		directives = directives.allow(source, "connect-src", "default-src")
		list = append(list, directives.String())
	}
	return strings.Join(list, ", ")
}

// policy is a list of directives; the first word of each is its name.
type policy [][]string

func parsePolicy(text string) (directives policy) {
	for directive := range strings.SplitSeq(text, ";") {
		if words := strings.Fields(directive); len(words) > 0 {
			words[0] = strings.ToLower(words[0])
			directives = append(directives, words)
		}
	}
	return directives
}

// allow adds a source to the first directive that is there, which is the one in
// effect. It is not the default's business to grow for one kind: such a kind gets
// a directive of its own.
func (p policy) allow(source string, names ...string) policy {
	for _, name := range names {
		at := slices.IndexFunc(p, func(words []string) bool { return words[0] == name })
		if at < 0 {
			continue
		}
		sources := slices.DeleteFunc(slices.Clone(p[at][1:]), func(word string) bool { return strings.EqualFold(word, "'none'") })
		sources = append(sources, source)
		if name == "default-src" {
			return append(p, append([]string{withoutElement(names[0])}, sources...))
		}
		p[at] = append([]string{name}, sources...)
		return p
	}
	return p
}

// withoutElement is the directive that older browsers know too.
func withoutElement(name string) string { return strings.TrimSuffix(name, "-elem") }

func (p policy) String() string {
	directives := make([]string, len(p))
	for i, words := range p {
		directives[i] = strings.Join(words, " ")
	}
	return strings.Join(directives, "; ")
}
