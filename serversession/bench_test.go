package serversession

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/decant-go/decant"
)

// BenchmarkMemory is what a request with a session costs.
func BenchmarkMemory(b *testing.B) {
	for name, do := range map[string]func(*decant.Session){
		"read":  read,
		"write": func(s *decant.Session) { s.Set("count", s.Int("count")+1) },
	} {
		b.Run(name, func(b *testing.B) {
			sessions := New(NewMemory())
			_, cookie := ask(newApp(sessions, func(s *decant.Session) { s.Set("user", "ann") }), "")
			app := newApp(sessions, do)
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Cookie", "session="+cookie)
			w := blank{}
			b.ReportAllocs()
			for b.Loop() {
				clear(w)
				app.ServeHTTP(w, r)
			}
		})
	}
}

// blank is a client that takes everything.
type blank http.Header

func (w blank) Header() http.Header                { return http.Header(w) }
func (blank) WriteHeader(int)                      {}
func (blank) Write(text []byte) (int, error)       { return len(text), nil }
func (blank) WriteString(text string) (int, error) { return len(text), nil }
