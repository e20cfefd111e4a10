package server

import (
	"fmt"
	"net"
	"strings"
)

// Greeting is what an application says when its server starts, in Flask's words.
type Greeting struct {
	Name       string // of the application
	Debug      bool   // whether debug mode is on
	IsTLS      bool
	ServerName string // Config.ServerName, which may be ""
	UnlockPath string // of the link that opens the debug page; "" without debug mode
}

// Lines returns the lines for a server with these listeners.
func (g Greeting) Lines(listeners []Listener) string {
	var b strings.Builder
	mode, warning := "off", ""
	if g.Debug {
		mode, warning = "on", debugWarning
	}
	fmt.Fprintf(&b, " * Serving Decant app '%s'\n * Debug mode: %s\n%s", g.Name, mode, warning)
	isNamed := g.ServerName == ""
	for _, listener := range listeners {
		fmt.Fprintf(&b, " * Running on %s\n", urlOf(listener.Addr(), g.IsTLS))
		isNamed = isNamed || listener.Addr().String() == g.ServerName
	}
	if !isNamed {
		fmt.Fprintf(&b, " * External URLs have the host %s, as Config.ServerName says\n", g.ServerName)
	}
	for _, listener := range listeners {
		if local := loopbackOf(listener.Addr()); local != nil {
			b.WriteString(g.UnlockLine(urlOf(local, g.IsTLS)))
			break
		}
	}
	return b.String() + "Press CTRL+C to quit\n"
}

const debugWarning = "WARNING: Debug mode shows the source code around an error to a browser on this machine that opened the link below; others get the plain page. Do not use it where others reach the server.\n"

// UnlockLine is the line with the link that opens the debug page of an application
// at a URL. It is "" without such a link.
func (g Greeting) UnlockLine(url string) string {
	if g.UnlockPath == "" {
		return ""
	}
	return fmt.Sprintf(" * To see errors in your browser, open %s%s once\n", url, g.UnlockPath)
}

// urlOf returns the URL of an address, or its name if it has no URL.
func urlOf(where net.Addr, isTLS bool) string {
	switch {
	case where.Network() == "unix":
		return "unix:" + where.String()
	case isTLS:
		return "https://" + where.String()
	}
	return "http://" + where.String()
}

// loopbackOf is the address by which a browser on this machine reaches a listener
// from a loopback address, or nil if it does not.
func loopbackOf(where net.Addr) net.Addr {
	address, isTCP := where.(*net.TCPAddr)
	switch {
	case !isTCP:
		return nil
	case address.IP.IsUnspecified():
		return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: address.Port}
	case address.IP.IsLoopback():
		return address
	}
	return nil
}
