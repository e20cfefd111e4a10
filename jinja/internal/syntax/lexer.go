package syntax

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/decant-go/decant/internal/pytext"
)

// lexerState says which text the lexer reads: template data, or the inside of
// a tag.
type lexerState uint8

const (
	inData lexerState = iota
	inVariable
	inBlock
)

// lexer cuts a template into tokens, one at a time. An error in the text is
// found when the parser reaches it, so that an earlier mistake of the grammar
// is reported first.
type lexer struct {
	options  Options
	source   string
	pos      int
	line     int
	state    lexerState
	brackets []byte  // the closing brackets that are still missing
	pending  []token // found together with the token that was returned last
	atLine   bool    // whether the last tag ended with a line
}

// newLexer normalizes the line ends of a source and drops the last one.
func newLexer(source string, options Options) *lexer {
	if strings.ContainsRune(source, '\r') {
		source = strings.ReplaceAll(source, "\r\n", "\n")
		source = strings.ReplaceAll(source, "\r", "\n")
	}
	if !options.KeepTrailingNewline {
		source = strings.TrimSuffix(source, "\n")
	}
	return &lexer{options: options, source: source, line: 1, atLine: true}
}

// next returns the next token. After the last one it returns tokenEOF without
// a line.
func (l *lexer) next() token {
	for {
		if len(l.pending) > 0 {
			t := l.pending[0]
			l.pending = l.pending[1:]
			return t
		}
		if l.pos >= len(l.source) {
			return token{kind: tokenEOF}
		}
		if l.state == inData {
			l.lexData()
			continue
		}
		if t, ok := l.lexTag(); ok {
			return t
		}
	}
}

// emit queues a token that the lexer has found.
func (l *lexer) emit(kind tokenKind, text string) {
	l.pending = append(l.pending, token{kind: kind, line: l.line, text: text})
}

// advance moves behind the next n bytes and counts their lines.
func (l *lexer) advance(n int) {
	skipped := l.source[l.pos : l.pos+n]
	l.line += strings.Count(skipped, "\n")
	l.atLine = strings.HasSuffix(skipped, "\n")
	l.pos += n
}

// lexData reads template data up to the next tag, and the begin of the tag.
func (l *lexer) lexData() {
	rest := l.source[l.pos:]
	offset := nextTag(rest)
	if offset < 0 {
		l.emit(tokenData, rest)
		l.pos = len(l.source)
		return
	}
	kind := rest[offset+1]
	if kind == '%' {
		if length, sign, ok := matchRawBegin(rest[offset:]); ok {
			l.emitData(rest[:offset], sign, true)
			l.advance(length)
			l.lexRaw()
			return
		}
	}
	sign, length := signAt(rest, offset+2), 2
	if sign != 0 {
		length = 3
	}
	l.emitData(rest[:offset], sign, kind != '{')
	l.advance(length)
	switch kind {
	case '{':
		l.emit(tokenVariableBegin, "")
		l.state = inVariable
	case '%':
		l.emit(tokenBlockBegin, "")
		l.state = inBlock
	case '#':
		l.skipComment()
	}
}

// nextTag returns the offset of the next "{{", "{%" or "{#", or -1.
func nextTag(text string) int {
	for start := 0; ; {
		i := strings.IndexByte(text[start:], '{')
		if i < 0 || start+i+1 >= len(text) {
			return -1
		}
		start += i
		switch text[start+1] {
		case '{', '%', '#':
			return start
		}
		start++
	}
}

// signAt returns the sign of whitespace control at an offset, or 0.
func signAt(text string, offset int) byte {
	if offset < len(text) && (text[offset] == '-' || text[offset] == '+') {
		return text[offset]
	}
	return 0
}

