package main

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/decant-go/decant/jinja"
	"github.com/yuin/goldmark"
)

//go:embed assets
var assets embed.FS

// site is a site that is being made of a repository.
type site struct {
	root     fs.FS
	api      *api
	markdown goldmark.Markdown
	layout   *jinja.Engine

	waiting []string          // files of the repository that become pages
	known   map[string]bool   // those that are waiting or are pages already
	files   map[string][]byte // the result, by address
	index   []entry           // for the search
	menu    []chapter
}

// entry is what the search finds: a section of a page, or a name of a package.
type entry struct {
	Title string `json:"t"`
	Page  string `json:"p"`
	URL   string `json:"u"`
	Text  string `json:"x"`
}

// build makes the site of a repository: its files by their addresses.
func build(root string) (map[string][]byte, error) {
	s := &site{root: os.DirFS(root), known: map[string]bool{}, files: map[string][]byte{}}
	var err error
	if s.api, err = readPackages(s.root); err != nil {
		return nil, err
	}
	if s.layout, err = jinja.New(jinja.EngineConfig{FS: sub(assets, "assets")}); err != nil {
		return nil, err
	}
	if s.menu, err = s.readMenu(); err != nil {
		return nil, err
	}
	s.markdown = s.newMarkdown()
	if err := s.addPages(); err != nil {
		return nil, err
	}
	if err := s.addPackages(); err != nil {
		return nil, err
	}
	return s.files, s.addAssets()
}

// sub is a folder of an embedded file system, which is there.
func sub(fsys fs.FS, name string) fs.FS {
	folder, err := fs.Sub(fsys, name)
	if err != nil {
		panic(err)
	}
	return folder
}

// addPages adds all pages of docs, and what they link to in the repository.
func (s *site) addPages() error {
	for _, pattern := range []string{"docs/*.md", "docs/*/*.md"} {
		names, err := fs.Glob(s.root, pattern)
		if err != nil {
			return err
		}
		for _, name := range names {
			s.need(name)
		}
	}
	for len(s.waiting) > 0 {
		name := s.waiting[0]
		s.waiting = s.waiting[1:]
		if err := s.addFile(name); err != nil {
			return fmt.Errorf("docs: %s: %w", name, err)
		}
	}
	return nil
}

// need makes sure that a file of the repository is part of the site, and returns
// its address. A folder stands for its README.md.
func (s *site) need(name string) (address string, err error) {
	if info, err := fs.Stat(s.root, name); err != nil {
		return "", err
	} else if info.IsDir() {
		name += "/README.md"
	}
	if !s.known[name] {
		s.known[name] = true
		s.waiting = append(s.waiting, name)
	}
	return addressOf(name), nil
}

// addressOf is where a file of the repository lies on the site.
func addressOf(name string) string {
	inDocs, isDoc := strings.CutPrefix(name, "docs/")
	page, isPage := strings.CutSuffix(inDocs, ".md")
	switch {
	case name == "docs/README.md":
		return "index.html"
	case isDoc && isPage:
		return page + ".html"
	case isDoc:
		return inDocs
	case isPage:
		return "project/" + page + ".html"
	}
	return "project/" + name + ".html"
}

func (s *site) addFile(name string) error {
	text, err := fs.ReadFile(s.root, name)
	if err != nil {
		return err
	}
	address := addressOf(name)
	switch {
	case path.Ext(name) == ".md":
		return s.addMarkdown(name, text)
	case path.Ext(address) != ".html":
		s.files[address] = text
		return nil
	}
	var body bytes.Buffer
	fmt.Fprintf(&body, "<h1>%s</h1>\n", escape(name))
	s.highlight(&body, languageOf(name), string(text), address, "")
	return s.addPage(address, name, body.String())
}

// languageOf tells the language of a source file from its ending.
func languageOf(name string) string {
	switch path.Ext(name) {
	case ".go":
		return "go"
	case ".py":
		return "python"
	}
	return "text"
}

// addPage puts a body into the layout.
func (s *site) addPage(address, title, body string) error {
	var page bytes.Buffer
	err := s.layout.Render(context.Background(), &page, "layout.html", jinja.Vars{
		"title":   title,
		"body":    jinja.Markup(body),
		"up":      up(address),
		"address": address,
		"menu":    s.menu,
		"api":     s.api.packages,
	})
	s.files[address] = page.Bytes()
	return err
}

// up is the way from a page to the root of the site.
func up(address string) string { return strings.Repeat("../", strings.Count(address, "/")) }

// addAssets adds the style, the script and the index of the search.
func (s *site) addAssets() error {
	slices.SortStableFunc(s.index, func(a, b entry) int { return strings.Compare(a.URL, b.URL) })
	index, err := json.Marshal(s.index)
	if err != nil {
		return err
	}
	s.files["search-index.js"] = slices.Concat([]byte("const entries = "), index, []byte("\n"))
	for _, name := range []string{"style.css", "search.js"} {
		if s.files[name], err = assets.ReadFile("assets/" + name); err != nil {
			return err
		}
	}
	return nil
}

// chapter is a heading of the menu with its pages.
type chapter struct {
	Title string
	Pages []link
}

type link struct{ Title, URL string }

// readMenu reads the menu from docs/README.md: its headings and its links.
func (s *site) readMenu() (menu []chapter, err error) {
	text, err := fs.ReadFile(s.root, "docs/README.md")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		if title, isHeading := strings.CutPrefix(line, "## "); isHeading {
			menu = append(menu, chapter{Title: strings.TrimSpace(title)})
		}
		for _, match := range menuLink.FindAllStringSubmatch(line, -1) {
			if len(menu) > 0 {
				last := &menu[len(menu)-1]
				last.Pages = append(last.Pages, link{match[1], addressOf(path.Join("docs", match[2]))})
			}
		}
	}
	return menu, nil
}
