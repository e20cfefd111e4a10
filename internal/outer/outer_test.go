package outer

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFromEnvironment(t *testing.T) {
	variables := map[string]string{
		"DECANT_OUTER_URL": "http://127.0.0.1:5000", "DECANT_OUTER_TOKEN": "secret",
		"DECANT_RUN_HOST": "127.0.0.1", "DECANT_RUN_PORT": "40000",
	}
	for name, value := range variables {
		t.Setenv(name, value)
	}
	want := &Server{URL: "http://127.0.0.1:5000", Host: "127.0.0.1", Port: "40000", token: "secret"}
	if diff := cmp.Diff(want, FromEnvironment(), cmp.AllowUnexported(Server{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	t.Setenv("DECANT_OUTER_RESTART", "1")
	if !FromEnvironment().Restarted {
		t.Error("a restart is not noticed")
	}
	for name, value := range variables {
		t.Setenv(name, "")
		if s := FromEnvironment(); s != nil {
			t.Errorf("without %s there is %+v", name, s)
		}
		t.Setenv(name, value)
	}
}

func TestHandler(t *testing.T) {
	const direct, visitor = "127.0.0.1:40001", "192.0.2.7:1234"
	for _, c := range []struct {
		name           string
		server         *Server
		token, address string
		want           string
		removed        bool
	}{
		{"passed on", &Server{token: "secret"}, "secret", visitor, visitor, true},
		{"another token", &Server{token: "secret"}, "secre", visitor, direct, true},
		{"no token", &Server{token: "secret"}, "", visitor, direct, true},
		{"no address", &Server{token: "secret"}, "secret", "", direct, true},
		{"no server", nil, "secret", visitor, direct, false},
	} {
		var got string
		var header http.Header
		handler := c.server.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			got, header = r.RemoteAddr, r.Header
		}))
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = direct
		r.Header.Set("X-Decant-Outer-Token", c.token)
		r.Header.Set("X-Decant-Outer-Address", c.address)
		handler.ServeHTTP(httptest.NewRecorder(), r)
		if got != c.want || (len(header) == 0) != c.removed {
			t.Errorf("%s: the address is %s, and the headers are %v", c.name, got, header)
		}
	}
}
