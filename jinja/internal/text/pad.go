package text

import "strings"

// Center is Python's s.center(width, fill); fill is one character. Jinja's
// filter uses a space. An odd space goes as in Python: to the left when the
// width is odd, else to the right.
func Center(s string, width int, fill string) string {
	pad := width - Len(s)
	if pad <= 0 {
		return s
	}
	left := pad/2 + (pad & width & 1)
	return strings.Repeat(fill, left) + s + strings.Repeat(fill, pad-left)
}

// LJust is Python's s.ljust(width, fill); fill is one character.
func LJust(s string, width int, fill string) string {
	return s + strings.Repeat(fill, max(width-Len(s), 0))
}

// RJust is Python's s.rjust(width, fill); fill is one character.
func RJust(s string, width int, fill string) string {
	return strings.Repeat(fill, max(width-Len(s), 0)) + s
}

// ZFill is Python's s.zfill(width): zeros go behind a sign.
func ZFill(s string, width int) string {
	zeros := strings.Repeat("0", max(width-Len(s), 0))
	if s != "" && (s[0] == '+' || s[0] == '-') {
		return s[:1] + zeros + s[1:]
	}
	return zeros + s
}

// ExpandTabs is Python's s.expandtabs(size): tabs become spaces up to the next
// column that size divides. A size of zero or less deletes tabs.
func ExpandTabs(s string, size int) string {
	var b strings.Builder
	b.Grow(len(s))
	column := 0
	for _, r := range s {
		switch r {
		case '\t':
			if size > 0 {
				n := size - column%size
				b.WriteString(strings.Repeat(" ", n))
				column += n
			}
		case '\n', '\r':
			b.WriteRune(r)
			column = 0
		default:
			b.WriteRune(r)
			column++
		}
	}
	return b.String()
}

// Indent is Jinja's indent filter: every line but the first begins with
// indention. With first, the first line too; with blank, empty lines too. All
// line ends become "\n".
func Indent(s, indention string, first, blank bool) string {
	lines := SplitLines(s+"\n", false)
	var b strings.Builder
	b.Grow(len(s) + len(lines)*len(indention))
	for i, line := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		if i == 0 && first || i > 0 && (line != "" || blank) {
			b.WriteString(indention)
		}
		b.WriteString(line)
	}
	return b.String()
}
