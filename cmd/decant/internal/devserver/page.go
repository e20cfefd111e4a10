package devserver

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"strconv"
)

//go:embed problem.html
var problemSource string

var problemPage = template.Must(template.New("problem").Parse(problemSource))

// pagePolicy lets the page have its style, the script that reloads it, and
// nothing else.
const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// serveProblem shows what keeps the program from running: with source and output
// to the developer, with the title to anybody else, as a page to browsers and as
// text to other clients.
func serveProblem(w http.ResponseWriter, r *http.Request, site *site, p *problem) {
	if !isDeveloper(r) {
		p = &problem{Title: p.Title, Advice: "The terminal of decant run says more."}
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	if !isNavigation(r) {
		http.Error(w, p.Title+"\n\n"+p.Output, http.StatusServiceUnavailable)
		return
	}
	generation, _ := site.generation()
	var page bytes.Buffer
	err := problemPage.Execute(&page, map[string]any{
		"Problem": p,
		"Script":  template.HTML(scriptElement(generation, http.MethodGet)),
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Content-Length", strconv.Itoa(page.Len()))
	w.WriteHeader(http.StatusInternalServerError)
	if r.Method != http.MethodHead {
		w.Write(page.Bytes())
	}
}
