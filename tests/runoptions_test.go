package tests

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant"
)

// certificate makes a certificate for 127.0.0.1 and returns its files, and the
// configuration of a client that trusts it.
func certificate(t *testing.T) (certFile, keyFile string, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotAfter:     time.Now().Add(24 * time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	certFile, keyFile = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	write(t, certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	write(t, keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	client = &tls.Config{RootCAs: x509.NewCertPool()}
	client.RootCAs.AddCert(parsed)
	return certFile, keyFile, client
}

// serve runs an application on a listener of the test's own, and stops it at the
// end of the test. It returns the address.
func serve(t *testing.T, app *decant.App, options ...decant.RunOption) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, app, append([]decant.RunOption{decant.Listener(listener)}, options...)...)
	return listener.Addr().String()
}

func serveOn(t *testing.T, app *decant.App, options ...decant.RunOption) {
	t.Helper()
	stop, tellToStop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- app.RunContext(stop, append([]decant.RunOption{decant.Drain(0)}, options...)...) }()
	t.Cleanup(func() {
		tellToStop()
		if err := <-ended; err != nil {
			t.Errorf("RunContext returned %v", err)
		}
	})
}

// visit asks a server and returns the protocol, the status and the body.
func visit(t *testing.T, transport *http.Transport, url string) string {
	t.Helper()
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(response.Proto, " ", response.StatusCode, " ", string(body))
}

// scheme is a view that says how it was asked.
func scheme(c *decant.Context) (any, error) {
	return c.Request.Proto + " " + c.URLFor("view", "_external", true), nil
}

func TestRunSpeaksTLS(t *testing.T) {
	certFile, keyFile, trusting := certificate(t)
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		option decant.RunOption
		proto  string
	}{
		"files":                {decant.TLS(certFile, keyFile), "HTTP/2.0"},
		"a configuration":      {decant.TLSConfig(&tls.Config{Certificates: []tls.Certificate{pair}}), "HTTP/2.0"},
		"its own protocols":    {decant.TLSConfig(&tls.Config{Certificates: []tls.Certificate{pair}, NextProtos: []string{"http/1.1"}}), "HTTP/1.1"},
		"a chosen certificate": {decant.TLSConfig(&tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &pair, nil }}), "HTTP/2.0"},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := appWith(scheme)
			address := serve(t, app, test.option)
			got := visit(t, &http.Transport{TLSClientConfig: trusting, ForceAttemptHTTP2: true}, "https://"+address)
			if diff := cmp.Diff(fmt.Sprintf("%s 200 %[1]s https://%s/", test.proto, address), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TLS adds its certificate to the configuration, whose other settings hold.
func TestTLSWithAConfiguration(t *testing.T) {
	certFile, keyFile, trusting := certificate(t)
	app, _ := appWith(hello)
	address := serve(t, app, decant.TLSConfig(&tls.Config{MinVersion: tls.VersionTLS13}), decant.TLS(certFile, keyFile))
	visit(t, &http.Transport{TLSClientConfig: trusting}, "https://"+address)
	old := trusting.Clone()
	old.MaxVersion = tls.VersionTLS12
	if _, err := tls.Dial("tcp", address, old); err == nil {
		t.Error("a client of TLS 1.2 was accepted")
	}
}

func TestRunWithoutACertificate(t *testing.T) {
	certFile, keyFile, _ := certificate(t)
	app, _ := appWith(hello)
	mustSay(t, app.Run(decant.TLS("no.pem", keyFile)), `"no.pem"`, "no such file", "decant.TLS", "PEM")
	mustSay(t, app.Run(decant.TLS(keyFile, certFile)), keyFile, "cannot be used")
	mustSay(t, app.Run(decant.TLSConfig(&tls.Config{})), "no certificate", "GetCertificate", "decant.TLS(certFile, keyFile)")
}

func TestRunRefusesNegativeTimes(t *testing.T) {
	app, _ := appWith(hello)
	mustSay(t, app.Run(decant.Drain(-1)), "Drain is -1ns", "negative")
	mustSay(t, app.Run(decant.StopWithin(-time.Second)), "StopWithin -1s", "negative")
}

// RunContext ends with its context.
func TestRunContext(t *testing.T) {
	app, log := appWith(hello)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stop, tellToStop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- app.RunContext(stop, decant.Listener(listener), decant.Drain(0)) }()
	if got := visit(t, new(http.Transport), "http://"+listener.Addr().String()); got != "HTTP/1.1 200 Hello" {
		t.Errorf("the answer is %s", got)
	}
	tellToStop()
	if err := <-ended; err != nil {
		t.Errorf("RunContext returned %v", err)
	}
	if _, err := listener.Accept(); err == nil {
		t.Error("the listener is open")
	}
	log.mustBeEmpty(t)
}

// TestRunRefusesEmptyOptions passes options that are empty because a variable is
// not set. Without an error the application would listen elsewhere, or without TLS.
func TestRunRefusesEmptyOptions(t *testing.T) {
	certFile, keyFile, _ := certificate(t)
	for want, options := range map[string][]decant.RunOption{
		"option 2 of Run is nil; leave it out": {decant.Port(0), nil},
		"Unix got no path":                     {decant.Unix("")},
		"Listener got nil":                     {decant.Listener(nil)},
		"TLSConfig got nil":                    {decant.Port(0), decant.TLSConfig(nil)},
		`TLS got the certificate "" and the key ""; pass the paths`: {decant.Port(0), decant.TLS("", "")},
		`TLS got the certificate "" and the key "` + keyFile + `"`:  {decant.Port(0), decant.TLS("", keyFile)},
		`TLS got the certificate "` + certFile + `" and the key ""`: {decant.Port(0), decant.TLS(certFile, "")},
		"a port is a number up to 65535":                            {decant.Port(65536)},
		"give that by decant.Port(80) or DECANT_RUN_PORT=80":        {decant.Host("127.0.0.1:80")},
	} {
		app, _ := appWith(hello)
		stopped, stop := context.WithCancel(t.Context())
		stop()
		mustSay(t, app.RunContext(stopped, options...), "decant: ", want)
	}
}
