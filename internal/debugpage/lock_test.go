package debugpage

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lockWith returns a lock whose key consists of one letter.
func lockWith(letter string) *Lock {
	return &Lock{func() []byte { return []byte(strings.Repeat(letter, keySize)) }}
}

// open sends a request for a path to the lock.
func open(l *Lock, r *http.Request, path string) *httptest.ResponseRecorder {
	r.URL.Path = path
	w := httptest.NewRecorder()
	l.Handler(http.NotFoundHandler()).ServeHTTP(w, r)
	return w
}

func TestLinkUnlocksTheBrowser(t *testing.T) {
	lock := lockWith("a")
	if lock.IsOpenFor(local()) {
		t.Error("a browser that never opened the link is unlocked")
	}
	w := open(lock, local(), lock.Path())
	cookies := w.Result().Cookies()
	if w.Code != 200 || len(cookies) != 1 {
		t.Fatalf("the link answers %d with the cookies %v", w.Code, cookies)
	}
	got := cookies[0]
	if !got.HttpOnly || got.SameSite != http.SameSiteStrictMode || got.Domain != "" || got.Path != "/" || got.Secure {
		t.Errorf("the cookie is %v", got)
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control is %q", got)
	}
	r := local()
	r.AddCookie(&http.Cookie{Name: cookieName, Value: "of another program"})
	r.AddCookie(got)
	if !lock.IsOpenFor(r) {
		t.Error("the browser that opened the link is not unlocked")
	}
	if lockWith("b").IsOpenFor(r) {
		t.Error("the cookie opens the lock of another user")
	}
	if strings.Contains(lock.Path(), got.Value) {
		t.Error("the link gives the cookie away")
	}
}

func TestLinkIsForTheDeveloperAlone(t *testing.T) {
	lock := lockWith("a")
	remote := local()
	remote.RemoteAddr = "192.168.0.5:40000"
	rebound := local()
	rebound.Host = "evil.example"
	posted := local()
	posted.Method = "POST"
	for name, test := range map[string]struct {
		r    *http.Request
		path string
	}{
		"from the network":        {remote, lock.Path()},
		"of another host":         {rebound, lock.Path()},
		"posted":                  {posted, lock.Path()},
		"with the wrong token":    {local(), lockWith("b").Path()},
		"without a token":         {local(), linkPrefix},
		"with half of the token":  {local(), lock.Path()[:len(lock.Path())/2]},
		"with more than the link": {local(), lock.Path() + "/"},
	} {
		if w := open(lock, test.r, test.path); w.Code != 404 || len(w.Result().Cookies()) != 0 {
			t.Errorf("a link %s answers %d with the cookies %v", name, w.Code, w.Result().Cookies())
		}
	}
}

// The link names the address that the browser uses, because a cookie of
// localhost is not sent to 127.0.0.1.
func TestLinkOfARequest(t *testing.T) {
	lock := lockWith("a")
	if got, want := lock.URL(local()), "http://localhost:5000"+lock.Path(); got != want {
		t.Errorf("the link is %q, want %q", got, want)
	}
}

func TestKeyIsKept(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "cache", "decant")
	first, err := keyIn(folder)
	if err != nil || len(first) != keySize {
		t.Fatalf("%d bytes, %v", len(first), err)
	}
	second, err := keyIn(folder)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("the next program has another key (-first +second):\n%s", diff)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	if info, err := os.Stat(filepath.Join(folder, "debug-key")); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("the file is %v, %v", info, err)
	}
}

// A key that others may have read or written is replaced.
func TestUnsafeKeyIsReplaced(t *testing.T) {
	known := strings.Repeat("k", keySize)
	for name, spoil := range map[string]func(file string) error{
		"short":  func(file string) error { return os.WriteFile(file, []byte("k"), 0o600) },
		"linked": func(file string) error { return os.Symlink("elsewhere", file) },
		"readable": func(file string) error {
			if err := os.WriteFile(file, []byte(known), 0o600); err != nil {
				return err
			}
			return os.Chmod(file, 0o644)
		},
	} {
		folder := t.TempDir()
		file := filepath.Join(folder, "debug-key")
		if err := os.WriteFile(filepath.Join(folder, "elsewhere"), []byte(known), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := spoil(file); err != nil {
			t.Fatal(err)
		}
		key, err := keyIn(folder)
		if runtime.GOOS != "windows" && (err != nil || string(key) == known || len(key) != keySize) {
			t.Errorf("%s: the key is %q, %v", name, key, err)
		}
	}
}

func TestKeyOfProgramsThatStartTogether(t *testing.T) {
	folder := t.TempDir()
	keys := make([]string, 8)
	var all sync.WaitGroup
	for i := range keys {
		all.Go(func() {
			key, err := keyIn(folder)
			if err != nil {
				t.Error(err)
			}
			keys[i] = string(key)
		})
	}
	all.Wait()
	for _, key := range keys {
		if key != keys[0] {
			t.Error("two programs have different keys")
		}
	}
}

func TestKeyWithoutAFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if key, err := keyIn(filepath.Join(file, "decant")); err == nil {
		t.Errorf("the key is %q", key)
	}
}
