package debugpage

import (
	"cmp"
	_ "embed"
	"fmt"
	"html"
	"strings"
)

//go:embed page.css
var style markup

// markup is HTML that is written here. Everything else is escaped.
type markup string

// writer collects the page.
type writer struct{ html strings.Builder }

// put writes markup with texts in the places of its verbs, escaped.
func (w *writer) put(format markup, texts ...any) {
	for i := range texts {
		texts[i] = html.EscapeString(fmt.Sprint(texts[i]))
	}
	fmt.Fprintf(&w.html, string(format), texts...)
}

// HTML renders the page.
func (p *Page) HTML() string {
	w := new(writer)
	w.put("<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n<meta name=viewport content=\"width=device-width, initial-scale=1\">\n")
	w.put("<title>%s: %s</title>\n<style>\n", p.Kind, p.Message)
	w.html.WriteString(string(style))
	w.put("</style>\n<header>\n<p class=kind>%s</p>\n<h1>%s</h1>\n<p class=status>%s</p>\n</header>\n<main>\n", p.Kind, p.Message, p.Status)
	if p.Advice != "" {
		w.put("<p class=advice>%s</p>\n", p.Advice)
	}
	w.rules(cmp.Or(p.RulesTitle, "The nearest rules"), p.Rules)
	w.stack(p.sections())
	if p.View != nil {
		w.put("<h2>The view</h2>\n")
		w.frame(*p.View)
	}
	w.table(Table{"The error and what it wraps", p.Chain})
	for _, table := range p.Facts {
		w.table(table)
	}
	w.put("<footer>Config.Debug is on. This page is shown to a browser on this machine that opened the link in the terminal; everybody else gets the plain error page.</footer>\n</main>\n")
	return w.html.String()
}

func (w *writer) rules(title string, rules []Rule) {
	if len(rules) == 0 {
		return
	}
	w.put("<h2>%s</h2>\n<div class=table><table>\n<thead><tr><th>Rule<th>Methods<th>Endpoint<th>Registered at</thead>\n<tbody>\n", title)
	for _, r := range rules {
		w.put("<tr><td><b>%s</b><td>%s<td>%s<td class=place>%s\n", r.Text, r.Methods, r.Endpoint, r.Place)
	}
	w.put("</tbody>\n</table></div>\n")
}

func (w *writer) stack(sections []section) {
	if len(sections) == 0 {
		return
	}
	w.put("<h2>Where it happened</h2>\n")
	for _, s := range sections {
		if s.isOwn {
			w.frame(s.frames[0])
		} else {
			w.fold(s.frames)
		}
	}
}

func (w *writer) frame(f Frame) {
	w.put("<section class=frame>\n<p>")
	w.place(f)
	w.put("</p>\n")
	if len(f.Source) > 0 {
		w.put("<pre><code>")
		for _, line := range f.Source {
			w.line(line)
		}
		w.put("</code></pre>\n")
	}
	w.put("</section>\n")
}

func (w *writer) place(f Frame) {
	w.put("<code class=function>%s</code> <code class=place>%s<strong>%s:%s</strong></code>", f.name(), f.folder(), f.base(), f.Line)
}

func (w *writer) line(l Line) {
	format := markup("<span class=source><i>%s</i><span>%s</span></span>")
	if l.Fails {
		format = "<mark class=source><i>%s</i><span>%s</span></mark>"
	}
	w.put(format, l.Number, l.Text)
}

// fold hides the frames of others until someone asks.
func (w *writer) fold(frames []Frame) {
	count := "1 call"
	if len(frames) > 1 {
		count = fmt.Sprint(len(frames), " calls")
	}
	w.put("<details class=fold>\n<summary>%s in packages that are not the application's</summary>\n<ol>\n", count)
	for _, f := range frames {
		w.put("<li>")
		w.place(f)
		w.put("\n")
	}
	w.put("</ol>\n</details>\n")
}

func (w *writer) table(t Table) {
	if len(t.Rows) == 0 {
		return
	}
	w.put("<h2>%s</h2>\n<div class=table><table>\n", t.Title)
	for _, row := range t.Rows {
		w.put("<tr><th>%s<td>%s\n", row.Name, row.Value)
	}
	w.put("</table></div>\n")
}
