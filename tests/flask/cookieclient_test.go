package flask

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// cookieClient is a browser that keeps cookies and follows no redirects.
type cookieClient struct {
	t        *testing.T
	address  string
	agent    int // counts the browser's updates
	cookies  map[string]string
	requests int
	location string // of the last answer
	claim    string // the header in which the visitor claims another address, or ""
}

func newCookieClient(t *testing.T, address string) *cookieClient {
	return &cookieClient{t: t, address: address, cookies: map[string]string{}}
}

func (k *cookieClient) do(method, path string, form url.Values) (status int, body string) {
	k.t.Helper()
	k.requests++
	r, err := http.NewRequest(method, k.address+path, strings.NewReader(form.Encode()))
	must(k.t, err)
	r.Header.Set("User-Agent", fmt.Sprintf("Browser/%d (it's \"é\")", k.agent))
	if k.claim != "" {
		r.Header[k.claim] = []string{"10.0.0.1"}
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", urlencoded)
	}
	var cookies []string
	for name, value := range k.cookies {
		cookies = append(cookies, name+"="+value)
	}
	r.Header.Set("Cookie", strings.Join(cookies, "; "))
	response, err := http.DefaultTransport.RoundTrip(r)
	must(k.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(k.t, err)
	k.keep(response.Header["Set-Cookie"])
	k.location = response.Header.Get("Location")
	return response.StatusCode, string(text)
}

func (k *cookieClient) keep(lines []string) {
	for _, line := range lines {
		pair, attributes, _ := strings.Cut(line, ";")
		name, value, _ := strings.Cut(pair, "=")
		if strings.Contains(attributes, "Max-Age=0") {
			delete(k.cookies, name)
		} else {
			k.cookies[name] = value
		}
	}
}