// emitData queues the data before a tag, stripped as the tag wants it, and
// moves to the tag. Only blocks and comments are subject to LstripBlocks.
func (l *lexer) emitData(data string, sign byte, strippable bool) {
	text := data
	switch {
	case sign == '-':
		text = strings.TrimRightFunc(data, isSpace)
	case sign == 0 && strippable && l.options.LstripBlocks:
		start := strings.LastIndexByte(data, '\n') + 1
		if (start > 0 || l.atLine) && start < len(data) && strings.TrimLeftFunc(data[start:], isSpace) == "" {
			text = data[:start]
		}
	}
	if text != "" {
		l.emit(tokenData, text)
	}
	l.advance(len(data))
}

// isSpace reports whether Python's \s matches r.
func isSpace(r rune) bool {
	return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f
}

// countSpace returns how many bytes of white space text begins with.
func countSpace(text string) int {
	return len(text) - len(strings.TrimLeftFunc(text, isSpace))
}

// matchRawBegin reports the length and the sign of a {% raw %} that text
// begins with.
func matchRawBegin(text string) (length int, sign byte, ok bool) {
	pos := 2
	if sign = signAt(text, pos); sign != 0 {
		pos++
	}
	pos += countSpace(text[pos:])
	if !strings.HasPrefix(text[pos:], "raw") {
		return 0, 0, false
	}
	pos += len("raw")
	pos += countSpace(text[pos:])
	switch {
	case strings.HasPrefix(text[pos:], "-%}"):
		pos += len("-%}")
		return pos + countSpace(text[pos:]), sign, true
	case strings.HasPrefix(text[pos:], "%}"):
		return pos + len("%}"), sign, true
	}
	return 0, 0, false
}

// lexRaw reads up to {% endraw %}.
func (l *lexer) lexRaw() {
	rest := l.source[l.pos:]
	if rest == "" {
		return
	}
	for start := 0; ; {
		i := strings.Index(rest[start:], "{%")
		if i < 0 {
			l.fail("Missing end of raw directive")
		}
		start += i
		if length, sign, ok := l.matchRawEnd(rest[start:]); ok {
			l.emitData(rest[:start], sign, true)
			l.advance(length)
			return
		}
		start += 2
	}
}

// matchRawEnd reports the length and the sign of an {% endraw %} that text
// begins with.
func (l *lexer) matchRawEnd(text string) (length int, sign byte, ok bool) {
	pos := 2
	if sign = signAt(text, pos); sign != 0 {
		pos++
	}
	pos += countSpace(text[pos:])
	if !strings.HasPrefix(text[pos:], "endraw") {
		return 0, 0, false
	}
	pos += len("endraw")
	pos += countSpace(text[pos:])
	n := l.matchEnd(text[pos:], "%}", true)
	return pos + n, sign, n > 0
}

// matchEnd returns how many bytes the end of a tag takes at the begin of text,
// with the white space that it swallows, or 0.
func (l *lexer) matchEnd(text, end string, isBlock bool) int {
	switch {
	case strings.HasPrefix(text, "-") && strings.HasPrefix(text[1:], end):
		n := 1 + len(end)
		return n + countSpace(text[n:])
	case isBlock && strings.HasPrefix(text, "+") && strings.HasPrefix(text[1:], end):
		return 1 + len(end)
	case strings.HasPrefix(text, end):
		n := len(end)
		if isBlock && l.options.TrimBlocks && strings.HasPrefix(text[n:], "\n") {
			n++
		}
		return n
	}
	return 0
}

// skipComment moves behind the end of a comment.
func (l *lexer) skipComment() {
	rest := l.source[l.pos:]
	if rest == "" {
		return
	}
	i := strings.Index(rest, "#}")
	if i < 0 {
		l.fail("Missing end of comment tag")
	}
	if i > 0 && (rest[i-1] == '-' || rest[i-1] == '+') {
		i--
	}
	l.advance(i + l.matchEnd(rest[i:], "#}", true))
}

