package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/format"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"path"
	"strings"
)

const module = "github.com/decant-go/decant"

// folders are the packages that have pages.
var folders = []string{
	".", "ext/csrf", "ext/form", "ext/login", "ext/login/logintest", "health", "htmltemplate", "jinja", "jinja/catalog",
	"password", "serversession", "serversession/flasksession", "serversession/sessiontest", "decanttest", "cli",
}

// api knows the exported names of the packages.
type api struct {
	packages []*pkg
	names    map[string]string // the address of App, App.Get and the like, by package and name
}

// pkg is a package with a page.
type pkg struct {
	Name, Path, Address string

	fset *token.FileSet
	doc  *doc.Package
}

// readPackages reads the doc comments of all packages.
func readPackages(root fs.FS) (*api, error) {
	a := &api{names: map[string]string{}}
	for _, folder := range folders {
		if _, err := fs.Stat(root, folder); err != nil {
			continue
		}
		p, err := readPackage(root, folder)
		if err != nil {
			return nil, fmt.Errorf("docs: the package in %s: %w", folder, err)
		}
		a.packages = append(a.packages, p)
		a.addNames(p)
	}
	return a, nil
}

func readPackage(root fs.FS, folder string) (*pkg, error) {
	names, err := fs.Glob(root, path.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	p := &pkg{Path: path.Join(module, folder), fset: token.NewFileSet()}
	var files []*ast.File
	for _, name := range names {
		source, err := fs.ReadFile(root, name)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(p.fset, path.Base(name), source, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	if p.doc, err = doc.NewFromFiles(p.fset, files, p.Path); err != nil {
		return nil, err
	}
	p.Name = p.doc.Name
	p.Address = "api/" + strings.ReplaceAll(strings.TrimPrefix(strings.TrimPrefix(p.Path, module), "/"), "/", "-") + ".html"
	if folder == "." {
		p.Address = "api/decant.html"
	}
	return p, nil
}

func (a *api) addNames(p *pkg) {
	add := func(name string) { a.names[p.Name+"."+name] = p.Address + "#" + name }
	addValues := func(values []*doc.Value) {
		for _, value := range values {
			for _, name := range value.Names {
				add(name)
			}
		}
	}
	addFunctions := func(functions []*doc.Func) {
		for _, function := range functions {
			add(function.Name)
		}
	}
	addValues(p.doc.Consts)
	addValues(p.doc.Vars)
	addFunctions(p.doc.Funcs)
	for _, t := range p.doc.Types {
		add(t.Name)
		addValues(t.Consts)
		addValues(t.Vars)
		addFunctions(t.Funcs)
		for _, method := range t.Methods {
			add(t.Name + "." + method.Name)
		}
		for _, member := range members(t) {
			add(t.Name + "." + member)
		}
	}
}

// members are the exported fields of a struct, or the methods of an interface.
func members(t *doc.Type) (names []string) {
	for _, spec := range t.Decl.Specs {
		var fields *ast.FieldList
		switch kind := spec.(*ast.TypeSpec).Type.(type) {
		case *ast.StructType:
			fields = kind.Fields
		case *ast.InterfaceType:
			fields = kind.Methods
		default:
			continue
		}
		for _, field := range fields.List {
			for _, name := range field.Names {
				names = append(names, name.Name)
			}
		}
	}
	return names
}

// variables are what the pages call values of these types.
var variables = []struct{ prefix, of string }{
	{"c.App.Config.", "decant.Config."}, {"app.Config.", "decant.Config."}, {"Config.", "decant.Config."},
	{"c.App.JSON.", "decant.JSON."}, {"app.JSON.", "decant.JSON."}, {"App.JSON.", "decant.JSON."},
	{"app.Templates.", "decant.Templating."}, {"App.Templates.", "decant.Templating."},
	{"app.Signals.", "decant.Signals."},
	{"c.Request.Args.", "decant.Values."}, {"c.Request.Form.", "decant.Values."}, {"c.Request.Values.", "decant.Values."},
	{"c.Request.Files.", "decant.Files."}, {"c.Request.Cookies.", "decant.Cookies."},
	{"Form.", "decant.Values."}, {"c.Request.", "decant.Request."}, {"c.Session.", "decant.Session."},
	{"c.App.", "decant.App."}, {"app.", "decant.App."}, {"c.", "decant.Context."},
	{"resp.", "decant.Response."}, {"answer.", "decant.Response."}, {"", "decant."},
}

// find returns the address of a name such as decant.New or app.Get, or "". In the
// package home, names may stand without it.
func (a *api) find(chain, home string) string {
	if url := a.names[chain]; url != "" {
		return url
	}
	if home != "" {
		return a.names[home+"."+chain]
	}
	if !strings.Contains(chain, ".") {
		return ""
	}
	for _, variable := range variables {
		if rest, found := strings.CutPrefix(chain, variable.prefix); found {
			if url := a.names[variable.of+rest]; url != "" {
				return url
			}
		}
	}
	return ""
}

// findAlone returns the address of a name that a sentence mentions without its
// package or type, such as AfterRequest. Names that several types have lead
// nowhere; a blueprint shares its methods with the application.
func (a *api) findAlone(name string) (url string) {
	if url := a.names["decant."+name]; url != "" {
		return url
	}
	for _, t := range a.packages[0].doc.Types {
		candidate := a.names["decant."+t.Name+"."+name]
		if candidate == "" || t.Name == "Blueprint" && url != "" || t.Name == "Scaffold" {
			continue
		}
		if url != "" {
			return ""
		}
		url = candidate
	}
	return url
}

// addPackages adds the pages of the packages.
func (s *site) addPackages() error {
	for _, p := range s.api.packages {
		page := &packagePage{site: s, pkg: p}
		page.write()
		if err := s.addPage(p.Address, "package "+p.Name, page.body.String()); err != nil {
			return err
		}
	}
	return nil
}

// packagePage is the page of a package that is being written.
type packagePage struct {
	*pkg
	site *site
	body bytes.Buffer
}

func (p *packagePage) write() {
	fmt.Fprintf(&p.body, "<h1>package %s</h1>\n", p.Name)
	p.site.highlight(&p.body, "go", fmt.Sprintf("import %q", p.Path), p.Address, "")
	p.comment(p.doc.Doc)
	p.examples(p.doc.Examples)
	p.list()
	p.values("Constants", p.doc.Consts)
	p.values("Variables", p.doc.Vars)
	if len(p.doc.Funcs) > 0 {
		p.body.WriteString("<h2>Functions</h2>\n")
		p.functions(p.doc.Funcs, "")
	}
	if len(p.doc.Types) > 0 {
		p.body.WriteString("<h2>Types</h2>\n")
	}
	for _, t := range p.doc.Types {
		p.heading("type", t.Name, t.Doc)
		for _, member := range members(t) {
			fmt.Fprintf(&p.body, "<a id=\"%s.%s\"></a>", t.Name, member)
		}
		p.code(t.Decl)
		p.comment(t.Doc)
		p.examples(t.Examples)
		p.values("", t.Consts)
		p.values("", t.Vars)
		p.functions(t.Funcs, "")
		p.functions(t.Methods, t.Name+".")
	}
}

// list writes the names of the package, each a link.
func (p *packagePage) list() {
	p.body.WriteString("<p class=\"names\">")
	for _, function := range p.doc.Funcs {
		fmt.Fprintf(&p.body, "<a href=\"#%[1]s\">%[1]s</a> ", function.Name)
	}
	for _, t := range p.doc.Types {
		fmt.Fprintf(&p.body, "<a href=\"#%[1]s\">%[1]s</a> ", t.Name)
		for _, function := range t.Funcs {
			fmt.Fprintf(&p.body, "<a href=\"#%[1]s\">%[1]s</a> ", function.Name)
		}
	}
	p.body.WriteString("</p>\n")
}

func (p *packagePage) values(title string, values []*doc.Value) {
	if title != "" && len(values) > 0 {
		fmt.Fprintf(&p.body, "<h2>%s</h2>\n", title)
	}
	for _, value := range values {
		for _, name := range value.Names {
			fmt.Fprintf(&p.body, "<a id=\"%s\"></a>", name)
		}
		p.code(value.Decl)
		p.comment(value.Doc)
	}
}

func (p *packagePage) functions(functions []*doc.Func, of string) {
	for _, function := range functions {
		p.heading("func", of+function.Name, function.Doc)
		function.Decl.Body = nil
		p.code(function.Decl)
		p.comment(function.Doc)
		p.examples(function.Examples)
	}
}

// heading writes the heading of a name and adds it to the search.
func (p *packagePage) heading(kind, name, text string) {
	fmt.Fprintf(&p.body, "<h3 id=\"%s\">%s %s</h3>\n", name, kind, name)
	p.site.index = append(p.site.index, entry{
		Title: p.Name + "." + name, Page: "package " + p.Name, URL: p.Address + "#" + name, Text: p.doc.Synopsis(text),
	})
}

// code writes a declaration.
func (p *packagePage) code(declaration ast.Decl) {
	switch declaration := declaration.(type) {
	case *ast.GenDecl:
		declaration.Doc = nil
	case *ast.FuncDecl:
		declaration.Doc = nil
	}
	var text bytes.Buffer
	if err := format.Node(&text, p.fset, declaration); err != nil {
		text.Reset()
		fmt.Fprintf(&text, "// %v", err)
	}
	p.site.highlight(&p.body, "go", text.String()+"\n", p.Address, p.Name)
}

// comment writes a doc comment. Its links lead to the pages of the packages.
func (p *packagePage) comment(text string) {
	printer := p.doc.Printer()
	printer.HeadingLevel = 4
	printer.DocLinkURL = func(link *comment.DocLink) string {
		name := link.Name
		if link.Recv != "" {
			name = link.Recv + "." + name
		}
		if link.ImportPath == "" {
			return "#" + name
		}
		for _, other := range p.site.api.packages {
			if other.Path == link.ImportPath && name == "" {
				return up(p.Address) + other.Address
			} else if other.Path == link.ImportPath {
				return up(p.Address) + other.Address + "#" + name
			}
		}
		return link.DefaultURL("https://pkg.go.dev")
	}
	p.body.Write(printer.HTML(p.doc.Parser().Parse(text)))
}

func (p *packagePage) examples(examples []*doc.Example) {
	for _, example := range examples {
		title := "Example"
		if example.Suffix != "" {
			title += ": " + strings.ReplaceAll(example.Suffix, "_", " ")
		}
		fmt.Fprintf(&p.body, "<details><summary>%s</summary>\n", escape(title))
		p.comment(example.Doc)
		p.site.highlight(&p.body, "go", p.source(example), p.Address, "")
		if example.Output != "" {
			fmt.Fprintf(&p.body, "<p>Output:</p>\n<pre><code>%s</code></pre>\n", escape(example.Output))
		}
		p.body.WriteString("</details>\n")
	}
}

// source is the code of an example: the body of its function, or a whole program.
func (p *packagePage) source(example *doc.Example) string {
	var node any = &printer.CommentedNode{Node: example.Code, Comments: example.Comments}
	if example.Play != nil {
		node = example.Play
	}
	var text bytes.Buffer
	if err := format.Node(&text, p.fset, node); err != nil {
		return fmt.Sprintf("// %v", err)
	}
	body := text.String()
	if example.Play == nil && strings.HasPrefix(body, "{\n") {
		body = strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(body, "{\n"), "}"), "\n\t", "\n")
		body = strings.TrimPrefix(body, "\t")
	}
	return body + "\n"
}
