package main

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"
)

var runError = &analysis.Analyzer{
	Name: "runerror",
	Doc: `find calls of App.Run whose error is lost

With the port in use, a program that drops the error of App.Run ends without a word,
and with the status 0. With log.Fatal(app.Run()) it ends with the status 1 also after
a graceful stop, for which Run returns nil.`,
	Run: findRunErrors,
}

const howToRun = "write if err := %s(…); err != nil { log.Fatal(err) }"

func findRunErrors(pass *analysis.Pass) (any, error) {
	droppedCalls(pass, func(_ ast.Stmt, call *ast.CallExpr) {
		if isRun(pass, call) {
			text := types.ExprString(call.Fun)
			pass.ReportRangef(call, "the error of %s is dropped: with the port in use the program ends without a word; "+howToRun, text, text)
			return
		}
		if len(call.Args) == 1 && isFatal(pass, call) {
			if inner, ok := ast.Unparen(call.Args[0]).(*ast.CallExpr); ok && isRun(pass, inner) {
				text := types.ExprString(inner.Fun)
				pass.ReportRangef(call, "the program ends with the status 1 after a graceful stop, too, for which %s returns nil; "+howToRun, text, text)
			}
		}
	})
	return nil, nil
}

func isRun(pass *analysis.Pass, call *ast.CallExpr) bool {
	function := functionOf(pass, call)
	return isMethod(function, "App", "Run") || isMethod(function, "App", "RunContext")
}

// isFatal reports whether a call ends the program, or panics, whatever it is given.
func isFatal(pass *analysis.Pass, call *ast.CallExpr) bool {
	function, ok := typeutil.Callee(pass.TypesInfo, call).(*types.Func)
	if !ok {
		return false
	}
	switch function.FullName() {
	case "log.Fatal", "log.Fatalln", "log.Panic", "log.Panicln",
		"(*log.Logger).Fatal", "(*log.Logger).Fatalln", "(*log.Logger).Panic", "(*log.Logger).Panicln":
		return true
	}
	return false
}
