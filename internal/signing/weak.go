package signing

import (
	"fmt"
	"strings"
	"unicode"
)

// KeyCommand prints a good secret key. Every Unix has it, and Git for Windows
// brings it along.
const KeyCommand = "openssl rand -hex 32"

// ShortestKey is the length in bytes below which a secret key is called short.
const ShortestKey = 16

// Weakness says why a secret key is one that others can guess, or "" for one that
// looks good. It never holds the key itself.
func Weakness(key string) string {
	switch {
	case placeholders[plain(key)]:
		return "is the placeholder of a tutorial or an example, which everybody knows"
	case len(key) < ShortestKey:
		return fmt.Sprintf("has only %d bytes, so others can find it by trying", len(key))
	}
	return ""
}

// plain leaves out case, spaces and punctuation, in which placeholders differ.
func plain(key string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, key)
}

// placeholders are the keys that tutorials, templates and this project's own
// examples use, in their plain form. The map is never written.
var placeholders = map[string]bool{
	// Flask's quickstart, tutorial and page of configuration.
	plain("_5#y2L\"F4Q8z\n\xec]/"): true,
	"dev":                          true,
	"192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf": true,
	// Well-known books and courses.
	"youwillneverguess":                true,
	"hardtoguessstring":                true,
	"5791628bb0b13ce0c676dfde280ba245": true,
	"mysecretkey":                      true,
	"myprecious":                       true,
	"supersecret":                      true,
	"supersecretkey":                   true,
	"thisisasecret":                    true,
	"thisisasecretkey":                 true,
	"thisismysecretkey":                true,
	"averysecretkey":                   true,
	"verysecretkey":                    true,
	"notsosecret":                      true,
	"somesecretkey":                    true,
	"randomstring":                     true,
	// Templates that somebody is to fill in.
	"secret":                          true,
	"secretkey":                       true,
	"yoursecretkey":                   true,
	"yoursecretkeyhere":               true,
	"putyoursecretkey":                true,
	"insertsecretkey":                 true,
	"changeme":                        true,
	"changethis":                      true,
	"changethiskey":                   true,
	"changethissecret":                true,
	"changemeplease":                  true,
	"pleasechangeme":                  true,
	"replaceme":                       true,
	"developmentkey":                  true,
	"developmentsecret":               true,
	"devsecretkey":                    true,
	"defaultsecretkey":                true,
	"insecuresecretkey":               true,
	"testsecretkey":                   true,
	"secretkeyfortests":               true,
	"secretkeyfordev":                 true,
	"changethissecretkey":             true,
	"changethisinproduction":          true,
	"devsecretkeychangeinproduction":  true,
	"yoursecretkeychangeinproduction": true,
	// The examples and the documentation of this project.
	"alongrandomsecretkey":            true,
	"alongrandomtextthatiskeptsecret": true,
	"asecretkeyfortryingthingsout":    true,
	"asecretkeyforthisexample":        true,
}
