// Decantvet looks for mistakes in programs that use Decant, which the compiler
// accepts and which fail without a word:
//
//	unreturned     an answer or an HTTP error is made and not returned
//	sessionvalue   a struct is put into the session, which refuses it
//	runerror       the error of App.Run is lost, or taken for one after a graceful stop
//
// Run it by itself, or as a tool of go vet:
//
//	decantvet ./...
//	go vet -vettool=$(which decantvet) ./...
package main

import "golang.org/x/tools/go/analysis/multichecker"

func main() { multichecker.Main(unreturned, sessionValue, runError) }
