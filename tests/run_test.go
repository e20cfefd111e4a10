package tests

import (
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

func TestRunSaysThatAPortIsTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	t.Setenv("DECANT_RUN_PORT", port)
	app, _ := appWith(hello)
	mustSay(t, app.Run(), "port "+port, "127.0.0.1", "in use", "decant.Port(n)", "DECANT_RUN_PORT=n")
}

func TestRunSaysWhereItCannotListen(t *testing.T) {
	t.Setenv("DECANT_RUN_HOST", "no such host")
	app, _ := appWith(hello)
	mustSay(t, app.Run(decant.Port(0)), "cannot listen on no such host, port 0")
	mustSay(t, app.Run(decant.Host("127.0.0.1"), decant.Port(99999)), "99999")
}

func TestStoppingIsNilOnOtherServers(t *testing.T) {
	t.Parallel()
	app, _ := appWith(func(c *decant.Context) (any, error) { return fmt.Sprint(c.Stopping() == nil), nil })
	mustAnswer(t, get(app, "/"), 200, "true")
}

// slowBody is the body of a client that stops sending, as Run reports it.
type slowBody struct{}

func (slowBody) Read([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }

func TestAFormThatDoesNotComeInTime(t *testing.T) {
	t.Parallel()
	app, log := appWith(func(c *decant.Context) (any, error) { return c.Request.Form.Get("a"), nil })
	r := httptest.NewRequest("POST", "/", slowBody{})
	r.Header.Set("Content-Type", formType)
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	if w.Code != 408 || !strings.Contains(w.Body.String(), "Request Timeout") {
		t.Errorf("the answer is %d %s", w.Code, w.Body)
	}
	log.mustBeEmpty(t)
}
