package main

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"path"
	"regexp"
	"strings"
	"unicode"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

var menuLink = regexp.MustCompile(`\[([^\]]+)\]\(([\w/.-]+\.(?:md|go))\)`)

func escape(text string) string { return html.EscapeString(text) }

// newMarkdown makes the reader of pages. Code is coloured, and names in it lead to
// the pages of the packages.
func (s *site) newMarkdown() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(extension.Table),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(code{s}, 100))),
	)
}

// addMarkdown makes a page of a file.
func (s *site) addMarkdown(name string, source []byte) error {
	document := s.markdown.Parser().Parse(text.NewReader(source), parser.WithContext(parser.NewContext(parser.WithIDs(&ids{}))))
	address := addressOf(name)
	document.SetAttributeString("address", address)
	if err := s.resolveLinks(document, name); err != nil {
		return err
	}
	title := s.addToIndex(document, source, address)
	var body bytes.Buffer
	if err := s.markdown.Renderer().Render(&body, source, document); err != nil {
		return err
	}
	return s.addPage(address, title, body.String())
}

// resolveLinks turns links to files of the repository into those to their pages.
func (s *site) resolveLinks(document ast.Node, name string) error {
	return ast.Walk(document, func(node ast.Node, isEntering bool) (ast.WalkStatus, error) {
		var destination *[]byte
		switch node := node.(type) {
		case *ast.Link:
			destination = &node.Destination
		case *ast.Image:
			destination = &node.Destination
		}
		if destination == nil || !isEntering || isOutside(string(*destination)) {
			return ast.WalkContinue, nil
		}
		file, anchor, hasAnchor := strings.Cut(string(*destination), "#")
		target, err := s.need(path.Join(path.Dir(name), file))
		if err != nil {
			return ast.WalkStop, err
		}
		if hasAnchor {
			target += "#" + anchor
		}
		*destination = []byte(up(addressOf(name)) + target)
		return ast.WalkContinue, nil
	})
}

func isOutside(destination string) bool {
	return strings.HasPrefix(destination, "#") || strings.Contains(destination, ":")
}

// addToIndex adds the sections of a page to the search, and returns its title.
func (s *site) addToIndex(document ast.Node, source []byte, address string) (title string) {
	var section entry
	flush := func() {
		if section.Title != "" {
			section.Text = strings.Join(strings.Fields(section.Text), " ")
			s.index = append(s.index, section)
		}
	}
	for node := document.FirstChild(); node != nil; node = node.NextSibling() {
		heading, isHeading := node.(*ast.Heading)
		if !isHeading {
			section.Text += " " + plain(node, source)
			continue
		}
		flush()
		id, _ := heading.AttributeString("id")
		url := address
		if heading.Level > 1 {
			url += fmt.Sprintf("#%s", id)
		}
		section = entry{Title: plain(heading, source), Page: title, URL: url}
		if title == "" {
			title = section.Title
		}
	}
	flush()
	return title
}

// plain is the text of a node without its markup.
func plain(node ast.Node, source []byte) string {
	var words strings.Builder
	ast.Walk(node, func(node ast.Node, isEntering bool) (ast.WalkStatus, error) {
		switch node := node.(type) {
		case *ast.Text:
			if isEntering {
				words.Write(node.Segment.Value(source))
				if node.SoftLineBreak() {
					words.WriteByte(' ')
				}
			}
		case *ast.FencedCodeBlock:
			if isEntering {
				words.Write(node.Lines().Value(source))
			}
		default:
			if !isEntering && node.Type() == ast.TypeBlock {
				words.WriteByte(' ')
			}
		}
		return ast.WalkContinue, nil
	})
	return words.String()
}

// ids names headings as the usual viewers do, so that links work in both.
type ids struct{ used map[string]int }

func (i *ids) Generate(value []byte, _ ast.NodeKind) []byte {
	id := strings.Map(func(letter rune) rune {
		switch {
		case letter == ' ':
			return '-'
		case letter == '-', letter == '_', unicode.IsLetter(letter), unicode.IsDigit(letter):
			return unicode.ToLower(letter)
		}
		return -1
	}, string(value))
	if i.used == nil {
		i.used = map[string]int{}
	}
	i.used[id]++
	if again := i.used[id] - 1; again > 0 {
		id = fmt.Sprintf("%s-%d", id, again)
	}
	return []byte(id)
}

func (i *ids) Put([]byte) {}

