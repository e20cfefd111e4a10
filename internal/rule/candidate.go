package rule

import (
	"slices"
	"strings"

	"github.com/julienschmidt/httprouter"
)

// candidate is an entry at a leaf of a tree.
type candidate struct {
	*entry
	// free candidates match whatever parameters there are.
	free bool
	// direct says that every parameter holds the value of one variable, whole
	// that it holds nothing else, so that the values are segments of the path.
	direct, whole bool
	// settled says that the parameters of a match are all there is to say.
	settled bool
	// wild are the segments that the parameters must hold.
	wild []segment
	// rest are the segments that a catch-all, the last parameter, must hold.
	rest []segment
}

func newCandidate(e *entry, at node) candidate {
	c := candidate{entry: e}
	wild := at.wild
	if at.open {
		last := len(wild) - 1
		c.rest = e.segments[wild[last]:]
		wild = wild[:last]
	}
	for _, position := range wild {
		c.wild = append(c.wild, e.segments[position])
	}
	c.direct = c.isDirect()
	c.whole = c.direct && c.isWhole()
	c.free = c.whole && c.isFree()
	c.settled = c.whole && e.rule.plain && !e.redirects()
	return c
}

func (c *candidate) isDirect() bool {
	single := func(s segment) bool { return len(s.variables) == 1 }
	parameters := len(c.wild) + min(1, len(c.rest))
	return len(c.rest) <= 1 && parameters == len(c.rule.variables) &&
		!slices.ContainsFunc(c.wild, func(s segment) bool { return !single(s) }) &&
		!slices.ContainsFunc(c.rest, func(s segment) bool { return !single(s) || !s.final })
}

func (c *candidate) isWhole() bool {
	enclosed := func(s segment) bool { return s.before != "" || s.after != "" || s.suffixed }
	return !slices.ContainsFunc(c.wild, enclosed) && !slices.ContainsFunc(c.rest, enclosed)
}

// isFree reports whether the only parameter, if there is one, ends the path and
// is any text. No wildcard takes an empty text at the end of a path.
func (c *candidate) isFree() bool {
	if c.rest != nil {
		return false
	}
	switch len(c.wild) {
	case 0:
		return true
	case 1:
		last := c.segments[len(c.segments)-1]
		return last.part == c.wild[0].part && last.anyText
	}
	return false
}

// matches reports whether the parameters of the leaf suit the entry.
func (c *candidate) matches(params httprouter.Params) bool {
	for i := range c.wild {
		s, text := &c.wild[i], params[i].Value
		if s.anyText && text != "" {
			continue
		}
		if !s.accepts(text) {
			return false
		}
	}
	return c.rest == nil || matchesRest(c.rest, params[len(c.wild)].Value[1:])
}

// matchesRest compares the segments with the text that a catch-all took.
func matchesRest(segments []segment, text string) bool {
	for i, s := range segments {
		if s.final {
			return s.accepts(text)
		}
		head, tail, more := strings.Cut(text, "/")
		if last := i == len(segments)-1; more == last || !s.accepts(head) {
			return false
		}
		text = tail
	}
	return true
}

// captures returns the values of the variables of a rule that is not whole, those
// of the host first. The parameters belong to this request alone, so they may
// become the values.
func (c *candidate) captures(host string, params httprouter.Params) httprouter.Params {
	if !c.direct {
		return c.collect(host, params)
	}
	for i, s := range c.wild {
		params[i].Value = s.only(params[i].Value)
	}
	if c.rest != nil {
		last := len(c.wild)
		params[last].Value = c.rest[0].only(params[last].Value[1:])
	}
	return params
}

func (c *candidate) collect(host string, params httprouter.Params) httprouter.Params {
	values := make(httprouter.Params, 0, len(c.rule.variables))
	values = c.rule.domain.capture(values, host)
	for i, s := range c.wild {
		values = s.capture(values, params[i].Value)
	}
	if c.rest != nil {
		values = captureRest(c.rest, values, params[len(c.wild)].Value[1:])
	}
	// The variables that are still missing belong to a last segment that is empty.
	return values[:len(c.rule.variables)]
}

func captureRest(segments []segment, values httprouter.Params, text string) httprouter.Params {
	for _, s := range segments {
		if s.final {
			return s.capture(values, text)
		}
		var head string
		head, text, _ = strings.Cut(text, "/")
		values = s.capture(values, head)
	}
	return values
}
