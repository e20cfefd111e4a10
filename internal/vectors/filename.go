package vectors

import (
	"regexp"
	"testing"
)

// device is the name of a file that Windows takes for a device. It is changed on
// every operating system, because uploads travel.
var device = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[1-9]|lpt[1-9])(\.|$)`)

// CheckSecureFilename runs the cases of secure_filename.
func CheckSecureFilename(t *testing.T, secure func(name string) string) {
	t.Helper()
	type testCase struct {
		ID, Op, Text string
		Want         struct{ Out string }
	}
	for _, c := range Select[testCase](t, Load(t, "http.json"), "secure_filename") {
		want := c.Want.Out
		if device.MatchString(want) {
			want = "_" + want
		}
		if got := secure(c.Text); got != want {
			t.Errorf("%s: SecureFilename(%q) = %q; want %q", c.ID, c.Text, got, want)
		}
	}
}
