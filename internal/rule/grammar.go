package rule

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// piece is one element of a rule's text: a slash, literal text or a
// placeholder.
type piece struct {
	kind pieceKind
	// text is the literal text.
	text string
	// converter is empty where the rule names none; arguments is the text
	// between its parentheses.
	converter, arguments, variable string
}

type pieceKind uint8

const (
	slashPiece pieceKind = iota
	staticPiece
	variablePiece
)

// parse cuts a rule's text into pieces. Werkzeug's grammar:
//
//	rule        = { "/" | static | placeholder }
//	static      = characters other than "<" and "/"
//	placeholder = "<" [ converter [ "(" arguments ")" ] ":" ] variable ">"
func parse(text string) ([]piece, error) {
	if !utf8.ValidString(text) {
		return nil, fmt.Errorf("it is not UTF-8: write it in UTF-8 and unescaped")
	}
	var pieces []piece
	for rest := text; rest != ""; {
		next, length := parsePiece(rest)
		if length == 0 {
			return nil, malformed(rest)
		}
		pieces = append(pieces, next)
		rest = rest[length:]
	}
	return pieces, nil
}

// parsePiece reads one piece and tells its length, 0 if there is none.
func parsePiece(text string) (piece, int) {
	switch text[0] {
	case '/':
		return piece{kind: slashPiece}, 1
	case '<':
		return parsePlaceholder(text)
	}
	static := text
	if end := strings.IndexAny(text, "</"); end >= 0 {
		static = text[:end]
	}
	return piece{kind: staticPiece, text: static}, len(static)
}

func parsePlaceholder(text string) (piece, int) {
	name := identifier(text[1:])
	end := 1 + len(name)
	if name == "" || end == len(text) {
		return piece{}, 0
	}
	switch text[end] {
	case '>':
		return piece{kind: variablePiece, variable: name}, end + 1
	case ':':
		variable, length := closing(text[end:])
		return piece{kind: variablePiece, converter: name, variable: variable}, spanning(end, length)
	case '(':
		arguments, variable, length := parenthesized(text[end:])
		return piece{kind: variablePiece, converter: name, arguments: arguments, variable: variable}, spanning(end, length)
	}
	return piece{}, 0
}

func spanning(start, length int) int {
	if length == 0 {
		return 0
	}
	return start + length
}

// parenthesized reads "(arguments):variable>". The arguments are the shortest
// text whose ")" is followed by the variable, so they may hold parentheses.
func parenthesized(text string) (arguments, variable string, length int) {
	for i := 1; i < len(text) && text[i] != '\n'; i++ {
		if text[i] != ')' {
			continue
		}
		if variable, length := closing(text[i+1:]); length > 0 {
			return text[1:i], variable, i + 1 + length
		}
	}
	return "", "", 0
}

// closing reads ":variable>".
func closing(text string) (variable string, length int) {
	if !strings.HasPrefix(text, ":") {
		return "", 0
	}
	variable = identifier(text[1:])
	end := 1 + len(variable)
	if variable == "" || end == len(text) || text[end] != '>' {
		return "", 0
	}
	return variable, end + 1
}

// identifier returns the ASCII name that text begins with.
func identifier(text string) string {
	end := 0
	for end < len(text) && (isLetter(text[end]) || end > 0 && isDigit(text[end])) {
		end++
	}
	return text[:end]
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func malformed(rest string) error {
	if end := strings.IndexByte(rest, '>'); end >= 0 {
		rest = rest[:end+1]
	}
	return fmt.Errorf("malformed placeholder %q: write <name>, <converter:name> or <converter(arguments):name>, "+
		"where a name is ASCII letters, digits and underscores and begins with no digit", rest)
}

// mergeSlashes turns every run of slashes into one.
func mergeSlashes(text string) string {
	if !strings.Contains(text, "//") {
		return text
	}
	merged := make([]byte, 0, len(text))
	for i := range len(text) {
		if text[i] != '/' || i == 0 || text[i-1] != '/' {
			merged = append(merged, text[i])
		}
	}
	return string(merged)
}
