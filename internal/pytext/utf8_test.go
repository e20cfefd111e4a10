package pytext

import "testing"

func TestReplaceInvalid(t *testing.T) {
	for text, want := range map[string]string{
		"":                     "",
		"é☃":                   "é☃",
		"a\xff\xfeb":           "a\ufffd\ufffdb",
		"\xe2\x9c":             "\ufffd",
		"\xe2\x9cx":            "\ufffdx",
		"\xed\xa0\x80":         "\ufffd\ufffd\ufffd",
		"\xf0\x9f\x98":         "\ufffd",
		"\xf0\x9f\x98\x80\xf0": "😀\ufffd",
		"\xc0\x80":             "\ufffd\ufffd",
	} {
		if got := ReplaceInvalid(text); got != want {
			t.Errorf("ReplaceInvalid(%q) = %q, want %q", text, got, want)
		}
	}
}
