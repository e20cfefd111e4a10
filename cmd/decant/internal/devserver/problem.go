package devserver

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// problem keeps a program from being shown.
type problem struct {
	Title    string
	Advice   string
	Mistakes []mistake
	Output   string // of the go command or the program
}

// mistake is a place in the source of which the compiler complains.
type mistake struct {
	File    string
	Line    int
	Column  int
	Message string
	Source  []sourceLine
}

type sourceLine struct {
	Number int
	Text   string
	Wrong  bool
}

const (
	maxMistakes = 20
	sourceLines = 4 // before and after the wrong one
	maxOutput   = 64 << 10
)

var mistakePattern = regexp.MustCompile(`^(.+\.[A-Za-z0-9]+):([0-9]+)(?::([0-9]+))?: (.*)$`)

// readMistakes finds places in the output of go build, which names files from
// the folder in which it runs.
func readMistakes(dir, output string) (mistakes []mistake) {
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\r\n")
		if len(mistakes) > 0 && strings.HasPrefix(line, "\t") {
			mistakes[len(mistakes)-1].Message += "\n" + strings.TrimSpace(line)
			continue
		}
		found := mistakePattern.FindStringSubmatch(line)
		if found == nil || len(mistakes) == maxMistakes {
			continue
		}
		number, err := strconv.Atoi(found[2])
		if err != nil {
			continue
		}
		column, _ := strconv.Atoi(found[3]) // zero where there is none
		file := strings.TrimPrefix(found[1], "vet: ")
		mistakes = append(mistakes, mistake{
			File: filepath.Clean(file), Line: number, Column: column, Message: found[4],
			Source: readSource(dir, file, number),
		})
	}
	return mistakes
}

// readSource returns the lines around one line of a file, or none where the
// file cannot be read.
func readSource(dir, file string, number int) (lines []sourceLine) {
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	source, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer source.Close()
	scanner := bufio.NewScanner(source)
	for i := 1; i <= number+sourceLines && scanner.Scan(); i++ {
		if i >= number-sourceLines {
			lines = append(lines, sourceLine{i, scanner.Text(), i == number})
		}
	}
	return lines
}

// tail keeps the end of what is written to it.
type tail struct{ data []byte }

func (t *tail) Write(data []byte) (int, error) {
	t.data = append(t.data, data...)
	if excess := len(t.data) - maxOutput; excess > 0 {
		t.data = append(t.data[:0], t.data[excess:]...)
	}
	return len(data), nil
}
