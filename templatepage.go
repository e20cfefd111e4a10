package decant

import (
	"cmp"
	"errors"
	"fmt"
	html "html/template"
	"io/fs"
	"slices"
	"sync"
	text "text/template"
	"text/template/parse"
)

// templatePage is a template together with those that it names, and that they
// name: paths of files, or what one of these files defines. Of two definitions
// of a name the first wins, in this order: the page itself, then the files as
// they are named. So a page replaces blocks of its layout.
type templatePage struct {
	*htmlEngine
	name    string
	escapes bool
	trees   map[string]*parse.Tree // escaping changes trees, so these are for copies
	uses    []templateUse
	runs    sync.Pool // of *templateRun
}

// templateUse is a {{template}} or {{block}}.
type templateUse struct{ name, place string }

func (e *htmlEngine) newPage(name, source string, escapes bool) (*templatePage, error) {
	p := &templatePage{htmlEngine: e, name: name, escapes: escapes, trees: map[string]*parse.Tree{}}
	if err := p.add(name, source); err != nil {
		return nil, err
	}
	for i := 0; i < len(p.uses); i++ { // files use more
		if err := p.find(p.uses[i]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	for _, use := range p.uses { // what was no file, another file has defined
		if err := p.find(use); err != nil {
			return nil, fmt.Errorf("%s: %w", use.place, err)
		}
	}
	return p, nil
}

// find adds the file that is used, unless the name is defined.
func (p *templatePage) find(use templateUse) error {
	if p.trees[use.name] != nil {
		return nil
	}
	if !p.escapes && p.Autoescape(use.name) {
		return fmt.Errorf("%s: %q would not be escaped in %q; give both the same ending", use.place, use.name, p.name)
	}
	source, err := fs.ReadFile(p.FS, use.name)
	if err != nil {
		return err
	}
	return p.add(use.name, string(source))
}

// add takes what a file defines, unless it is defined already.
func (p *templatePage) add(name, source string) error {
	file, err := text.New(name).Funcs(p.functions).Parse(source)
	if err != nil {
		return err
	}
	parts := file.Templates()
	slices.SortFunc(parts, func(a, b *text.Template) int { return cmp.Compare(a.Root.Pos, b.Root.Pos) })
	for _, part := range parts {
		if p.trees[part.Name()] == nil {
			p.trees[part.Name()] = part.Tree
			p.visit(part.Tree, part.Root)
		}
	}
	return nil
}

// visit notes which templates are used, and hands what is printed to output.
func (p *templatePage) visit(tree *parse.Tree, node parse.Node) {
	switch node := node.(type) {
	case *parse.ListNode:
		for i := 0; node != nil && i < len(node.Nodes); i++ {
			p.visit(tree, node.Nodes[i])
		}
	case *parse.TemplateNode:
		place, _ := tree.ErrorContext(node)
		p.uses = append(p.uses, templateUse{node.Name, place})
		throughEnter(node)
	case *parse.ActionNode:
		throughOutput(node.Pipe)
	case *parse.IfNode:
		p.visitBranch(tree, &node.BranchNode)
	case *parse.RangeNode:
		p.visitBranch(tree, &node.BranchNode)
	case *parse.WithNode:
		p.visitBranch(tree, &node.BranchNode)
	}
}

func (p *templatePage) visitBranch(tree *parse.Tree, branch *parse.BranchNode) {
	p.visit(tree, branch.List)
	p.visit(tree, branch.ElseList)
}

// outputFunction is the name of output in templates.
const outputFunction = "_output"

// throughOutput makes output the last function of what is printed, unless that
// is an escaper, behind which html/template allows nothing.
func throughOutput(pipe *parse.PipeNode) {
	last, _ := pipe.Cmds[len(pipe.Cmds)-1].Args[0].(*parse.IdentifierNode)
	if len(pipe.Decl) > 0 || last != nil && (last.Ident == "html" || last.Ident == "urlquery") {
		return
	}
	pipe.Cmds = append(pipe.Cmds, callOf(outputFunction, pipe.Pos))
}

func callOf(function string, at parse.Pos, arguments ...parse.Node) *parse.CommandNode {
	args := append([]parse.Node{parse.NewIdentifier(function).SetPos(at)}, arguments...)
	return &parse.CommandNode{NodeType: parse.NodeCommand, Pos: at, Args: args}
}

// enterFunction is the name of templateRun.enter in templates.
const enterFunction = "_enter"

// throughEnter makes enter the last function of what a template is given.
func throughEnter(use *parse.TemplateNode) {
	if use.Pipe == nil {
		nothing := &parse.NilNode{NodeType: parse.NodeNil, Pos: use.Pos}
		use.Pipe = &parse.PipeNode{NodeType: parse.NodePipe, Pos: use.Pos, Line: use.Line, Cmds: []*parse.CommandNode{callOf(enterFunction, use.Pos, nothing)}}
		return
	}
	use.Pipe.Cmds = append(use.Pipe.Cmds, callOf(enterFunction, use.Pipe.Pos))
}

// output prints nothing for what is missing, and makes markup what
// html/template takes for safe.
func output(value any) any {
	if value == nil {
		return ""
	}
	if markup, ok := safeHTML(value); ok {
		return html.HTML(markup)
	}
	return value
}
