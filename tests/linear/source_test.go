package linear

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	house   = "github.com/decant-go/decant"
	here    = house + "/tests/linear"
	counter = here + "/work"
)

// listed is a package as "go list" describes it.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	Standard                bool
}

// isCounted reports whether the work of the package counts. The readers themselves
// and the counter do not.
func (p listed) isCounted() bool {
	return (p.ImportPath == house || strings.HasPrefix(p.ImportPath, house+"/")) &&
		!slices.Contains([]string{here, counter, here + "/readers", here + "/count"}, p.ImportPath)
}

// counted is the program that counts, as a copy of the source with calls of package
// work in it.
type counted struct {
	overlay   string     // the file for the option -overlay
	functions []function // those of which Enter has the numbers
}

// function is an exported function or method of the framework.
type function struct {
	name     string // such as internal/header.ParseRange or (*Request).Path
	takesRaw bool   // whether it takes a string, bytes or a reader
}

// writeCounted writes the copy into folder.
func writeCounted(t *testing.T, folder string) counted {
	t.Helper()
	packages := list(t)
	exports := map[string]string{}
	for _, p := range packages {
		exports[p.ImportPath] = p.Export
	}
	replaced := map[string]string{}
	var c counted
	for i, p := range packages {
		if !p.isCounted() {
			continue
		}
		s := source{fset: token.NewFileSet(), functions: c.functions, path: p.ImportPath}
		for name, text := range s.rewrite(t, p, exports) {
			path := filepath.Join(folder, fmt.Sprintf("%d-%s", i, filepath.Base(name)))
			mustWrite(t, path, text)
			replaced[name] = path
		}
		c.functions = s.functions
	}
	text, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		t.Fatal(err)
	}
	c.overlay = filepath.Join(folder, "overlay.json")
	mustWrite(t, c.overlay, text)
	return c
}

// list returns the packages of the program that counts.
func list(t *testing.T) (packages []listed) {
	t.Helper()
	out := run(t, "go", "list", "-deps", "-export", "-json=ImportPath,Dir,Export,GoFiles,Standard", "./count")
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// run returns the output of a program.
func run(t *testing.T, program string, args ...string) []byte {
	t.Helper()
	command := exec.Command(program, args...)
	var problems bytes.Buffer
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		t.Errorf("%s %s: %v\n%s", program, strings.Join(args, " "), err, problems.Bytes())
	}
	return out
}

func mustWrite(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// source rewrites one package.
type source struct {
	path      string
	fset      *token.FileSet
	info      types.Info
	functions []function

	text  []byte // the file that is being rewritten
	edits []edit
	kept  []string // references that keep imports in use
}

// edit replaces a piece of the text.
type edit struct {
	at, length int
	text       string
	closes     bool // it ends what an edit before it has begun
}

// rewrite returns the new text of each file.
func (s *source) rewrite(t *testing.T, p listed, exports map[string]string) map[string][]byte {
	t.Helper()
	var files []*ast.File
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(s.fset, filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	s.info = types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(s.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })}
	if _, err := config.Check(p.ImportPath, s.fset, files, &s.info); err != nil {
		t.Fatal(err)
	}
	texts := map[string][]byte{}
	for i, file := range files {
		name := filepath.Join(p.Dir, p.GoFiles[i])
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = s.file(file, text)
	}
	return texts
}

func (s *source) file(file *ast.File, text []byte) []byte {
	s.text, s.edits, s.kept = text, nil, nil
	s.insert(file.Name.End(), fmt.Sprintf("; import work_ %q", counter))
	var parents []ast.Node
	ast.Inspect(file, func(node ast.Node) bool {
		if node == nil {
			parents = parents[:len(parents)-1]
			return true
		}
		var parent ast.Node
		if len(parents) > 0 {
			parent = parents[len(parents)-1]
		}
		s.node(node, parent)
		parents = append(parents, node)
		return true
	})
	for _, reference := range slices.Compact(slices.Sorted(slices.Values(s.kept))) {
		s.edits = append(s.edits, edit{at: len(text), text: "\nvar _ = " + reference})
	}
	s.edits = append(s.edits, edit{at: len(text), text: "\nvar _ = work_.Step\n"})
	return apply(text, s.edits)
}

