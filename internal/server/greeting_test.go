package server

import (
	"net"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// listenerAt is a listener that only has an address.
type listenerAt struct {
	net.Listener
	where net.Addr
}

func (l listenerAt) Addr() net.Addr { return l.where }

func tcp(host string, port int) net.Addr { return &net.TCPAddr{IP: net.ParseIP(host), Port: port} }

func TestGreeting(t *testing.T) {
	const unlock = " * To see errors in your browser, open "
	socket := &net.UnixAddr{Name: "/run/shop.sock", Net: "unix"}
	for name, c := range map[string]struct {
		greeting Greeting
		where    []net.Addr
		want     string
	}{
		"plain":       {Greeting{Name: "shop"}, []net.Addr{tcp("127.0.0.1", 5000)}, off + " * Running on http://127.0.0.1:5000\n" + quit},
		"TLS":         {Greeting{Name: "shop", IsTLS: true}, []net.Addr{tcp("::1", 443)}, off + " * Running on https://[::1]:443\n" + quit},
		"socket":      {Greeting{Name: "shop", IsTLS: true}, []net.Addr{socket}, off + " * Running on unix:/run/shop.sock\n" + quit},
		"two":         {Greeting{Name: "shop"}, []net.Addr{socket, tcp("10.0.0.1", 80)}, off + " * Running on unix:/run/shop.sock\n * Running on http://10.0.0.1:80\n" + quit},
		"its name":    {Greeting{Name: "shop", ServerName: "127.0.0.1:5000"}, []net.Addr{tcp("127.0.0.1", 5000)}, off + " * Running on http://127.0.0.1:5000\n" + quit},
		"public name": {Greeting{Name: "shop", ServerName: "shop.example"}, []net.Addr{tcp("127.0.0.1", 5000)}, off + " * Running on http://127.0.0.1:5000\n * External URLs have the host shop.example, as Config.ServerName says\n" + quit},
		"debug":       {Greeting{Name: "shop", Debug: true, UnlockPath: "/u"}, []net.Addr{tcp("127.0.0.1", 5000)}, on + " * Running on http://127.0.0.1:5000\n" + unlock + "http://127.0.0.1:5000/u once\n" + quit},
		"all hosts":   {Greeting{Name: "shop", Debug: true, UnlockPath: "/u"}, []net.Addr{socket, tcp("0.0.0.0", 5000)}, on + " * Running on unix:/run/shop.sock\n * Running on http://0.0.0.0:5000\n" + unlock + "http://127.0.0.1:5000/u once\n" + quit},
		"other hosts": {Greeting{Name: "shop", Debug: true, UnlockPath: "/u"}, []net.Addr{tcp("10.0.0.1", 5000)}, on + " * Running on http://10.0.0.1:5000\n" + quit},
	} {
		t.Run(name, func(t *testing.T) {
			var listeners []Listener
			for _, where := range c.where {
				listeners = append(listeners, Listener{Listener: listenerAt{where: where}})
			}
			if diff := cmp.Diff(c.want, c.greeting.Lines(listeners)); diff != "" {
				t.Errorf("the greeting (-want +got):\n%s", diff)
			}
		})
	}
}

const (
	off  = " * Serving Decant app 'shop'\n * Debug mode: off\n"
	on   = " * Serving Decant app 'shop'\n * Debug mode: on\n" + debugWarning
	quit = "Press CTRL+C to quit\n"
)

func TestUnlockLine(t *testing.T) {
	for path, want := range map[string]string{"": "", "/u": " * To see errors in your browser, open http://localhost:8000/u once\n"} {
		if got := (Greeting{UnlockPath: path}).UnlockLine("http://localhost:8000"); got != want {
			t.Errorf("UnlockLine with the path %q = %q, want %q", path, got, want)
		}
	}
}

func TestLocalName(t *testing.T) {
	for serverName, want := range map[string][2]string{
		"":                    {},
		"localhost":           {"127.0.0.1", ""},
		"localhost:8000":      {"127.0.0.1", "8000"},
		"shop.localhost:8000": {"127.0.0.1", "8000"},
		"127.0.0.2:8000":      {"127.0.0.2", "8000"},
		"[::1]:8000":          {"::1", "8000"},
		"[::1]":               {"::1", ""},
		"10.0.0.1:8000":       {},
		"shop.example:8000":   {},
		"notlocalhost":        {},
	} {
		if host, port := LocalName(serverName); [2]string{host, port} != want {
			t.Errorf("LocalName(%q) = %q, %q, want %q", serverName, host, port, want)
		}
	}
}
