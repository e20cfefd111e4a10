package htmltemplate

import (
	"bytes"
	html "html/template"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template/parse"
	"unicode/utf8"
)

// escaper is how html/template escapes values in one kind of place. The package does
// not export its functions, so a template of its own is asked.
type escaper struct {
	name          string   // of run.escape for this place, in templates
	functions     []string // that html/template calls here
	template      *html.Template
	before, after string              // what the template prints around a value
	isPlain       [utf8.RuneSelf]bool // characters that stay as they are in every string of such characters
	// replacer is for strings. It is nil where the characters beside one another, or
	// beyond ASCII, matter.
	replacer *strings.Replacer
}

// escapers are those of the usual places. Scripts and styles are left to
// html/template.
var escapers = sync.OnceValue(func() []*escaper {
	return []*escaper{
		newEscaper("_escape_text", "", "").withReplacer(),
		newEscaper("_escape_attribute", `<a title="`, `">`).withReplacer(),
		newEscaper("_escape_url", `<a href="`, `">`),
		newEscaper("_escape_path", `<a href="/`, `">`),
		newEscaper("_escape_query", `<a href="/?a=`, `">`),
	}
})

func newEscaper(name, before, after string) *escaper {
	e := &escaper{name: name, before: before, after: after}
	e.template = html.Must(html.New("").Parse(before + "{{.}}" + after))
	e.run("") // which makes html/template look at the template
	for _, node := range e.template.Tree.Root.Nodes {
		if action, ok := node.(*parse.ActionNode); ok {
			e.functions = functionsOf(action.Pipe.Cmds[1:])
		}
	}
	for char := range e.isPlain { // between letters, because "a:" is a scheme and ":" is not
		text := "a" + string(rune(char)) + "a"
		escaped, err := e.run(text)
		e.isPlain[char] = err == nil && escaped == text
	}
	return e
}

func (e *escaper) withReplacer() *escaper {
	var pairs []string
	for char, isPlain := range e.isPlain {
		if isPlain {
			continue
		}
		text := string(rune(char))
		if escaped, err := e.run(text); err == nil && escaped != text {
			pairs = append(pairs, text, escaped)
		}
	}
	e.replacer = strings.NewReplacer(pairs...)
	return e
}

// run escapes a value of any type.
func (e *escaper) run(value any) (string, error) {
	var out bytes.Buffer
	err := e.template.Execute(&out, value)
	return strings.TrimSuffix(strings.TrimPrefix(out.String(), e.before), e.after), err
}

// functionOf returns the name of the function that a command calls with nothing but
// the value before it, or "" if the command does anything else.
func functionOf(command *parse.CommandNode) string {
	if identifier, ok := command.Args[0].(*parse.IdentifierNode); ok && len(command.Args) == 1 {
		return identifier.Ident
	}
	return ""
}

func functionsOf(commands []*parse.CommandNode) []string {
	var names []string
	for _, command := range commands {
		names = append(names, functionOf(command))
	}
	return names
}

// escape is output and html/template's escaping in one function, because a template
// takes its time to call one.
func (r *run) escape(e *escaper, value any) (string, error) {
	switch value := value.(type) {
	case int:
		return strconv.Itoa(value), nil
	case string:
		if e.replacer != nil {
			return e.replacer.Replace(value), nil
		}
		if e.keeps(value) {
			return value, nil
		}
	}
	printing := r.output(value)
	if text, ok := printing.(printed); ok && e.replacer != nil {
		return e.replacer.Replace(text.String()), nil
	}
	if markup, ok := printing.(html.HTML); ok && e.before == "" {
		return string(markup), nil
	}
	return e.run(printing)
}

// keeps reports whether a string stays as it is because all its characters are plain.
func (e *escaper) keeps(text string) bool {
	for i := range len(text) {
		if b := text[i]; b >= utf8.RuneSelf || !e.isPlain[b] {
			return false
		}
	}
	return true
}

// escapeAhead has html/template escape a template and those that it uses, which it
// would do when the first page is rendered, and calls escape where it would call
// output and its own functions. Nothing of the template runs. The error of a template
// that cannot be escaped comes when it is rendered.
func escapeAhead(t *html.Template, name string) {
	const unused = "\x00unused"
	html.Must(t.New(unused).Parse("{{if false}}{{template " + strconv.Quote(name) + " .}}{{end}}"))
	if t.ExecuteTemplate(io.Discard, unused, nil) != nil {
		return
	}
	for _, part := range t.Templates() {
		if part.Tree != nil {
			joinEscape(part.Tree.Root)
		}
	}
}

// joinEscape calls escape in the actions of a list.
func joinEscape(list *parse.ListNode) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.ActionNode:
			joinEscapeOf(node)
		case *parse.IfNode:
			joinEscape(node.List)
			joinEscape(node.ElseList)
		case *parse.RangeNode:
			joinEscape(node.List)
			joinEscape(node.ElseList)
		case *parse.WithNode:
			joinEscape(node.List)
			joinEscape(node.ElseList)
		}
	}
}

func joinEscapeOf(action *parse.ActionNode) {
	commands := action.Pipe.Cmds
	output := slices.IndexFunc(commands, func(command *parse.CommandNode) bool { return functionOf(command) == outputFunction })
	if output < 0 {
		return
	}
	escaping := functionsOf(commands[output+1:])
	for _, e := range escapers() {
		if slices.Equal(escaping, e.functions) {
			action.Pipe.Cmds = append(commands[:output], callOf(e.name, action.Pos))
			return
		}
	}
}
