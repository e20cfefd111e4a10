package htmltemplate

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	html "html/template"
	"io/fs"
	"slices"
	"strconv"
	"sync"
	text "text/template"
	"text/template/parse"
)

// page is a template together with all templates that it uses, directly or
// through others: files, and what these files define.
//
// If a name is defined twice, the first definition counts: the page's own, then
// those of the files in the order of their use. This is how a page replaces the
// blocks of its layout.
type page struct {
	*engine
	name    string
	escapes bool
	trees   map[string]*parse.Tree // runs get copies, because escaping changes trees
	uses    []use
	runs    sync.Pool // of *run
}

// use is a {{template}} or {{block}}.
type use struct{ name, place string }

func (e *engine) newPage(name, source string, escapes bool) (*page, error) {
	p := &page{engine: e, name: name, escapes: escapes, trees: map[string]*parse.Tree{}}
	if err := p.add(name, source); err != nil {
		return nil, err
	}
	for i := 0; i < len(p.uses); i++ { // each file may add uses
		if err := p.find(p.uses[i]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	for _, use := range p.uses { // a later file may have defined the name
		if err := p.find(use); err != nil {
			return nil, fmt.Errorf("%s: %w", use.place, err)
		}
	}
	return p, nil
}

// find adds the file of a name that is not defined yet.
func (p *page) find(use use) error {
	if p.trees[use.name] != nil {
		return nil
	}
	if !p.escapes && p.Escapes(use.name) {
		return fmt.Errorf("%s: %q would not be escaped in %q; give both the same ending", use.place, use.name, p.name)
	}
	source, err := fs.ReadFile(p.config.FS, use.name)
	if err != nil {
		return err
	}
	return p.add(use.name, string(source))
}

// add parses a file and keeps the definitions that are new.
func (p *page) add(name, source string) error {
	file, err := text.New(name).Funcs(p.functions).Parse(source)
	if err != nil {
		return err
	}
	parts := file.Templates()
	slices.SortFunc(parts, func(a, b *text.Template) int { return cmp.Compare(a.Root.Pos, b.Root.Pos) })
	for _, part := range parts {
		if p.trees[part.Name()] == nil {
			p.trees[part.Name()] = part.Tree
			keepDeclaration(part.Root)
			p.visit(part.Tree, part.Root)
		}
	}
	return nil
}

// visit notes which templates a tree uses. It also adds the calls of output and
// enter to the tree.
func (p *page) visit(tree *parse.Tree, node parse.Node) {
	switch node := node.(type) {
	case *parse.ListNode:
		for i := 0; node != nil && i < len(node.Nodes); i++ {
			p.visit(tree, node.Nodes[i])
		}
	case *parse.TemplateNode:
		place, _ := tree.ErrorContext(node)
		p.uses = append(p.uses, use{node.Name, place})
		callEnter(node)
	case *parse.ActionNode:
		callOutput(node.Pipe)
	case *parse.IfNode:
		p.visitBranch(tree, &node.BranchNode)
	case *parse.RangeNode:
		p.visitBranch(tree, &node.BranchNode)
	case *parse.WithNode:
		p.visitBranch(tree, &node.BranchNode)
	}
}

func (p *page) visitBranch(tree *parse.Tree, branch *parse.BranchNode) {
	p.visit(tree, branch.List)
	p.visit(tree, branch.ElseList)
}

// outputFunction is the name of run.output in templates.
const outputFunction = "_output"

// callOutput makes output the last function of a printed value. It leaves a
// value alone whose last function is an escaper, because html/template allows
// nothing behind an escaper.
func callOutput(pipe *parse.PipeNode) {
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

// declarationFunction is the name of declaration in templates.
const declarationFunction = "_declaration"

// declaration prints an XML declaration. html/template would escape its first "<".
func declaration(text string) html.HTML { return html.HTML(text) }

// keepDeclaration makes an XML declaration at the beginning of a template a value
// that is printed as it is.
func keepDeclaration(root *parse.ListNode) {
	first, isText := firstOf(root).(*parse.TextNode)
	if !isText || !bytes.HasPrefix(bytes.TrimSpace(first.Text), []byte("<?xml ")) {
		return
	}
	end := bytes.Index(first.Text, []byte("?>"))
	if end < 0 {
		return
	}
	end += len("?>")
	text := string(first.Text[:end])
	value := &parse.StringNode{NodeType: parse.NodeString, Pos: first.Pos, Quoted: strconv.Quote(text), Text: text}
	print := &parse.ActionNode{NodeType: parse.NodeAction, Pos: first.Pos, Line: 1, Pipe: &parse.PipeNode{
		NodeType: parse.NodePipe, Pos: first.Pos, Line: 1,
		Cmds: []*parse.CommandNode{callOf(declarationFunction, first.Pos, value)},
	}}
	first.Text = first.Text[end:]
	root.Nodes = slices.Insert(root.Nodes, 0, parse.Node(print))
}

func firstOf(list *parse.ListNode) parse.Node {
	if list == nil || len(list.Nodes) == 0 {
		return nil
	}
	return list.Nodes[0]
}

// enterFunction is the name of run.enter in templates.
const enterFunction = "_enter"

// callEnter makes enter the last function of the value that is passed to a
// template.
func callEnter(use *parse.TemplateNode) {
	if use.Pipe == nil {
		nothing := &parse.NilNode{NodeType: parse.NodeNil, Pos: use.Pos}
		use.Pipe = &parse.PipeNode{NodeType: parse.NodePipe, Pos: use.Pos, Line: use.Line, Cmds: []*parse.CommandNode{callOf(enterFunction, use.Pos, nothing)}}
		return
	}
	use.Pipe.Cmds = append(use.Pipe.Cmds, callOf(enterFunction, use.Pipe.Pos))
}
