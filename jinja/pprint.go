package jinja

import (
	"slices"
	"strings"

	"github.com/decant-go/decant/jinja/internal/text"
)

// prettyWidth is how long a line of the filter pprint should be at most.
const prettyWidth = 80

// filterPprint prints a value in lines that are easy to read, as Python's
// pprint.
func filterPprint(r *run, v value, args arguments) (value, error) {
	if err := args.none("pprint"); err != nil {
		return missing, err
	}
	p := pretty{}
	p.write(v, 0, 0, 0)
	return stringValue(p.b.String()), r.checkText(p.b.Len())
}

// pretty writes values over several lines. Indent is the column at which a
// value starts, and allowance how many characters follow its last line.
type pretty struct {
	b    strings.Builder
	open []any // the lists and dicts around
}

func (p *pretty) write(v value, indent, allowance, level int) {
	if p.b.Len() > maxPrinted {
		return
	}
	flat := p.flat(v)
	if text.Len(flat) <= prettyWidth-indent-allowance || len(p.open) > maxConversion {
		p.b.WriteString(flat)
		return
	}
	switch v.kind {
	case kindList, kindDict:
		if slices.Contains(p.open, v.ref) {
			p.b.WriteString("<Recursion on " + typeName(v) + ">")
			return
		}
		p.open = append(p.open, v.ref)
		defer func() { p.open = p.open[:len(p.open)-1] }()
	}
	switch v.kind {
	case kindList:
		p.items("[", "]", v.ref.(*list).all(), indent, allowance, level+1)
	case kindTuple:
		t := v.ref.(*tuple)
		if t.names != nil {
			p.b.WriteString(flat)
			return
		}
		end := ")"
		if len(t.items) == 1 {
			end = ",)"
		}
		p.items("(", end, t.items, indent, allowance, level+1)
	case kindDict, kindMap:
		p.dict(v, indent, allowance, level+1)
	case kindString:
		p.string(v.text(), indent, allowance, level+1)
	default:
		p.b.WriteString(flat)
	}
}

// flat returns the printed form in one line, with sorted dicts.
func (p *pretty) flat(v value) string {
	printed := printer{sortDicts: true}
	printed.repr(v)
	return printed.b.String()
}

func (p *pretty) newLine(indent int) {
	p.b.WriteString("\n" + strings.Repeat(" ", indent))
}

func (p *pretty) items(open, end string, items []value, indent, allowance, level int) {
	p.b.WriteString(open)
	for i, item := range items {
		if i > 0 {
			p.b.WriteByte(',')
			p.newLine(indent + 1)
		}
		after := 1
		if i == len(items)-1 {
			after = allowance + len(end)
		}
		p.write(item, indent+1, after, level)
	}
	p.b.WriteString(end)
}

func (p *pretty) dict(v value, indent, allowance, level int) {
	entries := sortedEntries(v)
	p.b.WriteString("{")
	for i, e := range entries {
		if i > 0 {
			p.b.WriteByte(',')
			p.newLine(indent + 1)
		}
		key := p.flat(e.key)
		p.b.WriteString(key + ": ")
		after := 1
		if i == len(entries)-1 {
			after = allowance + 1
		}
		p.write(e.val, indent+1+text.Len(key)+2, after, level)
	}
	p.b.WriteString("}")
}

// sortedEntries returns the entries of a dict by their keys. Keys that cannot
// be compared are ordered by their types.
func sortedEntries(v value) []entry {
	var entries []entry
	eachEntry(v, func(key, val value) bool {
		entries = append(entries, entry{key, val})
		return true
	})
	slices.SortStableFunc(entries, func(a, b entry) int {
		less, err := ordered("<", a.key, b.key, 0)
		if err != nil {
			return strings.Compare(typeName(a.key), typeName(b.key))
		}
		if less {
			return -1
		}
		if greater, _ := ordered(">", a.key, b.key, 0); greater {
			return 1
		}
		return 0
	})
	return entries
}

// string writes a long string as several literals that Python would join: one
// for each line, and of long lines one for some words.
func (p *pretty) string(s string, indent, allowance, level int) {
	if level == 1 {
		indent++
		allowance++
	}
	var chunks []string
	lines := text.SplitLines(s, true)
	for i, line := range lines {
		width := prettyWidth - indent
		last := i == len(lines)-1
		if last {
			width -= allowance
		}
		if quoted := reprOf(stringValue(line)); text.Len(quoted) <= width {
			chunks = append(chunks, quoted)
			continue
		}
		chunks = append(chunks, wordChunks(line, prettyWidth-indent, allowance, last)...)
	}
	if len(chunks) == 1 {
		p.b.WriteString(chunks[0])
		return
	}
	if level == 1 {
		p.b.WriteByte('(')
	}
	for i, chunk := range chunks {
		if i > 0 {
			p.newLine(indent)
		}
		p.b.WriteString(chunk)
	}
	if level == 1 {
		p.b.WriteByte(')')
	}
}

// wordChunks returns the literals of a long line.
func wordChunks(line string, width, allowance int, last bool) []string {
	var chunks []string
	current := ""
	words := splitWords(line)
	for i, word := range words {
		if last && i == len(words)-1 {
			width -= allowance
		}
		candidate := current + word
		if text.Len(reprOf(stringValue(candidate))) <= width {
			current = candidate
			continue
		}
		if current != "" {
			chunks = append(chunks, reprOf(stringValue(current)))
		}
		current = word
	}
	if current != "" {
		chunks = append(chunks, reprOf(stringValue(current)))
	}
	return chunks
}

// splitWords cuts a string behind each run of white space.
func splitWords(s string) []string {
	var words []string
	start, inSpace := 0, false
	for i, r := range s {
		space := text.IsSpaceRune(r)
		if inSpace && !space {
			words = append(words, s[start:i])
			start = i
		}
		inSpace = space
	}
	return append(words, s[start:])
}
