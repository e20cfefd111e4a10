package main

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
)

var sessionValue = &analysis.Analyzer{
	Name: "sessionvalue",
	Doc: `find structs that are put into the session

A session is kept as JSON, from which a struct would come back as a map. Session.Set
refuses it when the request is served. Store an id, and load the rest in each request.`,
	Run: findSessionValues,
}

func findSessionValues(pass *analysis.Pass) (any, error) {
	for _, file := range pass.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if ok && len(call.Args) == 2 && isMethod(functionOf(pass, call), "Session", "Set") {
				checkSessionValue(pass, call.Args[1])
			}
			return true
		})
	}
	return nil, nil
}

func checkSessionValue(pass *analysis.Pass, value ast.Expr) {
	if refused := structIn(pass.TypesInfo.TypeOf(value), nil); refused != nil {
		name := types.TypeString(refused, types.RelativeTo(pass.Pkg))
		pass.ReportRangef(value, "the session cannot hold a %s, which would come back as a map; store an id, and load it in each request", name)
		return
	}
	literal, ok := ast.Unparen(value).(*ast.CompositeLit)
	if !ok {
		return
	}
	for _, element := range literal.Elts { // of a []any or a map[string]any
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			element = pair.Value
		}
		checkSessionValue(pass, element)
	}
}

// structIn returns the struct that a type is or holds, or nil. A struct that the
// session keeps as it is does not count.
func structIn(t types.Type, above []types.Type) types.Type {
	for _, other := range above {
		if types.Identical(t, other) {
			return nil // a type that holds itself
		}
	}
	above = append(above, t)
	switch kind := t.Underlying().(type) {
	case *types.Struct:
		if isKnown(t) {
			return nil
		}
		return t
	case *types.Pointer:
		if isKnown(kind.Elem()) {
			return nil
		}
		return structIn(kind.Elem(), above)
	case *types.Slice:
		return structIn(kind.Elem(), above)
	case *types.Array:
		return structIn(kind.Elem(), above)
	case *types.Map:
		return structIn(kind.Elem(), above)
	}
	return nil
}

// flaskSession is the import path of the package whose sessions hold structs of their
// own, which stand for Python's types.
const flaskSession = framework + "/serversession/flasksession"

// isKnown reports whether the session keeps a struct as what it is.
func isKnown(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return false
	}
	switch named.Obj().Pkg().Path() + "." + named.Obj().Name() {
	case "time.Time", "math/big.Int":
		return true
	case flaskSession + ".Date", flaskSession + ".NaiveTime", flaskSession + ".Ext", flaskSession + ".Item":
		return true // Item is what a Dict is made of
	}
	return false
}
