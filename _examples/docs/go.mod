module github.com/decant-go/decant/_examples/docs

go 1.25.0

replace github.com/decant-go/decant => ../..

require (
	github.com/alecthomas/chroma/v2 v2.23.1
	github.com/decant-go/decant v0.0.0
	github.com/yuin/goldmark v1.8.4
)

require (
	github.com/dlclark/regexp2 v1.11.5 // indirect
	github.com/julienschmidt/httprouter v1.3.0 // indirect
)