// lexTag reads a token inside of a tag. It reports false where there was only
// white space.
func (l *lexer) lexTag() (token, bool) {
	rest := l.source[l.pos:]
	if len(l.brackets) == 0 {
		kind, end := tokenVariableEnd, "}}"
		if l.state == inBlock {
			kind, end = tokenBlockEnd, "%}"
		}
		if n := l.matchEnd(rest, end, l.state == inBlock); n > 0 {
			t := token{kind: kind, line: l.line}
			l.advance(n)
			l.state = inData
			return t, true
		}
	}
	if n := countSpace(rest); n > 0 {
		l.advance(n)
		return token{}, false
	}
	if rest[0] >= '0' && rest[0] <= '9' {
		return l.lexNumber(rest), true
	}
	if rest[0] == '\'' || rest[0] == '"' {
		if t, ok := l.lexString(rest); ok {
			return t, true
		}
	}
	if n := countName(rest); n > 0 {
		t := token{kind: tokenName, line: l.line, text: rest[:n]}
		if !isIdentifier(t.text) {
			l.fail("Invalid character in identifier")
		}
		l.advance(n)
		return t, true
	}
	return l.lexOperator(rest), true
}

// countName returns how many bytes of a name text begins with.
func countName(text string) int {
	for i, r := range text {
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) {
			return i
		}
	}
	return len(text)
}

// isIdentifier reports whether Python accepts a name.
func isIdentifier(name string) bool {
	for i, r := range name {
		switch {
		case r == '_' || unicode.IsLetter(r) || unicode.Is(unicode.Nl, r):
		case i > 0 && (unicode.Is(unicode.Nd, r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Mc, r)):
		default:
			return false
		}
	}
	return name != ""
}

func (l *lexer) lexOperator(rest string) token {
	for _, kind := range operators {
		text := descriptions[kind]
		if !strings.HasPrefix(rest, text) {
			continue
		}
		l.balance(text)
		t := token{kind: kind, line: l.line}
		l.advance(len(text))
		return t
	}
	r, _ := utf8.DecodeRuneInString(rest)
	l.fail(fmt.Sprintf("unexpected char %s at %d", quote(string(r)), utf8.RuneCountInString(l.source[:l.pos])))
	panic("unreachable")
}

// balance keeps account of the brackets, in which the end of a tag does not
// count.
func (l *lexer) balance(operator string) {
	switch operator {
	case "{":
		l.brackets = append(l.brackets, '}')
	case "(":
		l.brackets = append(l.brackets, ')')
	case "[":
		l.brackets = append(l.brackets, ']')
	case "}", ")", "]":
		if len(l.brackets) == 0 {
			l.fail(fmt.Sprintf("unexpected '%s'", operator))
		}
		expected := l.brackets[len(l.brackets)-1]
		l.brackets = l.brackets[:len(l.brackets)-1]
		if expected != operator[0] {
			l.fail(fmt.Sprintf("unexpected '%s', expected '%c'", operator, expected))
		}
	}
}

// lexNumber reads an integer or a float as Python's grammar has them.
func (l *lexer) lexNumber(rest string) token {
	if n := countFloat(rest); n > 0 && !(l.pos > 0 && l.source[l.pos-1] == '.') {
		value, err := strconv.ParseFloat(strings.ReplaceAll(rest[:n], "_", ""), 64)
		if err != nil && value == 0 {
			l.fail("invalid number " + quote(rest[:n]))
		}
		t := token{kind: tokenFloat, line: l.line, value: value}
		l.advance(n)
		return t
	}
	n := countInteger(rest)
	t := token{kind: tokenInteger, line: l.line}
	digits := strings.ReplaceAll(rest[:n], "_", "")
	if small, err := strconv.ParseInt(digits, 0, 64); err == nil {
		t.value = small
	} else if len(digits) > pytext.MaxDigits {
		l.fail(fmt.Sprintf("a number of %d digits is too long; the limit is %d", len(digits), pytext.MaxDigits))
	} else {
		large, ok := new(big.Int).SetString(digits, 0)
		if !ok {
			l.fail("invalid number " + quote(rest[:n]))
		}
		t.value = large
	}
	l.advance(n)
	return t
}

// countDigits returns how many bytes text begins with that are digits of a
// base, with single underscores between them.
func countDigits(text string, isDigit func(byte) bool) int {
	n := 0
	for n < len(text) {
		switch {
		case isDigit(text[n]):
			n++
		case text[n] == '_' && n > 0 && n+1 < len(text) && isDigit(text[n+1]):
			n++
		default:
			return n
		}
	}
	return n
}

