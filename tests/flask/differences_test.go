package flask

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// difference is a rule by which Decant answers otherwise than Flask: whom it
// concerns, and what makes the answer expected of Decant of the one that Flask
// gave.
type difference struct {
	bullet   string // what docs/differences.md has in bold for it
	why      string // in the place of a bullet, for what only an earlier Flask does
	before   string // the version in which Flask changed to what Decant does; "" for never
	concerns func(e exchange, flasks outcome) bool
	adapt    func(e exchange, flasks *outcome)
}

// differences are all that are known. Differences of an earlier Flask are
// listed for distributions that still have it: the released one is the measure.
var differences = slices.Concat(differentSessions, differentAnswers, differentFiles, differentRequests, differentVersions)

// known are the differences that can occur with a version of Flask, and how
// often each did.
type known struct {
	differences []difference
	occurred    []int
	answers     int
}

func knownDifferences(t *testing.T) *known {
	version := flaskVersion(t)
	k := &known{}
	for _, d := range differences {
		if d.before == "" || version < comparable3(d.before) {
			k.differences = append(k.differences, d)
		}
	}
	k.occurred = make([]int, len(k.differences))
	return k
}

// adapt makes what is expected of Decant of what Flask answered.
func (k *known) adapt(e exchange, flasks outcome) outcome {
	expected := flasks.clone()
	for i, d := range k.differences {
		if !d.concerns(e, flasks) {
			continue
		}
		before := expected.clone()
		d.adapt(e, &expected)
		if !cmp.Equal(before, expected) {
			k.occurred[i]++
		}
	}
	if !cmp.Equal(flasks, expected) {
		k.answers++
	}
	return expected
}

// changed are the routes whose answers are others since Flask 3.1 and its
// Werkzeug. An earlier Flask is not asked for them.
var changed = regexp.MustCompile(`^/+(send|uploads|static|shop/files|shop/own-file|favicon\.ico|conditional|about|upload|limit|json|form|data|redirect-to|build|abort/421|cookies/more|args/|sub)`)

// answeredAlike leaves out what an earlier Flask answers otherwise.
func answeredAlike(all []exchange, flask int) []exchange {
	if flask >= comparable3("3.1.0") {
		return all
	}
	return slices.DeleteFunc(all, func(e exchange) bool { return changed.MatchString(e.path()) })
}

// mustAllOccur finds what is no difference any more.
func (k *known) mustAllOccur(t *testing.T) {
	t.Helper()
	for i, d := range k.differences {
		if k.occurred[i] == 0 {
			t.Errorf("no request shows the difference %q", d.bullet+d.why)
		}
	}
}

func TestDifferencesAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/differences.md")
	must(t, err)
	for _, d := range differences {
		if (d.bullet == "") == (d.before == "") {
			t.Errorf("%q: what Flask does to this day has a bullet, and what an earlier one did has its version", d.bullet+d.why)
		}
		if d.bullet != "" && !strings.Contains(string(page), "- **"+d.bullet+"** ") {
			t.Errorf("docs/differences.md has no bullet %q", d.bullet)
		}
	}
}
