package tests

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// pageLink is a link of a page that stays in the repository.
var pageLink = regexp.MustCompile(`\]\(([^):\s]+)\)`)

// TestDocsLinks follows the links from page to page, to files, and to headings.
func TestDocsLinks(t *testing.T) {
	t.Parallel()
	for _, page := range slices.Concat(pages(t), []string{"CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"}) {
		for _, fault := range brokenLinks(t, page, read(t, page)) {
			t.Error(fault)
		}
	}
}

// TestDocsLinksNoticesMistakes keeps the test above honest.
func TestDocsLinksNoticesMistakes(t *testing.T) {
	t.Parallel()
	for link, isBroken := range map[string]bool{
		"sessions.md":                    false,
		"sessions.md#the-secret-key":     false,
		"#some-title":                    false,
		"../README.md":                   false,
		"session.md":                     true,
		"sessions.md#the-secret-keys":    true,
		"#another-title":                 true,
		"../_examples/nothing/README.md": true,
	} {
		faults := brokenLinks(t, "docs/page.md", "# Some `title`\n\n```sh\n# another title\n```\n\n[link]("+link+")\n")
		if isBroken != (len(faults) > 0) {
			t.Errorf("the link %s is said to have the faults %q", link, faults)
		}
	}
}

// brokenLinks describes the links of a page that lead nowhere.
func brokenLinks(t *testing.T, page, text string) (faults []string) {
	t.Helper()
	for _, match := range pageLink.FindAllStringSubmatch(codeSpan.ReplaceAllString(withoutFences(text), ""), -1) {
		file, anchor, hasAnchor := strings.Cut(match[1], "#")
		target, content := page, text
		if file != "" {
			target = filepath.Join(filepath.Dir(page), file)
			if _, err := os.Stat(filepath.Join(house, target)); err != nil {
				faults = append(faults, page+" links to "+match[1]+", and there is no such file")
				continue
			}
		}
		if !hasAnchor || filepath.Ext(target) != ".md" {
			continue
		}
		if file != "" {
			content = read(t, target)
		}
		if !slices.Contains(anchors(content), anchor) {
			faults = append(faults, page+" links to "+match[1]+", and there is no such heading")
		}
	}
	return faults
}

// anchors are the names of a page's headings in links, as the usual viewers make
// them.
func anchors(text string) (names []string) {
	for _, line := range strings.Split(withoutFences(text), "\n") {
		if title := strings.TrimLeft(line, "#"); title != line && strings.HasPrefix(title, " ") {
			names = append(names, anchorOf(strings.TrimSpace(title)))
		}
	}
	return names
}

func anchorOf(title string) string {
	return strings.Map(func(letter rune) rune {
		switch {
		case letter == ' ':
			return '-'
		case letter == '-', letter == '_', unicode.IsLetter(letter), unicode.IsDigit(letter):
			return unicode.ToLower(letter)
		}
		return -1
	}, title)
}

func withoutFences(text string) string {
	var kept strings.Builder
	isInside := false
	for _, line := range strings.SplitAfter(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			isInside = !isInside
			continue
		}
		if !isInside {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// TestFlasksPagesAreAllThere counts the rows of the table of Flask's pages.
func TestFlasksPagesAreAllThere(t *testing.T) {
	t.Parallel()
	answers := map[string]string{}
	for _, line := range strings.Split(read(t, "docs/flask-pages.md"), "\n") {
		if cells := strings.Split(strings.Trim(line, "| "), " | "); strings.HasPrefix(line, "| ") && len(cells) == 2 {
			answers[cells[0]] = cells[1]
		}
	}
	delete(answers, "Flask's page")
	if len(answers) != 73 {
		t.Errorf("docs/flask-pages.md answers %d pages of Flask's 73", len(answers))
	}
}

// TestTheContentsListAllPages keeps docs/README.md complete.
func TestTheContentsListAllPages(t *testing.T) {
	t.Parallel()
	contents := read(t, "docs/README.md")
	for _, page := range pages(t) {
		if name, isDoc := strings.CutPrefix(page, "docs/"); isDoc && name != "README.md" && !strings.HasPrefix(name, "tutorial/") && !strings.Contains(contents, "]("+name+")") {
			t.Errorf("docs/README.md does not list %s", name)
		}
	}
}

// TestTheTutorialShowsFlaskr looks for the code of the tutorial in the example,
// whose tests compile and run it.
func TestTheTutorialShowsFlaskr(t *testing.T) {
	t.Parallel()
	var files []string
	err := fs.WalkDir(os.DirFS(house), "_examples/flaskr", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			files = append(files, read(t, name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, page := range pages(t) {
		if !strings.HasPrefix(page, "docs/tutorial/") {
			continue
		}
		for _, block := range fences(page, read(t, page)) {
			if block.language == "text" || block.language == "json" {
				continue
			}
			count++
			if !slices.ContainsFunc(files, func(file string) bool { return strings.Contains(file, block.text) }) {
				t.Errorf("%s:%d shows code that _examples/flaskr does not have; copy it from there", page, block.line)
			}
		}
	}
	if count < 20 {
		t.Errorf("the tutorial shows only %d pieces", count)
	}
}
