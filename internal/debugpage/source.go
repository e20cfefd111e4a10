package debugpage

import (
	"bytes"
	"os"
	"strings"
)

// Line is one line of source code.
type Line struct {
	Number int
	Text   string
	// Fails marks the line that a frame is at.
	Fails bool
}

const (
	linesAround   = 6   // before and after the failing line
	longestSource = 40  // lines of a whole function
	longestLine   = 400 // bytes
	largestFile   = 4 << 20
)

// around returns the lines around a failing one, without the indentation that
// they share; nil if the file is not there.
func around(file string, failing int) []Line {
	return marked(read(file, failing-linesAround, failing+linesAround), failing)
}

func marked(lines []Line, failing int) []Line {
	for i := range lines {
		lines[i].Fails = lines[i].Number == failing
	}
	return dedented(lines)
}

// whole returns the function that begins in a line and ends, as gofmt has it,
// in one with the same indentation.
func whole(file string, first int) []Line {
	lines := read(file, first, first+longestSource-1)
	if len(lines) == 0 {
		return nil
	}
	end := indentation(lines[0].Text) + "}"
	for i, line := range lines[1:] {
		if strings.HasPrefix(line.Text, end) {
			lines = lines[:i+2]
			break
		}
	}
	return dedented(lines)
}

func indentation(text string) string { return text[:len(text)-len(strings.TrimLeft(text, "\t "))] }

func read(file string, first, last int) []Line {
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() || info.Size() > largestFile {
		return nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	return cut(content, first, last)
}

// cut returns some lines of a file.
func cut(content []byte, first, last int) []Line {
	var lines []Line
	number := 0
	for text := range bytes.Lines(content) {
		number++
		if number > last {
			break
		}
		if number >= first {
			lines = append(lines, Line{Number: number, Text: shortened(string(bytes.TrimRight(text, "\r\n")))})
		}
	}
	return lines
}

func shortened(text string) string {
	if len(text) > longestLine {
		return strings.ToValidUTF8(text[:longestLine], "") + " …"
	}
	return text
}

func dedented(lines []Line) []Line {
	for len(lines) > 0 && allBegin(lines, "\t") {
		for i := range lines {
			lines[i].Text = strings.TrimPrefix(lines[i].Text, "\t")
		}
	}
	return lines
}

// allBegin reports whether each line begins so, or is empty; one must not be.
func allBegin(lines []Line, with string) bool {
	some := false
	for _, line := range lines {
		if line.Text != "" && !strings.HasPrefix(line.Text, with) {
			return false
		}
		some = some || line.Text != ""
	}
	return some
}
