package server

import (
	"crypto/tls"
	"strings"
	"testing"
)

func TestTLSConfig(t *testing.T) {
	if config, err := TLSConfig(nil, "", ""); config != nil || err != nil {
		t.Errorf("without TLS the configuration is %v, %v", config, err)
	}
	own := &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, nil }, ServerName: "shop.example"}
	if config, err := TLSConfig(own, "", ""); err != nil || config == own || config.ServerName != own.ServerName {
		t.Errorf("the configuration is %v, %v; want a copy", config, err)
	}
	for _, c := range []struct {
		config            *tls.Config
		certFile, keyFile string
		want              string
	}{
		{new(tls.Config), "", "", "has no certificate; set its Certificates or GetCertificate"},
		{nil, "no.pem", "key.pem", `the certificate "no.pem" with the key "key.pem" cannot be used: `},
		{own, "no.pem", "", `the certificate "no.pem" with the key "" cannot be used: `},
	} {
		if config, err := TLSConfig(c.config, c.certFile, c.keyFile); config != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("TLSConfig(%v, %q, %q) = %v, %v; want the error %q", c.config != nil, c.certFile, c.keyFile, config, err, c.want)
		}
	}
}