// apply makes the edits. Of those at one place the ones that close come first, the
// innermost before the others.
func apply(text []byte, edits []edit) []byte {
	order := make([]int, len(edits))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := edits[i], edits[j]
		switch {
		case a.at != b.at:
			return cmp.Compare(a.at, b.at)
		case a.closes != b.closes:
			if a.closes {
				return -1
			}
			return 1
		case a.closes:
			return cmp.Compare(j, i)
		}
		return cmp.Compare(i, j)
	})
	var out []byte
	done := 0
	for _, i := range order {
		e := edits[i]
		out = append(out, text[done:e.at]...)
		out = append(out, e.text...)
		done = e.at + e.length
	}
	return append(out, text[done:]...)
}

func (s *source) offset(pos token.Pos) int { return s.fset.PositionFor(pos, false).Offset }

func (s *source) insert(pos token.Pos, text string) {
	s.edits = append(s.edits, edit{at: s.offset(pos), text: text})
}

func (s *source) replace(pos token.Pos, length int, text string) {
	s.edits = append(s.edits, edit{at: s.offset(pos), length: length, text: text})
}

// wrap calls the function of package work with the expression.
func (s *source) wrap(e ast.Expr, function string) {
	s.insert(e.Pos(), "work_."+function+"(")
	s.edits = append(s.edits, edit{at: s.offset(e.End()), text: ")", closes: true})
}

// node counts the work of one node of the syntax tree.
func (s *source) node(node, parent ast.Node) {
	switch n := node.(type) {
	case *ast.FuncDecl:
		if n.Body != nil {
			s.insert(n.Body.Lbrace+1, s.enter(n)+"work_.Step();")
		}
	case *ast.FuncLit:
		s.insert(n.Body.Lbrace+1, "work_.Step();")
	case *ast.ForStmt:
		s.insert(n.Body.Lbrace+1, "work_.Step();")
	case *ast.RangeStmt:
		s.insert(n.Body.Lbrace+1, "work_.Step();")
	case *ast.AssignStmt:
		if n.Tok == token.ADD_ASSIGN && isString(s.typeOf(n.Lhs[0])) {
			target := s.text[s.offset(n.Lhs[0].Pos()):s.offset(n.Lhs[0].End())]
			s.insert(n.Rhs[0].Pos(), fmt.Sprintf("work_.AddTo(%s, ", target))
			s.edits = append(s.edits, edit{at: s.offset(n.Rhs[0].End()), text: ")", closes: true})
		}
	case *ast.BinaryExpr:
		s.binary(n, parent)
	case *ast.IndexExpr:
		if m, ok := under(s.typeOf(n.X)).(*types.Map); ok && isString(m.Key()) && isString(s.typeOf(n.Index)) && !s.isConstant(n.Index) {
			s.wrap(n.Index, "String")
		}
	case *ast.CallExpr:
		s.call(n, parent)
	}
}

// enter gives an exported function a number, and is the statement that notes it.
func (s *source) enter(f *ast.FuncDecl) string {
	object, ok := s.info.Defs[f.Name].(*types.Func)
	if !ok || !object.Exported() {
		return ""
	}
	signature := object.Signature()
	name := strings.TrimPrefix(strings.TrimPrefix(s.path, house), "/") + "." + object.Name()
	if receiver := signature.Recv(); receiver != nil {
		t := types.TypeString(receiver.Type(), func(*types.Package) string { return "" })
		t, _, _ = strings.Cut(strings.TrimPrefix(t, "*"), "[")
		if !ast.IsExported(t) {
			return ""
		}
		name = strings.TrimPrefix(strings.TrimPrefix(s.path, house), "/") + "." + t + "." + object.Name()
	}
	takesRaw := false
	for v := range signature.Params().Variables() {
		takesRaw = takesRaw || isRaw(v.Type())
	}
	s.functions = append(s.functions, function{name, takesRaw})
	return fmt.Sprintf("work_.Enter(%d);", len(s.functions)-1)
}

// isRaw reports whether a parameter can hold what a client has sent.
func isRaw(t types.Type) bool {
	if isString(t) || isBytes(t) {
		return true
	}
	switch t.String() {
	case "io.Reader", "*net/http.Request", "net/http.Header", "[]string":
		return true
	}
	return false
}

