module flaskr

go 1.25.0

require (
	github.com/decant-go/decant v0.0.0
	github.com/decant-go/decant/cli v0.0.0
	github.com/decant-go/decant/password v0.0.0
	modernc.org/sqlite v1.38.0
)
