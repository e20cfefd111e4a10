package csrf

import (
	"strconv"
	"strings"
)

// origin is what has to agree between a page and the form's target.
type origin struct {
	scheme, host string
	port         int // -1 where none is written
}

// originOf reads the beginning of a URL as Python's urlparse does, which does
// not care what path and query look like. It is not ok where the port is no
// number.
func originOf(url string) (o origin, ok bool) {
	url = strings.TrimLeftFunc(url, func(char rune) bool { return char <= ' ' })
	scheme, rest, _ := strings.Cut(url, ":")
	if !strings.HasPrefix(rest, "//") {
		return origin{}, false
	}
	authority := rest[2:]
	if end := strings.IndexAny(authority, "/?#"); end >= 0 {
		authority = authority[:end]
	}
	authority = authority[strings.LastIndexByte(authority, '@')+1:]
	host, port := splitPort(authority)
	o = origin{scheme: strings.ToLower(scheme), host: strings.ToLower(host), port: -1}
	if port == "" {
		return o, true
	}
	number, err := strconv.ParseUint(port, 10, 16)
	o.port = int(number)
	return o, err == nil
}

// splitPort cuts "host:port" and "[::1]:port".
func splitPort(authority string) (host, port string) {
	if inside, ok := strings.CutPrefix(authority, "["); ok {
		host, rest, _ := strings.Cut(inside, "]")
		_, port, _ := strings.Cut(rest, ":")
		return host, port
	}
	host, port, _ = strings.Cut(authority, ":")
	return host, port
}
