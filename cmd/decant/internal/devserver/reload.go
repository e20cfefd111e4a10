package devserver

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ownPath is where this server answers itself.
const ownPath = "/.decant/"

// maxPage bounds the pages that get the script.
const maxPage = 8 << 20

// addScript puts the script that reloads a page into an answer that a browser
// shows as a page. Any other answer stays as it is.
func addScript(resp *http.Response, site *site) error {
	if resp.Request.Context().Value(navigationKey{}) != true || !takesScript(resp) {
		return nil
	}
	page, err := io.ReadAll(io.LimitReader(resp.Body, resp.ContentLength))
	if err != nil {
		return err
	}
	resp.Body.Close()
	generation, _ := site.generation()
	page = insertScript(page, scriptElement(generation, resp.Request.Method))
	resp.Body = io.NopCloser(bytes.NewReader(page))
	resp.ContentLength = int64(len(page))
	h := resp.Header
	h.Set("Content-Length", strconv.Itoa(len(page)))
	h.Set("Cache-Control", "no-store")
	for _, name := range []string{"Etag", "Last-Modified", "Expires", "Content-Md5", "Digest", "Accept-Ranges"} {
		h.Del(name)
	}
	allowScript(h, "http://"+resp.Request.Host)
	return nil
}

// takesScript reports whether an answer is a whole page of HTML that is neither
// compressed nor streamed nor a download.
func takesScript(resp *http.Response) bool {
	h := resp.Header
	kind, parameters, err := mime.ParseMediaType(h.Get("Content-Type"))
	switch {
	case err != nil || kind != "text/html" || strings.HasPrefix(strings.ToLower(parameters["charset"]), "utf-16"):
		return false
	case resp.Request.Method == http.MethodHead || resp.ContentLength < 0 || resp.ContentLength > maxPage:
		return false
	case resp.StatusCode < 200 || resp.StatusCode == http.StatusNoContent || resp.StatusCode == http.StatusPartialContent || resp.StatusCode == http.StatusNotModified:
		return false
	case h.Get("Content-Encoding") != "" && h.Get("Content-Encoding") != "identity":
		return false
	}
	disposition, _, _ := strings.Cut(h.Get("Content-Disposition"), ";")
	return !strings.EqualFold(strings.TrimSpace(disposition), "attachment")
}

func scriptElement(generation, method string) string {
	return fmt.Sprintf("<script src=\"%sreload.js?generation=%s&amp;method=%s\"></script>\n", ownPath, generation, strings.ToLower(method))
}

// insertScript puts an element in front of the last "</body", or at the end of a
// page that has none.
func insertScript(page []byte, element string) []byte {
	at := len(page)
	for i := len(page) - len(bodyEnd); i >= 0; i-- {
		if page[i] == '<' && strings.EqualFold(string(page[i:i+len(bodyEnd)]), bodyEnd) {
			at = i
			break
		}
	}
	return slices.Concat(page[:at], []byte(element), page[at:])
}

const bodyEnd = "</body"

// serveOwn answers what the script asks for.
func serveOwn(w http.ResponseWriter, r *http.Request, site *site) {
	w.Header().Set("Cache-Control", "no-store")
	switch strings.TrimPrefix(r.URL.Path, ownPath) {
	case "reload.js":
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		io.WriteString(w, reloadScript)
	case "events":
		serveEvents(w, r, site)
	default:
		http.NotFound(w, r)
	}
}

// serveEvents tells a page to load again when the site shows something else
// than the page does.
func serveEvents(w http.ResponseWriter, r *http.Request, site *site) {
	w.Header().Set("Content-Type", "text/event-stream")
	connection := http.NewResponseController(w)
	io.WriteString(w, "retry: 500\n\n")
	alive := time.NewTicker(20 * time.Second)
	defer alive.Stop()
	for {
		generation, changed := site.generation()
		if generation != r.URL.Query().Get("generation") {
			io.WriteString(w, "event: reload\ndata: now\n\n")
			return
		}
		if connection.Flush() != nil {
			return
		}
		select {
		case <-changed:
		case <-alive.C:
			io.WriteString(w, ": still here\n\n")
		case <-r.Context().Done():
			return
		}
	}
}

// reloadScript loads the page again when it is told to. A page in the background
// does not listen, because browsers allow a server few connections; it asks when
// it is looked at. A page that answers a form is not posted again.
const reloadScript = `(() => {
	"use strict";
	const address = new URL(document.currentScript.src);
	const posted = address.searchParams.get("method") === "post";
	let events = null;
	const stop = () => {
		if (events) events.close();
		events = null;
	};
	const reload = () => {
		stop();
		if (posted) location.replace(location.pathname + location.search);
		else location.reload();
	};
	const listen = () => {
		if (document.visibilityState === "hidden") return stop();
		if (events) return;
		events = new EventSource("` + ownPath + `events?generation=" + address.searchParams.get("generation"));
		events.addEventListener("reload", reload);
	};
	document.addEventListener("visibilitychange", listen);
	window.addEventListener("pageshow", listen);
	window.addEventListener("pagehide", stop);
	listen();
})();
`
