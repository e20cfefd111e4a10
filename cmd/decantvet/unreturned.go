package main

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
)

var unreturned = &analysis.Analyzer{
	Name: "unreturned",
	Doc: `find answers and HTTP errors that are made and not returned

A call such as c.Redirect(url) or c.JSON(value) makes an answer. As a statement it
does nothing: the view goes on, and the visitor gets another answer, mostly with the
status 200. The same is true of decant.NewHTTPError(403); decant.Abort(403) raises.`,
	Run: findUnreturned,
}

func findUnreturned(pass *analysis.Pass) (any, error) {
	droppedCalls(pass, func(statement ast.Stmt, call *ast.CallExpr) {
		made := whatIsMade(pass, call)
		if made == "" {
			return
		}
		text := types.ExprString(call.Fun)
		diagnostic := analysis.Diagnostic{
			Pos:     call.Pos(),
			End:     call.End(),
			Message: "the " + made + " of " + text + " is not returned, so nobody gets it; write return " + text + "(…)" + rest(pass, call),
		}
		if fits(pass, statement, call) {
			diagnostic.SuggestedFixes = []analysis.SuggestedFix{{
				Message:   "Return it",
				TextEdits: []analysis.TextEdit{{Pos: statement.Pos(), End: statement.Pos(), NewText: []byte("return ")}},
			}}
		}
		pass.Report(diagnostic)
	})
	return nil, nil
}

// whatIsMade names what a call makes: "answer", "page", "error", or "" if it is all
// right to drop the result.
func whatIsMade(pass *analysis.Pass, call *ast.CallExpr) string {
	function := functionOf(pass, call)
	switch {
	case function == nil:
		return ""
	case isMethod(function, "Response", "With"):
		return whatWithMakes(pass, call)
	case function.Signature().Recv() == nil && function.Name() == "NewHTTPError":
		return "error"
	case isRenderer(function):
		return "page"
	case makesResponse(function):
		return "answer"
	}
	return ""
}

// whatWithMakes looks at what a header is added to: With changes a response that
// the program has kept, and may be a statement.
func whatWithMakes(pass *analysis.Pass, call *ast.CallExpr) string {
	selector, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if inner, ok := ast.Unparen(selector.X).(*ast.CallExpr); ok {
		return whatIsMade(pass, inner)
	}
	return ""
}

func isRenderer(function *types.Func) bool {
	for _, name := range []string{"Render", "RenderFirst", "RenderString", "RenderStream"} {
		if isMethod(function, "Context", name) {
			return true
		}
	}
	return false
}

// makesResponse reports whether the first result is a response.
func makesResponse(function *types.Func) bool {
	results := function.Signature().Results()
	return results.Len() > 0 && isNamed(results.At(0).Type(), "Response")
}

// rest is what has to follow a call with one result in a return of two.
func rest(pass *analysis.Pass, call *ast.CallExpr) string {
	function := functionOf(pass, call)
	switch {
	case function.Signature().Results().Len() > 1:
		return ""
	case function.Name() == "NewHTTPError":
		return " as the error"
	}
	return ", nil"
}

// fits reports whether "return" in front of a statement is a whole return of the
// function around it.
func fits(pass *analysis.Pass, statement ast.Stmt, call *ast.CallExpr) bool {
	if _, isPlain := statement.(*ast.ExprStmt); !isPlain {
		return false
	}
	results, ok := pass.TypesInfo.TypeOf(call).(*types.Tuple)
	around := signatureAround(pass, call)
	if !ok || around == nil || around.Results().Len() != results.Len() {
		return false
	}
	for i := range results.Len() {
		if !types.AssignableTo(results.At(i).Type(), around.Results().At(i).Type()) {
			return false
		}
	}
	return true
}

// signatureAround is that of the innermost function around a call.
func signatureAround(pass *analysis.Pass, call *ast.CallExpr) (found *types.Signature) {
	for _, file := range pass.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			if n == nil || call.Pos() < n.Pos() || n.End() < call.End() {
				return false
			}
			switch function := n.(type) {
			case *ast.FuncDecl:
				found = pass.TypesInfo.Defs[function.Name].(*types.Func).Signature()
			case *ast.FuncLit:
				found = pass.TypesInfo.TypeOf(function).(*types.Signature)
			}
			return true
		})
	}
	return found
}
