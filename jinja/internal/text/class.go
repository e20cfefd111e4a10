package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// numericLetters are the letters that have a numeric value (mostly Chinese
// numerals): they are alphabetic and numeric.
const numericLetters = "\u3405\u3483\u382a\u3b4d\u4e00\u4e03\u4e07\u4e09\u4e5d\u4e8c\u4e94\u4e96" +
	"\u4ebf\u4ec0\u4edf\u4ee8\u4f0d\u4f70\u5104\u5146\u5169\u516b\u516d\u5341" +
	"\u5343\u5344\u5345\u534c\u53c1\u53c2\u53c3\u53c4\u56db\u58f1\u58f9\u5e7a" +
	"\u5efe\u5eff\u5f0c\u5f0d\u5f0e\u5f10\u62fe\u634c\u67d2\u6f06\u7396\u767e" +
	"\u8086\u842c\u8cae\u8cb3\u8d30\u9621\u9646\u964c\u9678\u96f6\uf96b\uf973" +
	"\uf978\uf9b2\uf9d1\uf9d3\uf9fd\U00020001\U00020064\U000200e2\U00020121\U0002092a\U00020983\U0002098c" +
	"\U0002099c\U00020aea\U00020afd\U00020b19\U00022390\U00022998\U00023b1b\U0002626d\U0002f890"

// digitRunes are digits that are not decimal: superscripts, circled digits and
// the like.
var digitRunes = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0xb2, 0xb3, 1}, {0xb9, 0xb9, 1}, {0x1369, 0x1371, 1}, {0x19da, 0x19da, 1},
		{0x2070, 0x2070, 1}, {0x2074, 0x2079, 1}, {0x2080, 0x2089, 1}, {0x2460, 0x2468, 1},
		{0x2474, 0x247c, 1}, {0x2488, 0x2490, 1}, {0x24ea, 0x24ea, 1}, {0x24f5, 0x24fd, 1},
		{0x24ff, 0x24ff, 1}, {0x2776, 0x277e, 1}, {0x2780, 0x2788, 1}, {0x278a, 0x2792, 1},
	},
	R32: []unicode.Range32{
		{0x10a40, 0x10a43, 1}, {0x10e60, 0x10e68, 1}, {0x11052, 0x1105a, 1}, {0x1f100, 0x1f10a, 1},
	},
	LatinOffset: 2,
}

// IsSpaceRune reports whether r is white space for Python's str.isspace,
// str.split and the \s of its regular expressions.
func IsSpaceRune(r rune) bool {
	switch {
	case r < 0x80:
		return r == ' ' || '\t' <= r && r <= '\r' || 0x1c <= r && r <= 0x1f
	case r < 0x1680:
		return r == 0x85 || r == 0xa0
	}
	return r == 0x1680 || 0x2000 <= r && r <= 0x200a || r == 0x2028 || r == 0x2029 ||
		r == 0x202f || r == 0x205f || r == 0x3000
}

// isWordRune is the \w of Python's regular expressions.
func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	return unicode.IsLetter(r) || unicode.Is(unicode.N, r)
}

func isLowerRune(r rune) bool {
	return unicode.IsLower(r) || unicode.Is(unicode.Other_Lowercase, r)
}

func isUpperRune(r rune) bool {
	return unicode.IsUpper(r) || unicode.Is(unicode.Other_Uppercase, r)
}

func isCasedRune(r rune) bool {
	return isLowerRune(r) || isUpperRune(r) || unicode.Is(unicode.Lt, r)
}

func isDigitRune(r rune) bool {
	return unicode.Is(unicode.Nd, r) || unicode.Is(digitRunes, r)
}

func isNumericRune(r rune) bool {
	return unicode.Is(unicode.N, r) || r >= 0x3405 && strings.ContainsRune(numericLetters, r)
}

// all reports whether s has characters and is holds for each of them.
func all(s string, is func(rune) bool) bool {
	for _, r := range s {
		if !is(r) {
			return false
		}
	}
	return s != ""
}

// IsAlnum is Python's str.isalnum.
func IsAlnum(s string) bool {
	return all(s, func(r rune) bool { return r != '_' && isWordRune(r) })
}

// IsAlpha is Python's str.isalpha.
func IsAlpha(s string) bool { return all(s, unicode.IsLetter) }

// IsASCII is Python's str.isascii: the empty string is ASCII.
func IsASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// IsDecimal is Python's str.isdecimal.
func IsDecimal(s string) bool {
	return all(s, func(r rune) bool { return unicode.Is(unicode.Nd, r) })
}

// IsDigit is Python's str.isdigit.
func IsDigit(s string) bool { return all(s, isDigitRune) }

// IsNumeric is Python's str.isnumeric.
func IsNumeric(s string) bool { return all(s, isNumericRune) }

// IsSpace is Python's str.isspace.
func IsSpace(s string) bool { return all(s, IsSpaceRune) }

// IsPrintable is Python's str.isprintable: the empty string is printable.
func IsPrintable(s string) bool { return s == "" || all(s, IsPrintRune) }

// IsPrintRune reports whether Python's repr shows r as it is.
func IsPrintRune(r rune) bool { return unicode.IsPrint(r) }

// IsIdentifier is Python's str.isidentifier.
func IsIdentifier(s string) bool {
	for i, r := range s {
		letter := r == '_' || unicode.IsLetter(r) || unicode.Is(unicode.Nl, r) || unicode.Is(unicode.Other_ID_Start, r)
		if letter {
			continue
		}
		inside := unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue)
		if i == 0 || !inside {
			return false
		}
	}
	return s != ""
}

// IsLower is Python's str.islower: there is a cased character, and all cased
// characters are lower case.
func IsLower(s string) bool {
	cased := false
	for _, r := range s {
		if isUpperRune(r) || unicode.Is(unicode.Lt, r) {
			return false
		}
		cased = cased || isLowerRune(r)
	}
	return cased
}

// IsUpper is Python's str.isupper: there is a cased character, and all cased
// characters are upper case.
func IsUpper(s string) bool {
	cased := false
	for _, r := range s {
		if isLowerRune(r) || unicode.Is(unicode.Lt, r) {
			return false
		}
		cased = cased || isUpperRune(r)
	}
	return cased
}

// IsTitle is Python's str.istitle: upper case follows only uncased
// characters, lower case only cased ones, and there is a cased character.
func IsTitle(s string) bool {
	cased, previous := false, false
	for _, r := range s {
		switch {
		case isUpperRune(r) || unicode.Is(unicode.Lt, r):
			if previous {
				return false
			}
			cased, previous = true, true
		case isLowerRune(r):
			if !previous {
				return false
			}
			cased = true
		default:
			previous = false
		}
	}
	return cased
}
