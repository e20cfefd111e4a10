package wirecookie

import (
	"strings"
	"testing"
)

func TestCheckForBrowsers(t *testing.T) {
	root := Some("/")
	for _, test := range []struct {
		cookie Cookie
		want   string // part of the error, or "" for no error
	}{
		{Cookie{Name: "a"}, ""},
		{Cookie{Name: "a", Domain: Some("x.test"), Path: Some("/p"), SameSite: Some("Lax")}, ""},
		{Cookie{Name: "a", SameSite: Some("None"), Secure: true}, ""},
		{Cookie{Name: "a", SameSite: Some("none"), Partitioned: true}, ""},
		{Cookie{Name: "__Secure-a", Secure: true, Domain: Some("x.test"), Path: Some("/p")}, ""},
		{Cookie{Name: "__Host-a", Secure: true, Path: root}, ""},
		{Cookie{Name: "__host-a", Partitioned: true, Path: root}, ""},
		{Cookie{Name: "__Hostess", Path: Some("/p")}, ""},
		{Cookie{}, `cookie "": browsers drop or mix up cookies without a name`},
		{Cookie{Name: "a=b"}, `cookie "a=b": browsers read another name`},
		{Cookie{Name: "a b"}, "a blank"},
		{Cookie{Name: "a", Value: "\x19\x7f\té"}, ""},
		{Cookie{Name: "a", Value: "x\x1bx"}, `the value "x\x1bx"`},
		{Cookie{Name: "a", SameSite: Some("None")}, "SameSite=None that is not Secure"},
		{Cookie{Name: "a", SameSite: Some("nONE")}, "SameSite=None that is not Secure"},
		{Cookie{Name: "__Secure-a"}, "__Secure-"},
		{Cookie{Name: "__secure-a"}, "__Secure-"},
		{Cookie{Name: "__Host-a", Path: root}, "__Host- and that is not Secure"},
		{Cookie{Name: "__Host-a", Secure: true, Path: root, Domain: Some("x.test")}, "has a Domain"},
		{Cookie{Name: "__Host-a", Secure: true, Path: root, Domain: Some("")}, "has a Domain"},
		{Cookie{Name: "__Host-a", Secure: true, Path: Some("/p")}, `Path is not / (it is "/p")`},
		{Cookie{Name: "__HOST-a", Secure: true}, "Path is not /"},
	} {
		err := CheckForBrowsers(&test.cookie)
		if (err != nil) != (test.want != "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v, want %q", test.cookie, err, test.want)
		}
	}
}
