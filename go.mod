module github.com/decant-go/decant

go 1.25

require (
	github.com/google/go-cmp v0.7.0
	github.com/julienschmidt/httprouter v1.3.0
)
