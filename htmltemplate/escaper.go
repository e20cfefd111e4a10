package htmltemplate

import (
	"bytes"
	html "html/template"
	"io"
	"strconv"
	"strings"
	"sync"
	"text/template/parse"
)

// escaper is how html/template escapes the text of a page, outside of tags. The
// package does not export its functions, so its own templates are asked.
type escaper struct {
	function string // the name that the function has in escaped templates
	template *html.Template
	replacer *strings.Replacer // for strings
}

var textEscaper = sync.OnceValue(func() *escaper {
	e := &escaper{template: html.Must(html.New("").Parse("{{.}}"))}
	var pairs []string
	for char := range rune(0x80) {
		text := string(char)
		if escaped, err := e.run(text); err == nil && escaped != text {
			pairs = append(pairs, text, escaped)
		}
	}
	e.replacer = strings.NewReplacer(pairs...)
	if action, ok := firstOf(e.template.Tree.Root).(*parse.ActionNode); ok {
		e.function = functionOf(lastOf(action.Pipe))
	}
	return e
})

// run escapes a value of any type.
func (e *escaper) run(value any) (string, error) {
	var out bytes.Buffer
	err := e.template.Execute(&out, value)
	return out.String(), err
}

func functionOf(command *parse.CommandNode) string {
	if identifier, ok := command.Args[0].(*parse.IdentifierNode); ok && len(command.Args) == 1 {
		return identifier.Ident
	}
	return ""
}

func lastOf(pipe *parse.PipeNode) *parse.CommandNode { return pipe.Cmds[len(pipe.Cmds)-1] }

// escapeFunction is the name of run.escape in templates.
const escapeFunction = "_escape"

// escape is output and html/template's escaping of text in one function, because a
// template takes its time to call one.
func (r *run) escape(value any) (string, error) {
	switch value := value.(type) {
	case nil:
		return "", nil
	case string:
		return textEscaper().replacer.Replace(value), nil
	case int:
		return strconv.Itoa(value), nil
	}
	if safe := r.page.config.Safe; safe != nil {
		if markup, ok := safe(value); ok {
			return markup, nil
		}
	}
	if isPrintedAsItIs(value) {
		return textEscaper().run(value)
	}
	return textEscaper().replacer.Replace(printed{value, r}.String()), nil
}

// escapeAhead has html/template escape a template and those that it uses, which it
// would do when the first page is rendered, and calls escape where it would call
// output and the escaper of text. Nothing of the template runs. The error of a
// template that cannot be escaped comes when it is rendered.
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
			commands := node.Pipe.Cmds
			if last := len(commands) - 1; last > 0 && functionOf(commands[last-1]) == outputFunction && isTextEscaper(commands[last]) {
				node.Pipe.Cmds = append(commands[:last-1], callOf(escapeFunction, node.Pos))
			}
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

func isTextEscaper(command *parse.CommandNode) bool {
	function := functionOf(command)
	return function != "" && function == textEscaper().function
}