func (s *source) binary(n *ast.BinaryExpr, parent ast.Node) {
	if s.isConstant(n) || !isString(s.typeOf(n.X)) || !isString(s.typeOf(n.Y)) {
		return
	}
	before, after := "work_.Equal(", ")"
	switch n.Op {
	case token.ADD:
		if outer, ok := parent.(*ast.BinaryExpr); ok && outer.Op == token.ADD {
			return // the outer one counts it all
		}
		s.wrap(n, "String")
		return
	case token.EQL:
	case token.NEQ:
		before = "!work_.Equal("
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
		before, after = "(work_.Compare(", ")"+n.Op.String()+"0)"
	default:
		return
	}
	if s.isConstant(n.X) || s.isConstant(n.Y) {
		return // it looks at no more than the constant has
	}
	s.insert(n.X.Pos(), before)
	s.replace(n.OpPos, len(n.Op.String()), ",")
	s.edits = append(s.edits, edit{at: s.offset(n.Y.End()), text: after, closes: true})
}

func (s *source) call(n *ast.CallExpr, parent ast.Node) {
	if s.info.Types[n.Fun].IsType() {
		s.conversion(n)
		return
	}
	if builtin, ok := ast.Unparen(n.Fun).(*ast.Ident); ok {
		if _, ok := s.info.Uses[builtin].(*types.Builtin); ok {
			s.builtin(n, builtin.Name)
			return
		}
	}
	f := s.callee(n)
	if f == nil || f.Pkg() == nil || (listed{ImportPath: f.Pkg().Path()}).isCounted() {
		return
	}
	name := f.FullName()
	if by, ok := countedBy[name]; ok {
		s.replace(n.Fun.Pos(), int(n.Fun.End()-n.Fun.Pos()), s.shim(name, by))
		return
	}
	if isFree(f) {
		return
	}
	arguments := ""
	if quadratic[name] {
		arguments = "Square"
	}
	appends := strings.HasPrefix(f.Name(), "Append") && len(n.Args) > 0 && isBytes(s.typeOf(n.Args[0]))
	for i, e := range n.Args {
		if by := s.measure(e); by != "" && !(appends && i == 0) {
			s.wrap(e, cmp.Or(arguments, by))
		}
	}
	switch parent.(type) {
	case *ast.ExprStmt, *ast.GoStmt, *ast.DeferStmt:
		return
	}
	if appends {
		return
	}
	switch result := s.typeOf(n).(type) {
	case *types.Tuple:
		if by := map[int]string{2: "Two", 3: "Three"}[result.Len()]; by != "" {
			s.wrap(n, by)
		}
	default:
		if quadratic[name] && isString(result) {
			s.wrap(n, "Square")
		} else if by := s.measure(n); by != "" {
			s.wrap(n, by)
		}
	}
}

// measure is the function that counts the value as a whole, or "".
func (s *source) measure(e ast.Expr) string {
	t := s.typeOf(e)
	if t == nil || s.isConstant(e) {
		return ""
	}
	if isString(t) {
		return "String"
	}
	switch under(t).(type) {
	case *types.Slice:
		return "Slice"
	case *types.Map:
		return "Map"
	}
	return ""
}

// conversion counts conversions that copy.
func (s *source) conversion(n *ast.CallExpr) {
	if s.isConstant(n) {
		return
	}
	to, from := s.typeOf(n), s.typeOf(n.Args[0])
	_, fromSlice := under(from).(*types.Slice)
	_, toSlice := under(to).(*types.Slice)
	switch {
	case isString(to) && fromSlice:
		s.wrap(n, "String")
	case toSlice && isString(from):
		s.wrap(n, "Slice")
	}
}

func (s *source) builtin(n *ast.CallExpr, name string) {
	switch name {
	case "copy":
		s.wrap(n, "Copied")
	case "make":
		if _, ok := under(s.typeOf(n)).(*types.Slice); ok {
			s.wrap(n, "Made")
		}
	case "append":
		if len(n.Args) == 1 {
			return
		}
		comma := s.offset(n.Args[0].End())
		for s.text[comma] != ',' {
			comma++
		}
		if n.Ellipsis.IsValid() && isString(s.typeOf(n.Args[1])) {
			s.replace(n.Fun.Pos(), len("append"), "work_.AppendString")
			s.replace(n.Ellipsis, len("..."), "")
			return
		}
		s.replace(n.Fun.Pos(), len("append"), "work_.Append")
		s.edits = append(s.edits, edit{at: comma, length: 1, text: ")("})
	}
}