func isDecimal(c byte) bool { return c >= '0' && c <= '9' }
func isBinary(c byte) bool  { return c == '0' || c == '1' }
func isOctal(c byte) bool   { return c >= '0' && c <= '7' }
func isZero(c byte) bool    { return c == '0' }
func isHex(c byte) bool {
	return isDecimal(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// countFloat returns the length of the float that text begins with, or 0.
func countFloat(text string) int {
	n := countDigits(text, isDecimal)
	fraction := false
	if n < len(text) && text[n] == '.' {
		if m := countDigits(text[n+1:], isDecimal); m > 0 {
			n += 1 + m
			fraction = true
		}
	}
	if n < len(text) && (text[n] == 'e' || text[n] == 'E') {
		exponent := n + 1
		if exponent < len(text) && (text[exponent] == '+' || text[exponent] == '-') {
			exponent++
		}
		if m := countDigits(text[exponent:], isDecimal); m > 0 {
			return exponent + m
		}
	}
	if fraction {
		return n
	}
	return 0
}

// countInteger returns the length of the integer that text begins with. Text
// begins with a digit.
func countInteger(text string) int {
	if text[0] != '0' {
		return countDigits(text, isDecimal)
	}
	if len(text) > 2 {
		isDigit := map[byte]func(byte) bool{'b': isBinary, 'B': isBinary, 'o': isOctal, 'O': isOctal, 'x': isHex, 'X': isHex}[text[1]]
		if isDigit != nil {
			start := 2
			if text[start] == '_' {
				start++
			}
			if n := countDigits(text[start:], isDigit); n > 0 {
				return start + n
			}
		}
	}
	return countDigits(text, isZero)
}

// lexString reads a string with its escapes. It reports false if the string
// has no end: then the quote is a character that nobody expects.
func (l *lexer) lexString(rest string) (token, bool) {
	for i := 1; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case rest[0]:
			t := token{kind: tokenString, line: l.line, text: rest[1:i]}
			if strings.IndexByte(t.text, '\\') >= 0 {
				t.text = l.unescape(t.text)
			}
			l.advance(i + 1)
			return t, true
		}
	}
	return token{}, false
}

// unescape resolves the escapes of Python's strings. An escape that Python
// does not know stays as it is.
func (l *lexer) unescape(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			b.WriteByte(text[i])
			continue
		}
		i++
		switch c := text[i]; c {
		case '\n':
		case '\\', '\'', '"':
			b.WriteByte(c)
		case 'a':
			b.WriteByte('\a')
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'v':
			b.WriteByte('\v')
		case 'x', 'u', 'U':
			size := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
			if i+size >= len(text) {
				l.fail(fmt.Sprintf("truncated \\%c escape", c))
			}
			code, err := strconv.ParseUint(text[i+1:i+1+size], 16, 32)
			if err != nil || code > unicode.MaxRune {
				l.fail(fmt.Sprintf("illegal \\%c escape", c))
			}
			b.WriteRune(rune(code))
			i += size
		case 'N':
			l.fail("\\N escapes are not supported; write the character itself")
		case '0', '1', '2', '3', '4', '5', '6', '7':
			n := 1
			for n < 3 && i+n < len(text) && isOctal(text[i+n]) {
				n++
			}
			code, _ := strconv.ParseUint(text[i:i+n], 8, 32)
			b.WriteRune(rune(code))
			i += n - 1
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return b.String()
}

// fail ends parsing with an error at the lexer's line.
func (l *lexer) fail(message string) {
	panic(&Error{Message: message, Line: l.line})
}

// quote writes a string as Python's repr does for printable text.
func quote(text string) string {
	if strings.Contains(text, "'") && !strings.Contains(text, "\"") {
		return "\"" + text + "\""
	}
	return "'" + strings.ReplaceAll(text, "'", `\'`) + "'"
}
