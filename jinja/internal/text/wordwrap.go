package text

import (
	"fmt"
	"strings"
	"unicode"
)

// WrapOptions are the arguments of Jinja's wordwrap filter.
type WrapOptions struct {
	Width          int    // the longest line, at least 1
	BreakLongWords bool   // cut words that are longer than a line
	BreakOnHyphens bool   // lines may end after the hyphens of compound words
	LineEnd        string // joins the lines
}

// WordWrap is Jinja's wordwrap filter: it wraps each line of s by itself, as
// Python's textwrap.wrap does. A width below 1 is an error.
func WordWrap(s string, opts WrapOptions) (string, error) {
	var wrapped []string
	for _, line := range SplitLines(s, false) {
		if opts.Width < 1 {
			return "", fmt.Errorf("invalid width %d (must be > 0)", opts.Width)
		}
		lines := wrapLine(line, opts)
		wrapped = append(wrapped, strings.Join(lines, opts.LineEnd))
	}
	return strings.Join(wrapped, opts.LineEnd), nil
}

func wrapLine(line string, opts WrapOptions) []string {
	w := wrapper{opts: opts, chunks: splitChunks([]rune(line), opts.BreakOnHyphens)}
	for len(w.chunks) > 0 {
		w.fillLine()
	}
	return w.lines
}

// wrapper holds the chunks that are not in a line yet, and the finished lines.
type wrapper struct {
	opts   WrapOptions
	chunks [][]rune
	lines  []string
}

// fillLine moves chunks into one line. White space at the edges of lines is
// dropped, except before the first word of the first line.
func (w *wrapper) fillLine() {
	if len(w.lines) > 0 && isBlank(w.chunks[0]) {
		w.chunks = w.chunks[1:]
	}
	var line [][]rune
	length := 0
	for len(w.chunks) > 0 && length+len(w.chunks[0]) <= w.opts.Width {
		line = append(line, w.chunks[0])
		length += len(w.chunks[0])
		w.chunks = w.chunks[1:]
	}
	if len(w.chunks) > 0 && len(w.chunks[0]) > w.opts.Width {
		line = w.addLongWord(line, w.opts.Width-length)
	}
	if len(line) > 0 && isBlank(line[len(line)-1]) {
		line = line[:len(line)-1]
	}
	if len(line) == 0 {
		return
	}
	var b strings.Builder
	for _, chunk := range line {
		b.WriteString(string(chunk))
	}
	w.lines = append(w.lines, b.String())
}

// addLongWord puts the part of the next word that fits into space at the end of
// line, or the whole word into an empty line when words stay whole.
func (w *wrapper) addLongWord(line [][]rune, space int) [][]rune {
	word := w.chunks[0]
	if !w.opts.BreakLongWords {
		if len(line) > 0 {
			return line
		}
		w.chunks = w.chunks[1:]
		return append(line, word)
	}
	end := space
	if w.opts.BreakOnHyphens {
		if hyphen := lastHyphen(word[:space]); hyphen > 0 {
			end = hyphen + 1
		}
	}
	w.chunks[0] = word[end:]
	return append(line, word[:end])
}

// lastHyphen is the position of the last hyphen when something else than
// hyphens stands before it, else -1.
func lastHyphen(part []rune) int {
	last := len(part) - 1
	for last >= 0 && part[last] != '-' {
		last--
	}
	for i := range max(last, 0) {
		if part[i] != '-' {
			return last
		}
	}
	return -1
}

func isBlank(chunk []rune) bool {
	for _, r := range chunk {
		if !IsSpaceRune(r) {
			return false
		}
	}
	return true
}

// splitChunks cuts a line into the pieces that stay together: white space,
// words, and with hyphens also parts of compound words and dashes.
func splitChunks(line []rune, hyphens bool) [][]rune {
	var chunks [][]rune
	for i := 0; i < len(line); {
		end := i
		switch {
		case isWrapSpace(line[i]):
			for end < len(line) && isWrapSpace(line[end]) {
				end++
			}
		case !hyphens:
			for end < len(line) && !isWrapSpace(line[end]) {
				end++
			}
		default:
			end = nextChunk(line, i)
		}
		chunks = append(chunks, line[i:end:end])
		i = end
	}
	return chunks
}

// nextChunk returns the end of the piece that begins at start, which is not
// white space.
func nextChunk(line []rune, start int) int {
	if end := dashEnd(line, start); end > 0 {
		return end
	}
	for i := start + 1; i < len(line); i++ {
		if isWrapSpace(line[i]) || dashEnd(line, i) > 0 {
			return i
		}
		if line[i] == '-' && breaksAfter(line, i) {
			return i + 1
		}
	}
	return len(line)
}

// dashEnd returns the end of the dash (two hyphens or more, between words) that
// begins at i, or 0.
func dashEnd(line []rune, i int) int {
	if line[i] != '-' || i == 0 || !isWordPunct(line[i-1]) {
		return 0
	}
	end := i
	for end < len(line) && line[end] == '-' {
		end++
	}
	if end-i < 2 || end == len(line) || !isWordRune(line[end]) {
		return 0
	}
	return end
}

// breaksAfter reports whether a line may end after the hyphen at i: two letters
// before it (or "x-y-"), and two letters behind it, which may have a hyphen
// between them.
func breaksAfter(line []rune, i int) bool {
	at := func(j int) rune {
		if j < 0 || j >= len(line) {
			return ' '
		}
		return line[j]
	}
	before := isWrapLetter(at(i-2)) && isWrapLetter(at(i-1)) ||
		isWrapLetter(at(i-3)) && at(i-2) == '-' && isWrapLetter(at(i-1))
	after := isWrapLetter(at(i+1)) &&
		(isWrapLetter(at(i+2)) || at(i+2) == '-' && isWrapLetter(at(i+3)))
	return before && after
}

func isWrapSpace(r rune) bool { return r == ' ' || '\t' <= r && r <= '\r' }

func isWordPunct(r rune) bool {
	return isWordRune(r) || strings.ContainsRune(`!"'&.,?`, r)
}

// isWrapLetter is a word character that is not a digit; an underscore counts.
func isWrapLetter(r rune) bool { return isWordRune(r) && !unicode.Is(unicode.Nd, r) }
