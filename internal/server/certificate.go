package server

import (
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
)

// TLSConfig returns the configuration with the certificate of two files in PEM added
// to it. Either may be absent: the configuration nil, or the names "". Without both
// it returns nil, which means plain HTTP. A configuration without any certificate is
// an error.
func TLSConfig(config *tls.Config, certFile, keyFile string) (*tls.Config, error) {
	hasFiles := certFile != "" || keyFile != ""
	if config == nil && !hasFiles {
		return nil, nil
	}
	config = config.Clone()
	if config == nil {
		config = new(tls.Config)
	}
	if hasFiles {
		pair, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			return nil, fmt.Errorf("decant: the certificate %q with the key %q cannot be used: %w; pass decant.TLS the two files, in PEM", certFile, keyFile, err)
		}
		config.Certificates = append(slices.Clone(config.Certificates), pair)
	}
	if len(config.Certificates) == 0 && config.GetCertificate == nil && config.GetConfigForClient == nil {
		return nil, errors.New("decant: the configuration of TLSConfig has no certificate; set its Certificates or GetCertificate, or add the option decant.TLS(certFile, keyFile)")
	}
	return config, nil
}