// callee is the function or method that is called, or nil for a function value.
func (s *source) callee(n *ast.CallExpr) *types.Func {
	f := ast.Unparen(n.Fun)
	if instance, ok := f.(*ast.IndexExpr); ok {
		f = instance.X
	}
	switch f := f.(type) {
	case *ast.Ident:
		object, _ := s.info.Uses[f].(*types.Func)
		return object
	case *ast.SelectorExpr:
		object, _ := s.info.Uses[f.Sel].(*types.Func)
		return object
	}
	return nil
}

// shim is the expression that stands for the function.
func (s *source) shim(name, by string) string {
	of, _, _ := strings.Cut(name, ".")
	if of == "slices" {
		s.kept = append(s.kept, "slices.Clip[[]int]")
	} else {
		s.kept = append(s.kept, name)
	}
	if wrapper, inner, ok := strings.Cut(by, " "); ok {
		return fmt.Sprintf("work_.%s(%s.%s)", wrapper, of, inner)
	}
	return "work_." + by
}

func (s *source) typeOf(e ast.Expr) types.Type { return s.info.TypeOf(e) }

func (s *source) isConstant(e ast.Expr) bool { return s.info.Types[e].Value != nil }

func under(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	if _, ok := t.(*types.TypeParam); ok {
		return nil
	}
	return t.Underlying()
}

func isString(t types.Type) bool {
	b, ok := under(t).(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

func isBytes(t types.Type) bool {
	slice, ok := under(t).(*types.Slice)
	if !ok {
		return false
	}
	b, ok := under(slice.Elem()).(*types.Basic)
	return ok && b.Kind() == types.Byte
}

// countedBy names for functions of the standard library the function of package
// work that counts exactly. All others count as looking at the whole of what they
// are given and what they return.
var countedBy = map[string]string{
	"bytes.Equal": "Equals", "strings.Compare": "Ordered", "bytes.Compare": "Ordered",
	"slices.Contains": "InSlice", "slices.Index": "SliceIndex", "slices.ContainsFunc": "InSliceFunc", "slices.IndexFunc": "SliceIndexFunc",
}

func init() {
	for _, of := range []string{"strings", "bytes"} {
		for by, names := range map[string]string{
			"Find": "Index IndexByte IndexAny IndexRune IndexFunc", "FindLast": "LastIndex LastIndexByte LastIndexAny LastIndexFunc",
			"Trim": "Trim TrimLeft TrimRight TrimFunc TrimLeftFunc TrimRightFunc", "TrimSpace": "TrimSpace", "Cut": "Cut",
			"Ends": "HasPrefix HasSuffix EqualFold", "CutEnd": "CutPrefix CutSuffix", "TrimEnd": "TrimPrefix TrimSuffix",
		} {
			for name := range strings.FieldsSeq(names) {
				countedBy[of+"."+name] = by + " " + name
			}
		}
		for name, index := range map[string]string{"Contains": "Index", "ContainsAny": "IndexAny", "ContainsRune": "IndexRune", "ContainsFunc": "IndexFunc"} {
			countedBy[of+"."+name] = "Contains " + index
		}
	}
}

// quadratic functions take quadratic time.
var quadratic = map[string]bool{
	"(*math/big.Int).SetString": true, "(*math/big.Int).String": true, "(*math/big.Int).Text": true,
	"(*math/big.Float).SetString": true, "(*math/big.Rat).SetString": true, "math/big.ParseFloat": true,
}

// isFree reports whether a function takes the same time for all arguments, or whether
// what it does is counted elsewhere.
func isFree(f *types.Func) bool {
	switch f.Pkg().Path() {
	case "unicode", "reflect", "sync", "sync/atomic", "context", "time", "errors", "log/slog", "iter", "encoding/binary":
		return true
	case "unicode/utf8":
		return strings.Contains(f.Name(), "DecodeRune") || strings.Contains(f.Name(), "DecodeLastRune") || strings.HasPrefix(f.Name(), "FullRune")
	case "io":
		return f.Name() == "Read" || f.Name() == "ReadFull"
	}
	return slices.Contains([]string{
		"(*strings.Builder).String", "(*strings.Builder).Grow", "(*bytes.Buffer).Bytes", "(*bytes.Buffer).AvailableBuffer", "strings.NewReader", "bytes.NewReader",
		"slices.BinarySearch", "slices.BinarySearchFunc", "sort.Search", "slices.Grow", "slices.Clip", "slices.Values", "slices.All", "slices.Backward",
	}, f.FullName())
}
