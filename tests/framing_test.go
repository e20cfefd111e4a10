package tests

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/decant-go/decant"
)

// The page of differences tells what net/http decides before any view.
func TestTheFramingIsNetHTTPs(t *testing.T) {
	app, _ := newTestApp()
	app.Route("/<path:p>", func(c *decant.Context) (any, error) {
		h := c.Request.Header
		return fmt.Sprintf("%s %q %q %q", c.Param("p"), h["A"], h["X_own"], h["Host"]), nil
	}, decant.Methods("GET", "POST"), decant.Endpoint("view"))
	server := httptest.NewServer(app)
	t.Cleanup(server.Close)
	for request, want := range map[string]string{
		"GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n":                                                            "200 a#b [] [] []",
		"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n":                                                            "400 400 Bad Request",
		"GET /a HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n":                                                `200 a ["b c"] [] []`,
		"GET /a HTTP/1.1\r\nHost: x\r\nX_Own: 1\r\n\r\n":                                                  `200 a [] ["1"] []`,
		"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: x\r\n\r\n0\r\n\r\n": "400 400 Bad Request",
	} {
		connection, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
		fmt.Fprint(connection, request)
		response, err := http.ReadResponse(bufio.NewReader(connection), nil)
		if err != nil {
			t.Errorf("%q: %v", request, err)
			continue
		}
		body, err := io.ReadAll(response.Body)
		if got := fmt.Sprint(response.StatusCode, " ", string(body)); err != nil || got != want {
			t.Errorf("%q gets %q, %v, want %q", request, got, err, want)
		}
	}
}