// code renders code in lines and in blocks.
type code struct{ site *site }

func (r code) RegisterFuncs(to renderer.NodeRendererFuncRegisterer) {
	to.Register(ast.KindCodeSpan, r.span)
	to.Register(ast.KindFencedCodeBlock, r.block)
}

// span renders `code`. It is a link if it begins with a name of a package.
func (r code) span(w util.BufWriter, source []byte, node ast.Node, isEntering bool) (ast.WalkStatus, error) {
	if !isEntering {
		return ast.WalkContinue, nil
	}
	code := ""
	for child := node.FirstChild(); child != nil; child = child.NextSibling() {
		if part, ok := child.(*ast.Text); ok {
			code += string(part.Segment.Value(source))
		}
	}
	address := pageOf(node)
	_, isLink := node.Parent().(*ast.Link)
	w.WriteString("<code>")
	if isLink {
		w.WriteString(escape(code))
	} else {
		r.site.writeLinked(w, code, address)
	}
	w.WriteString("</code>")
	return ast.WalkSkipChildren, nil
}

// pageOf is the address of the page that a node belongs to.
func pageOf(node ast.Node) string {
	for node.Parent() != nil {
		node = node.Parent()
	}
	address, _ := node.AttributeString("address")
	return address.(string)
}

func (r code) block(w util.BufWriter, source []byte, node ast.Node, isEntering bool) (ast.WalkStatus, error) {
	if isEntering {
		block := node.(*ast.FencedCodeBlock)
		r.site.highlight(w, string(block.Language(source)), string(block.Lines().Value(source)), pageOf(node), "")
	}
	return ast.WalkSkipChildren, nil
}

// chains are names with dots between them, such as c.Session.Get.
var chains = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*`)

// writeLinked writes a piece of code in a line, with links for the names that the
// packages have.
func (s *site) writeLinked(w io.Writer, code, address string) {
	end := 0
	for _, at := range chains.FindAllStringIndex(code, -1) {
		chain := code[at[0]:at[1]]
		isAlone := at[0] == 0 && !strings.ContainsAny(code[:at[1]], `"'`)
		url := s.api.find(chain, "")
		if url == "" && isAlone {
			url = s.api.findAlone(chain)
		}
		if url == "" {
			continue
		}
		fmt.Fprintf(w, `%s<a href="%s">%s</a>`, escape(code[end:at[0]]), up(address)+url, escape(chain))
		end = at[1]
	}
	io.WriteString(w, escape(code[end:]))
}

// highlight writes a block of code in colours, with links for the names of the
// packages. Names without a package belong to the package that is given, if any.
func (s *site) highlight(w io.Writer, language, code, address, home string) {
	if language == "golang" {
		language = "go"
	}
	lexer := lexers.Get(language)
	if lexer == nil {
		lexer = lexers.Fallback
	}
	iterator, err := lexer.Tokenise(nil, code)
	if err != nil {
		fmt.Fprintf(w, "<pre><code>%s</code></pre>\n", escape(code))
		return
	}
	tokens := iterator.Tokens()
	fmt.Fprintf(w, "<pre tabindex=\"0\"><code class=\"language-%s\">", escape(language))
	for i, token := range tokens {
		piece := escape(token.Value)
		if class := chroma.StandardTypes[token.Type]; class != "" {
			piece = fmt.Sprintf(`<span class="%s">%s</span>`, class, piece)
		}
		if language == "go" && isName(token) {
			if url := s.api.find(chainBefore(tokens, i), home); url != "" {
				piece = fmt.Sprintf(`<a href="%s">%s</a>`, up(address)+url, piece)
			}
		}
		io.WriteString(w, piece)
	}
	io.WriteString(w, "</code></pre>\n")
}

func isName(token chroma.Token) bool {
	return token.Type.InCategory(chroma.Name) && token.Value != "" && unicode.IsUpper(rune(token.Value[0]))
}

// chainBefore is the name at an index with what stands before it, such as
// app.Config.Set.
func chainBefore(tokens []chroma.Token, i int) string {
	chain := tokens[i].Value
	for i >= 2 && tokens[i-1].Value == "." && tokens[i-2].Type.InCategory(chroma.Name) {
		i -= 2
		chain = tokens[i].Value + "." + chain
	}
	if i >= 1 && strings.HasSuffix(tokens[i-1].Value, ".") && tokens[i-1].Value != "..." {
		return "." + chain
	}
	return chain
}
