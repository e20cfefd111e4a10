package pyjson

import (
	"bytes"
	"math"
	"sync"
)

// Decoder reads JSON. The zero value is ready to use; it holds no state and
// may be shared.
type Decoder struct {
	// ValidText makes each lone surrogate U+FFFD, so that every text is UTF-8.
	ValidText bool

	// Tagged, when set, is given every object that has exactly one key if
	// that key begins with a space, inner objects first. Where it reports ok
	// its value stands in for the object.
	Tagged func(tag Tag) (value any, ok bool, err error)
}

// Tag is an object with one key that begins with a space.
type Tag struct {
	Key   string
	Value any
	// First is the key that Value was written with first, when Value is a
	// plain object that is not empty.
	First string
}

// Parse reads one document with the zero Decoder.
func Parse(data []byte) (any, error) {
	var d Decoder
	return d.Parse(data)
}

// Parse reads one JSON document as Python's json.loads does. It returns nil,
// bool, int (or *big.Int when an int is too small), float64, string, []any or
// map[string]any.
//
// Beyond JSON proper, NaN, Infinity and -Infinity are read; numbers out of
// range become infinite; of a repeated key the last value counts. A byte order
// mark, bytes that are not UTF-8, control characters in strings and integers
// of more than 4300 digits are errors. Errors are *SyntaxError, or *ValueError
// when the text is fine but nested too deep or Tagged refused a value.
func (d *Decoder) Parse(data []byte) (any, error) {
	p := parsers.Get().(*parser)
	defer p.release()
	p.data, p.tagged, p.validText = data, d.Tagged, d.ValidText
	if len(data) <= sharedSize {
		p.shared = string(data)
	}
	return p.document()
}

// parsers are kept for the sake of their scratch space; nothing of a document
// stays in them.
var parsers = sync.Pool{New: func() any { return new(parser) }}

func (p *parser) release() {
	if cap(p.scratch) > sharedSize {
		p.scratch = nil
	}
	*p = parser{scratch: p.scratch[:0]}
	parsers.Put(p)
}

// sharedSize is the size up to which all strings of a document are slices of
// one copy of it. In a longer document each has its own, so that keeping one
// does not keep them all.
const sharedSize = 4096

type parser struct {
	data    []byte
	shared  string // data as a string, or empty
	scratch []byte // for strings with escapes
	at      int
	depth   int
	first   string // first key of the object that was completed last
	tagged  func(Tag) (any, bool, error)

	validText bool
}

var byteOrderMark = []byte("\uFEFF")

func (p *parser) document() (any, error) {
	if bytes.HasPrefix(p.data, byteOrderMark) {
		return nil, p.fail(0, "Unexpected UTF-8 BOM (decode using utf-8-sig)")
	}
	p.skipSpace()
	value, err := p.value()
	if err != nil {
		return nil, err
	}
	p.skipSpace()
	if p.at < len(p.data) {
		return nil, p.fail(p.at, "Extra data")
	}
	return value, nil
}

func (p *parser) fail(at int, reason string) error {
	return newSyntaxError(p.data, min(at, len(p.data)), reason)
}

func (p *parser) skipSpace() {
	for p.at < len(p.data) {
		switch p.data[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// peek returns the byte at the current place, 0 at the end; a NUL in the text
// is nowhere valid, so the two need not be told apart.
func (p *parser) peek() byte {
	if p.at == len(p.data) {
		return 0
	}
	return p.data[p.at]
}

func (p *parser) value() (any, error) {
	switch char := p.peek(); char {
	case '"':
		return p.text()
	case '{':
		return p.nested(p.object)
	case '[':
		return p.nested(p.list)
	case 'n':
		return p.literal("null", nil)
	case 't':
		return p.literal("true", true)
	case 'f':
		return p.literal("false", false)
	case 'N':
		return p.literal("NaN", math.NaN())
	case 'I':
		return p.literal("Infinity", math.Inf(1))
	default:
		return p.number()
	}
}

func (p *parser) literal(word string, value any) (any, error) {
	if !p.follows(word) {
		return nil, p.fail(p.at, expectingValue)
	}
	p.at += len(word)
	return value, nil
}

func (p *parser) follows(word string) bool {
	return len(p.data)-p.at >= len(word) && string(p.data[p.at:p.at+len(word)]) == word
}

const (
	expectingValue = "Expecting value"
	expectingKey   = "Expecting property name enclosed in double quotes"
	expectingColon = "Expecting ':' delimiter"
	expectingComma = "Expecting ',' delimiter"
)

// nested reads a list or an object, past its opening bracket.
func (p *parser) nested(read func() (any, error)) (any, error) {
	if p.depth == MaxDepth {
		return nil, &ValueError{Err: ErrDepth}
	}
	p.depth++
	p.at++
	p.skipSpace()
	value, err := read()
	p.depth--
	return value, err
}

func (p *parser) list() (any, error) {
	items := []any{}
	if p.peek() == ']' {
		p.at++
		return items, nil
	}
	for {
		item, err := p.value()
		if err != nil {
			return nil, within(indexStep(len(items)), err)
		}
		items = append(items, item)
		if last, err := p.more(']'); last || err != nil {
			return items, err
		}
	}
}

// more reads what follows an element: the closing bracket, or a comma and the
// white space after it.
func (p *parser) more(closing byte) (last bool, err error) {
	p.skipSpace()
	switch p.peek() {
	case closing:
		p.at++
		return true, nil
	case ',':
		p.at++
		p.skipSpace()
		return false, nil
	}
	return false, p.fail(p.at, expectingComma)
}

func (p *parser) object() (any, error) {
	if p.peek() == '}' {
		p.at++
		return map[string]any{}, nil
	}
	first, value, err := p.member()
	if err != nil {
		return nil, err
	}
	last, err := p.more('}')
	if err != nil {
		return nil, err
	}
	if last && p.mayTag(first) {
		return p.tag(first, value)
	}
	members := map[string]any{first: value}
	if last {
		p.first = first
		return members, nil
	}
	if err := p.members(members); err != nil {
		return nil, err
	}
	if len(members) == 1 && p.mayTag(first) {
		return p.tag(first, members[first])
	}
	p.first = first
	return members, nil
}

// members reads the members after the first one.
func (p *parser) members(members map[string]any) error {
	for {
		key, value, err := p.member()
		if err != nil {
			return err
		}
		members[key] = value
		if last, err := p.more('}'); last || err != nil {
			return err
		}
	}
}

func (p *parser) member() (key string, value any, err error) {
	if p.peek() != '"' {
		return "", nil, p.fail(p.at, expectingKey)
	}
	if key, err = p.string(); err != nil {
		return "", nil, err
	}
	p.skipSpace()
	if p.peek() != ':' {
		return "", nil, p.fail(p.at, expectingColon)
	}
	p.at++
	p.skipSpace()
	if value, err = p.value(); err != nil {
		return "", nil, within(keyStep(key), err)
	}
	return key, value, nil
}

func (p *parser) mayTag(key string) bool {
	return p.tagged != nil && key != "" && key[0] == ' '
}

// tag offers an object of one key to the Tagged function. An object that it
// does not take is built here.
func (p *parser) tag(key string, content any) (any, error) {
	value, ok, err := p.tagged(Tag{Key: key, Value: content, First: p.first})
	if err != nil {
		return nil, within(keyStep(key), err)
	}
	if !ok {
		value = map[string]any{key: content}
	}
	p.first = key
	return value, nil
}
