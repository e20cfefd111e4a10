package cli

import (
	"crypto/tls"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/decant-go/decant"
)

// runCommand serves the application.
func (p *program) runCommand() *cobra.Command {
	var host, cert, key string
	var port int
	command := &cobra.Command{
		Use:   "run",
		Short: "Serve the application",
		Long: `Serves the application until it is interrupted or told to end. The server is fit
for production. The command "decant run" runs it during development, and shows
each change in the browser.`,
		Args: noArguments,
	}
	flags := command.Flags()
	flags.Bool("help", false, "help for run")
	flags.StringVarP(&host, "host", "h", "127.0.0.1", "the address to listen on")
	flags.IntVarP(&port, "port", "p", 5000, "the port to listen on; 0 takes any free one")
	flags.StringVar(&cert, "cert", "", `a certificate to speak HTTPS with, or "adhoc" for a new one that browsers warn of`)
	flags.StringVar(&key, "key", "", "the key of the certificate")
	command.RunE = func(command *cobra.Command, _ []string) error {
		var options []decant.RunOption
		if os.Getenv("DECANT_OUTER_URL") == "" {
			secure, err := encryption(cert, key, host)
			if err != nil {
				return err
			}
			options = append(secure, decant.Host(host), decant.Port(port))
		}
		if err := p.serve(options); err != nil {
			return &failure{err}
		}
		return nil
	}
	return command
}

func (p *program) serve(options []decant.RunOption) error {
	app, err := p.load()
	if err != nil {
		return err
	}
	return app.Run(options...)
}

// encryption checks --cert and --key as Flask does.
func encryption(cert, key, host string) ([]decant.RunOption, error) {
	isAdhoc := strings.EqualFold(cert, "adhoc") && !isFile(cert)
	switch {
	case cert == "" && key != "":
		return nil, Usage(`Invalid value for '--key': "--cert" must also be specified.`)
	case cert == "":
		return nil, nil
	case isAdhoc && key != "":
		return nil, Usage(`Invalid value for '--key': When "--cert" is "adhoc", "--key" is not used.`)
	case !isAdhoc && !isFile(cert):
		return nil, Usage("Invalid value for '--cert': File '%s' does not exist.", cert)
	case !isAdhoc && key == "":
		return nil, Usage(`Invalid value for '--key': Required when using "--cert".`)
	case !isAdhoc && !isFile(key):
		return nil, Usage("Invalid value for '--key': File '%s' does not exist.", key)
	case !isAdhoc:
		return []decant.RunOption{decant.TLS(cert, key)}, nil
	}
	pair, err := adhocCertificate(host)
	if err != nil {
		return nil, err
	}
	return []decant.RunOption{decant.TLSConfig(&tls.Config{Certificates: []tls.Certificate{pair}})}, nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}
