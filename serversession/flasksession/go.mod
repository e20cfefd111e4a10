module github.com/decant-go/decant/serversession/flasksession

go 1.25

require (
	github.com/decant-go/decant v0.0.0
	github.com/google/go-cmp v0.7.0
	github.com/vmihailenco/msgpack/v5 v5.4.1
)

require (
	github.com/julienschmidt/httprouter v1.3.0 // indirect
	github.com/vmihailenco/tagparser/v2 v2.0.0 // indirect
)
