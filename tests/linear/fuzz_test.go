package linear

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/decant-go/decant/tests/linear/readers"
)

var fuzzTarget = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(f \*testing\.F\)`)

// TestEachFuzzTargetHasAReader keeps the list of readers complete: each reader of a
// client's bytes has a fuzz target, and each fuzz target a reader in the list.
func TestEachFuzzTargetHasAReader(t *testing.T) {
	names := map[string]bool{}
	for _, reader := range readers.All() {
		if names[reader.Name] {
			t.Errorf("two readers are called %q", reader.Name)
		}
		names[reader.Name] = true
	}
	found := fuzzTargets(t)
	for _, target := range found {
		reader, ok := readerOf[target]
		if !ok {
			t.Errorf("the fuzz target %s has no reader: add one to the package readers, and name it in readerOf", target)
		} else if !names[reader] && !strings.HasPrefix(reader, "none: ") {
			t.Errorf("the reader %q of %s does not exist", reader, target)
		}
	}
	for _, target := range slices.Sorted(maps.Keys(readerOf)) {
		if !slices.Contains(found, target) {
			t.Errorf("readerOf names %s, which does not exist", target)
		}
	}
}

// fuzzTargets are the targets of all modules, such as internal/header.FuzzRange.
func fuzzTargets(t *testing.T) (targets []string) {
	t.Helper()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		for _, match := range fuzzTarget.FindAllSubmatch(text, -1) {
			targets = append(targets, filepath.ToSlash(folder)+"."+string(match[1]))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(targets) == 0 {
		t.Fatal("no fuzz target was found")
	}
	return targets
}

// readerOf names for each fuzz target the reader of the list that reads the same, or
// says why there is none.
var readerOf = map[string]string{
	"cli/internal/dotenv.FuzzParse":           "none: it reads a file of the developer",
	"ext/csrf.FuzzOrigin":                     "the CSRF header and the referrer",
	"ext/form.FuzzPost":                       "lists of a form",
	"ext/login.FuzzLoginURL":                  "the next URL of a login",
	"ext/login.FuzzRememberToken":             "the cookie that remembers",
	"internal/debugpage.FuzzHTML":             "the debug page",
	"internal/formdata.FuzzMultipart":         "a multipart body",
	"internal/formdata.FuzzOptions":           "the headers of a part",
	"internal/formdata.FuzzQuery":             "a query",
	"internal/formdata.FuzzURLEncoded":        "a urlencoded body",
	"internal/header.FuzzAccept":              "Accept",
	"internal/header.FuzzConditional":         "If-None-Match",
	"internal/header.FuzzIRIToURI":            "a URL to be written",
	"internal/header.FuzzOptionsHeader":       "options of a header",
	"internal/header.FuzzRange":               "Range",
	"internal/httpdate.FuzzParse":             "a date",
	"internal/idna.FuzzIDNA":                  "IDNA of a host",
	"internal/pyjson.FuzzHasMoreElements":     "JSON",
	"internal/pyjson.FuzzParse":               "JSON",
	"internal/pytext.FuzzParseBig":            "a whole number",
	"internal/rule.FuzzBuild":                 "values in URLs",
	"internal/rule.FuzzMatch":                 "the path",
	"internal/rule.FuzzRule":                  "none: it reads rules of the developer",
	"internal/safepath.FuzzLocal":             "a file name of a URL",
	"internal/safepath.FuzzSecureFilename":    "the name of a file",
	"internal/settings.FuzzEnvironment":       "none: it reads the environment of the program",
	"internal/signing.FuzzAppendDecode":       "base64",
	"internal/tagjson.FuzzTagged":             "what a session holds",
	"internal/uuid.FuzzParse":                 "a UUID",
	"internal/wirecookie.FuzzCookieHeader":    "Cookie",
	"internal/wirecookie.FuzzCookieRoundTrip": "a cookie that is set",
	"jinja.FuzzSource":                        "none: it reads templates of the developer",
	"jinja.FuzzSourceAndValues":               "what a template prints",
	"jinja/catalog.FuzzParse":                 "none: it reads files of the developer",
	"password.FuzzCheck":                      "a password hash",
	"serversession/flasksession.FuzzDecode":   "a pickle",
	"shadow.FuzzHTMLTokens":                   "a page that is compared",
	"tests.FuzzEscape":                        "escaping",
	"tests.FuzzEvent":                         "an event",
	"tests.FuzzJSONBody":                      "JSON of a request",
	"tests.FuzzLoads":                         "a token",
	"tests.FuzzMakeConditional":               "If-None-Match of a file",
	"tests.FuzzRequestHeaders":                "Content-Type",
	"tests.FuzzSafeNext":                      "the next URL",
	"tests.FuzzSessionCookie":                 "the session cookie",
	"tests.FuzzStaticPath":                    "a file name of a URL",
	"tests.FuzzTaggedSession":                 "what a session holds",
	"tests.FuzzUnsign":                        "a signed string",
	"tests.FuzzUpload":                        "the multipart form of a request",
}
