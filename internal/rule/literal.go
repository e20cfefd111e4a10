package rule

import (
	"strings"

	"github.com/julienschmidt/httprouter"
)

// literal is text that a candidate wants at a spot. A path that has another
// one there does not match.
type literal struct {
	spot
	text string
}

// spot is a place in the parameters of a leaf.
type spot struct {
	parameter int
	// segment is the one of the parameter's segments that is meant, counted
	// from 0 on or, if it is negative, from the end, where a last slash does
	// not count. Only a catch-all has more than one.
	segment int
	side    side
	length  int // unless the side is whole
}

type side uint8

const (
	whole side = iota
	head
	tail
)

// read returns the text at the spot, as far as there is one.
func (s spot) read(params httprouter.Params) string {
	text := s.cut(strings.TrimPrefix(params[s.parameter].Value, "/"))
	if s.side == whole || len(text) <= s.length {
		return text
	}
	if s.side == head {
		return text[:s.length]
	}
	return text[len(text)-s.length:]
}

// cut returns the segment of the text, or "" if there are not so many.
func (s spot) cut(text string) string {
	for range s.segment {
		_, text, _ = strings.Cut(text, "/")
	}
	if s.segment >= 0 {
		text, _, _ = strings.Cut(text, "/")
		return text
	}
	text = strings.TrimSuffix(text, "/")
	for range -s.segment - 1 {
		text = text[:max(0, strings.LastIndexByte(text, '/'))]
	}
	return text[strings.LastIndexByte(text, '/')+1:]
}

// literals lists the texts that the candidate cannot match without.
func (c *candidate) literals() []literal {
	var all []literal
	for i, s := range c.wild {
		all = s.appendLiterals(all, spot{parameter: i})
	}
	for i, s := range c.rest {
		all = s.appendLiterals(all, spot{parameter: len(c.wild), segment: i})
	}
	return all
}

func (p *part) appendLiterals(all []literal, at spot) []literal {
	if p.static() {
		return append(all, literal{at, p.text})
	}
	if p.before != "" {
		all = append(all, literal{at.end(head, p.before), p.before})
	}
	if p.final {
		return p.appendTail(all, at)
	}
	if p.after != "" {
		all = append(all, literal{at.end(tail, p.after), p.after})
	}
	return all
}

// appendTail lists what stands behind the last variable of a final part that
// may match slashes, segment by segment.
func (p *part) appendTail(all []literal, at spot) []literal {
	segments := strings.Split(p.tail, "/")
	for i, text := range segments {
		at.segment = i - len(segments)
		first, last := strings.Index(text, variableMark), strings.LastIndex(text, variableMark)
		if i > 0 && first < 0 {
			all = append(all, literal{at, text})
			continue
		}
		if i > 0 && first > 0 {
			all = append(all, literal{at.end(head, text[:first]), text[:first]})
		}
		if text = text[last+1:]; text != "" {
			all = append(all, literal{at.end(tail, text), text})
		}
	}
	return all
}

// end is the head or tail of the spot that is as long as the text.
func (s spot) end(side side, text string) spot {
	s.side, s.length = side, len(text)
	return s
}
