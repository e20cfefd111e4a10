module github.com/decant-go/decant/tests/linear

go 1.25.0

require (
	github.com/decant-go/decant v0.0.0
	github.com/decant-go/decant/password v0.0.0
	github.com/decant-go/decant/serversession/flasksession v0.0.0
)

require (
	github.com/julienschmidt/httprouter v1.3.0 // indirect
	github.com/vmihailenco/msgpack/v5 v5.4.1 // indirect
	github.com/vmihailenco/tagparser/v2 v2.0.0 // indirect
	golang.org/x/crypto v0.54.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
)

replace (
	github.com/decant-go/decant => ../..
	github.com/decant-go/decant/password => ../../password
	github.com/decant-go/decant/serversession/flasksession => ../../serversession/flasksession
)
