package wirecookie

import (
	"net/http"
	"testing"
)

const benchmarkHeader = "theme=dark; _ga=GA1.1.1234567890.1700000000; " +
	"session=eyJ1c2VybmFtZSI6ImFsaWNlIn0.ZVPxAA.tqJp8QmYx1X3V9J2y0nH0k3m9-_x; lang=en"

func BenchmarkLookup(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Lookup(benchmarkHeader, "session")
	}
}

func BenchmarkLookupNetHTTP(b *testing.B) {
	request := http.Request{Header: http.Header{"Cookie": {benchmarkHeader}}}
	b.ReportAllocs()
	for b.Loop() {
		request.Cookie("session")
	}
}

func BenchmarkAppend(b *testing.B) {
	cookie := Cookie{
		Name: "session", Value: "eyJ1c2VybmFtZSI6ImFsaWNlIn0.ZVPxAA.tqJp8QmYx1X3V9J2y0nH0k3m9-_x",
		Path: Some("/"), Expires: now, HTTPOnly: true, SameSite: Some("Lax"),
	}
	buffer := make([]byte, 0, 512)
	b.ReportAllocs()
	for b.Loop() {
		Append(buffer, cookie, now)
	}
}

// The header map takes a string, so this is what a response pays.
func BenchmarkAppendString(b *testing.B) {
	cookie := Cookie{
		Name: "session", Value: "eyJ1c2VybmFtZSI6ImFsaWNlIn0.ZVPxAA.tqJp8QmYx1X3V9J2y0nH0k3m9-_x",
		Path: Some("/"), Expires: now, HTTPOnly: true, SameSite: Some("Lax"),
	}
	var text string
	b.ReportAllocs()
	for b.Loop() {
		var room [512]byte
		header, _ := Append(room[:0], cookie, now)
		text = string(header)
	}
	_ = text
}

func BenchmarkAppendNetHTTP(b *testing.B) {
	cookie := http.Cookie{
		Name: "session", Value: "eyJ1c2VybmFtZSI6ImFsaWNlIn0.ZVPxAA.tqJp8QmYx1X3V9J2y0nH0k3m9-_x",
		Path: "/", Expires: now, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = cookie.String()
	}
}
