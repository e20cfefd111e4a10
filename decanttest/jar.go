package decanttest

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// jar holds the cookies of a client as Werkzeug's client does: a Secure cookie is
// sent without HTTPS too, so that an application can be tested with the settings
// that it has in production.
type jar struct{ cookies []cookie }

type cookie struct {
	pair         string // name=value, as they were sent
	name         string
	domain, path string
	isHostOnly   bool
}

func (k *cookie) isSame(other cookie) bool {
	return k.name == other.name && k.domain == other.domain && k.path == other.path
}

// header returns the Cookie header for a URL, or "". Cookies of a longer path come
// first.
func (j *jar) header(u *url.URL) string {
	var fitting []cookie
	for _, k := range j.cookies {
		if k.matches(u.Hostname(), u.Path) {
			fitting = append(fitting, k)
		}
	}
	slices.SortStableFunc(fitting, func(a, b cookie) int { return cmp.Compare(len(b.path), len(a.path)) })
	pairs := make([]string, len(fitting))
	for i, k := range fitting {
		pairs[i] = k.pair
	}
	return strings.Join(pairs, "; ")
}

func (k *cookie) matches(host, path string) bool {
	atHome := host == k.domain || !k.isHostOnly && strings.HasSuffix(host, "."+k.domain)
	below := path == k.path || strings.HasPrefix(path, strings.TrimSuffix(k.path, "/")+"/")
	return atHome && below
}

// keep stores the cookies of an answer, and removes those that it ends.
func (j *jar) keep(u *url.URL, lines []string) {
	for _, line := range lines {
		k, ended := readCookie(line, u)
		j.cookies = slices.DeleteFunc(j.cookies, func(old cookie) bool { return old.isSame(k) })
		if !ended {
			j.cookies = append(j.cookies, k)
		}
	}
}

func (j *jar) forget(host, name string) {
	j.cookies = slices.DeleteFunc(j.cookies, func(k cookie) bool {
		return k.name == name && k.matches(host, k.path)
	})
}

// readCookie reads a Set-Cookie header. The value stays as it was sent.
func readCookie(line string, u *url.URL) (k cookie, ended bool) {
	pair, attributes, _ := strings.Cut(line, ";")
	k = cookie{pair: strings.TrimSpace(pair), domain: u.Hostname(), path: folderOf(u.Path), isHostOnly: true}
	k.name, _, _ = strings.Cut(k.pair, "=")
	hasAge := false
	for attribute := range strings.SplitSeq(attributes, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(attribute), "=")
		switch strings.ToLower(name) {
		case "domain":
			if domain := strings.TrimPrefix(value, "."); domain != "" {
				k.domain, k.isHostOnly = domain, false
			}
		case "path":
			if strings.HasPrefix(value, "/") {
				k.path = value
			}
		case "max-age":
			if age, err := strconv.Atoi(value); err == nil {
				hasAge, ended = true, age <= 0
			}
		case "expires":
			if date, err := http.ParseTime(value); err == nil && !hasAge {
				ended = !date.After(time.Now())
			}
		}
	}
	return k, ended
}

// folderOf is the path of a cookie without a Path attribute.
func folderOf(path string) string {
	end := strings.LastIndexByte(path, '/')
	if end <= 0 {
		return "/"
	}
	return path[:end]
}
