package syntax

// tokenKind says which sort of token the lexer has found.
type tokenKind uint8

const (
	tokenEOF tokenKind = iota
	tokenData
	tokenVariableBegin
	tokenVariableEnd
	tokenBlockBegin
	tokenBlockEnd
	tokenName
	tokenString
	tokenInteger
	tokenFloat
	tokenAdd
	tokenAssign
	tokenColon
	tokenComma
	tokenDiv
	tokenDot
	tokenEq
	tokenFloorDiv
	tokenGt
	tokenGtEq
	tokenLbrace
	tokenLbracket
	tokenLparen
	tokenLt
	tokenLtEq
	tokenMod
	tokenMul
	tokenNe
	tokenPipe
	tokenPow
	tokenRbrace
	tokenRbracket
	tokenRparen
	tokenSemicolon
	tokenSub
	tokenTilde
)

// descriptions are the words of Jinja's error messages.
var descriptions = [...]string{
	tokenEOF:           "end of template",
	tokenData:          "template data / text",
	tokenVariableBegin: "begin of print statement",
	tokenVariableEnd:   "end of print statement",
	tokenBlockBegin:    "begin of statement block",
	tokenBlockEnd:      "end of statement block",
	tokenName:          "name",
	tokenString:        "string",
	tokenInteger:       "integer",
	tokenFloat:         "float",
	tokenAdd:           "+",
	tokenAssign:        "=",
	tokenColon:         ":",
	tokenComma:         ",",
	tokenDiv:           "/",
	tokenDot:           ".",
	tokenEq:            "==",
	tokenFloorDiv:      "//",
	tokenGt:            ">",
	tokenGtEq:          ">=",
	tokenLbrace:        "{",
	tokenLbracket:      "[",
	tokenLparen:        "(",
	tokenLt:            "<",
	tokenLtEq:          "<=",
	tokenMod:           "%",
	tokenMul:           "*",
	tokenNe:            "!=",
	tokenPipe:          "|",
	tokenPow:           "**",
	tokenRbrace:        "}",
	tokenRbracket:      "]",
	tokenRparen:        ")",
	tokenSemicolon:     ";",
	tokenSub:           "-",
	tokenTilde:         "~",
}

// operators are in the order in which the lexer tries them: the longest first.
var operators = []tokenKind{
	tokenFloorDiv, tokenPow, tokenEq, tokenNe, tokenGtEq, tokenLtEq,
	tokenAdd, tokenSub, tokenDiv, tokenMul, tokenMod, tokenTilde,
	tokenLbracket, tokenRbracket, tokenLparen, tokenRparen, tokenLbrace, tokenRbrace,
	tokenGt, tokenLt, tokenAssign, tokenDot, tokenColon, tokenPipe, tokenComma, tokenSemicolon,
}

func (k tokenKind) String() string { return descriptions[k] }

// token is a piece of a template.
type token struct {
	kind  tokenKind
	line  int
	text  string // a name, the value of a string, or template data
	value any    // of an integer or a float
}

// isName reports whether the token is one of the names.
func (t token) isName(names ...string) bool {
	if t.kind != tokenName {
		return false
	}
	for _, name := range names {
		if t.text == name {
			return true
		}
	}
	return false
}

// describe returns the token as error messages call it.
func (t token) describe() string {
	if t.kind == tokenName {
		return t.text
	}
	return t.kind.String()
}
