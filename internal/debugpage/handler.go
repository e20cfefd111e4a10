package debugpage

import (
	"io"
	"net/http"
)

// policy lets the page have its own style and nothing else: no scripts, no
// images, no frame around it.
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Handler returns a handler that sends the page with a status. It sets its
// headers when it runs, so no hook that ran before can take the style away.
func (p *Page) Handler(status int) http.Handler {
	html := p.HTML()
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h["Content-Type"] = []string{"text/html; charset=utf-8"}
		h["Content-Security-Policy"] = []string{policy}
		h["Cache-Control"] = []string{"no-store"}
		w.WriteHeader(status)
		io.WriteString(w, html)
	})
}
