package main

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"
)

// framework is the import path of the package whose functions are looked at.
const framework = "github.com/decant-go/decant"

// functionOf returns the function or method of the framework that a call calls, or
// nil.
func functionOf(pass *analysis.Pass, call *ast.CallExpr) *types.Func {
	function, ok := typeutil.Callee(pass.TypesInfo, call).(*types.Func)
	if !ok || function.Pkg() == nil || function.Pkg().Path() != framework {
		return nil
	}
	return function
}

// isMethod reports whether a function is a method of a type of the framework.
func isMethod(function *types.Func, owner, name string) bool {
	if function == nil || function.Name() != name {
		return false
	}
	receiver := function.Signature().Recv()
	return receiver != nil && isNamed(receiver.Type(), owner)
}

// isNamed reports whether a type, or what it points to, is one of the framework.
func isNamed(t types.Type, name string) bool {
	named, ok := types.Unalias(pointedTo(t)).(*types.Named)
	if !ok {
		return false
	}
	object := named.Obj()
	return object.Name() == name && object.Pkg() != nil && object.Pkg().Path() == framework
}

func pointedTo(t types.Type) types.Type {
	if pointer, ok := types.Unalias(t).(*types.Pointer); ok {
		return pointer.Elem()
	}
	return t
}

// droppedCalls visits each call whose results the program drops.
func droppedCalls(pass *analysis.Pass, visit func(statement ast.Stmt, call *ast.CallExpr)) {
	for _, file := range pass.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch statement := n.(type) {
			case *ast.ExprStmt:
				if call, ok := ast.Unparen(statement.X).(*ast.CallExpr); ok {
					visit(statement, call)
				}
			case *ast.GoStmt:
				visit(statement, statement.Call)
			case *ast.DeferStmt:
				visit(statement, statement.Call)
			}
			return true
		})
	}
}
