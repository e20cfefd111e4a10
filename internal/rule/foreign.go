package rule

import (
	"regexp"
	"strings"
)

var (
	bracedName = regexp.MustCompile(`\{([A-Za-z_]\w*)(\.\.\.|:[^{}]*)?\}`)
	colonName  = regexp.MustCompile(`^:([A-Za-z_]\w*)`)
	starName   = regexp.MustCompile(`^\*([A-Za-z_]\w*)$`)
)

// InFlaskSyntax returns a rule with the placeholders of other routers in Flask's
// syntax: "/user/<id>" for "/user/{id}" and "/user/:id", "/files/<path:name>" for
// "/files/{name...}" and "/files/*name". A rule without any comes back unchanged.
func InFlaskSyntax(text string) string {
	var flasks strings.Builder
	previous := slashPiece
	for rest := text; rest != ""; {
		piece, length := parsePiece(rest)
		if length == 0 {
			return text // malformed, which is another mistake
		}
		raw := rest[:length]
		if piece.kind == staticPiece {
			raw = bracedInFlaskSyntax(raw)
			if previous == slashPiece {
				raw = colonName.ReplaceAllString(raw, "<$1>")
				raw = starName.ReplaceAllString(raw, "<path:$1>")
			}
		}
		flasks.WriteString(raw)
		rest, previous = rest[length:], piece.kind
	}
	return flasks.String()
}

func bracedInFlaskSyntax(text string) string {
	return bracedName.ReplaceAllStringFunc(text, func(braced string) string {
		parts := bracedName.FindStringSubmatch(braced)
		if parts[2] == "..." {
			return "<path:" + parts[1] + ">"
		}
		return "<" + parts[1] + ">"
	})
}
