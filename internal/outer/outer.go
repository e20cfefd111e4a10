// Package outer is the application's side of decant run, the server that holds
// the port while an application is developed. That server starts the program
// with environment variables that name its own address, and passes each request
// on with two headers: the visitor's address, and a token that proves who says
// so. The other side is cmd/decant/internal/devserver.
package outer

import (
	"crypto/subtle"
	"net/http"
	"os"
)

const (
	tokenHeader   = "X-Decant-Outer-Token"
	addressHeader = "X-Decant-Outer-Address"
)

// Server is the decant run in front of this program.
type Server struct {
	URL        string // by which visitors reach the application: scheme, host and port
	Host, Port string // where the application listens for it
	Restarted  bool   // what is said once has been said by an earlier program
	token      string
}

// FromEnvironment returns the server in front of this program, or nil where
// there is none.
func FromEnvironment() *Server {
	s := &Server{
		URL:       os.Getenv("DECANT_OUTER_URL"),
		Host:      os.Getenv("DECANT_RUN_HOST"),
		Port:      os.Getenv("DECANT_RUN_PORT"),
		Restarted: os.Getenv("DECANT_OUTER_RESTART") == "1",
		token:     os.Getenv("DECANT_OUTER_TOKEN"),
	}
	if s.URL == "" || s.token == "" || s.Host == "" || s.Port == "" {
		return nil
	}
	return s
}

// Handler gives requests that the server passed on their visitor's address, and
// takes its headers from all requests. A nil server changes nothing.
func (s *Server) Handler(next http.Handler) http.Handler {
	if s == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, address := r.Header.Get(tokenHeader), r.Header.Get(addressHeader)
		delete(r.Header, tokenHeader)
		delete(r.Header, addressHeader)
		if address != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.token)) == 1 {
			r.RemoteAddr = address
		}
		next.ServeHTTP(w, r)
	})
}
