package safepath

import "testing"

func TestIsLocalURL(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]bool{
		"/": true, "/a/b?next=//x#y": true, "/a%20b": true, "/a//b": true, "/é": true,
		"": false, "a": false, "//x": false, "/%2fx": false, "/%2Fx": false, "/\\x": false, "/%5cx": false,
		"/a/../b": false, "/a/%2e%2e/b": false, "/./a": false, "/a\n": false, "/a%0a": false, "/\u0085": false,
		"/%": false, "https://x/": false, "javascript:alert(1)": false, "/a?\r\n": false,
	} {
		if got := IsLocalURL(target); got != want {
			t.Errorf("%q is local: %v, want %v", target, got, want)
		}
	}
}
