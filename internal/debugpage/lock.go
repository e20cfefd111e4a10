package debugpage

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

// A Lock keeps the page from browsers that have not opened its link. The link is
// printed in the terminal, where only the developer reads it. An address alone
// proves nothing: behind a proxy on the same machine, all requests come from there.
//
// The link and the cookie are made from 32 random bytes in the user's cache
// folder, so that a browser stays unlocked when the program starts again.
type Lock struct{ key func() []byte }

// NewLock returns a lock. It reads its key when it is first needed.
func NewLock() *Lock { return &Lock{sync.OnceValue(userKey)} }

const (
	linkPrefix = "/_decant/unlock/"
	cookieName = "decant_debug"
	cookieAge  = 400 * 24 * 60 * 60 // in seconds; browsers keep none for longer
)

// Path is the path of the link.
func (l *Lock) Path() string { return linkPrefix + l.derive("link") }

// URL is the link for the browser that sent a request.
func (l *Lock) URL(r *http.Request) string {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host + l.Path()
}

// IsOpenFor reports whether a request comes from a browser that opened the link.
func (l *Lock) IsOpenFor(r *http.Request) bool {
	for _, cookie := range r.CookiesNamed(cookieName) {
		if subtle.ConstantTimeCompare([]byte(cookie.Value), []byte(l.derive("cookie"))) == 1 {
			return true
		}
	}
	return false
}

// Handler answers the link and passes on all other requests.
func (l *Lock) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !l.isLink(r) {
			next.ServeHTTP(w, r)
			return
		}
		http.SetCookie(w, &http.Cookie{
			Name: cookieName, Value: l.derive("cookie"), Path: "/", MaxAge: cookieAge,
			HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
		})
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", policy)
		h.Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, unlockedPage)
	})
}

const unlockedPage = "<!doctype html>\n<html lang=en>\n<title>Unlocked</title>\n<h1>Unlocked</h1>\n<p>In debug mode, this browser shows errors with their source from now on.</p>\n<p><a href=\"/\">Go to the application</a></p>\n"

// isLink reports whether a browser on this machine opens the link.
func (l *Lock) isLink(r *http.Request) bool {
	token, isLink := strings.CutPrefix(r.URL.Path, linkPrefix)
	return isLink && r.Method == http.MethodGet && IsLocal(r) &&
		subtle.ConstantTimeCompare([]byte(token), []byte(l.derive("link"))) == 1
}

// derive makes a word of the key for one purpose, so that the cookie cannot be
// made from the link.
func (l *Lock) derive(purpose string) string {
	mac := hmac.New(sha256.New, l.key())
	io.WriteString(mac, "decant debug page "+purpose)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

const keySize = 32

// userKey returns the key of the user who runs the program. Where there is no
// folder to keep it in, it lasts as long as the program.
func userKey() []byte {
	if folder, err := os.UserCacheDir(); err == nil {
		if key, err := keyIn(filepath.Join(folder, "decant")); err == nil {
			return key
		}
	}
	return newKey()
}

func newKey() []byte {
	key := make([]byte, keySize)
	rand.Read(key)
	return key
}

// keyIn reads the key in a folder. If the folder has no key, it makes one.
func keyIn(folder string) ([]byte, error) {
	file := filepath.Join(folder, "debug-key")
	key, err := readKey(file)
	if err == nil {
		return key, nil
	}
	if !errors.Is(err, fs.ErrNotExist) { // others may know it
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if err := writeKey(folder, file); err != nil {
		return nil, err
	}
	return readKey(file)
}

var errUnsafeKey = errors.New("the key is not a file of 32 bytes that its owner alone can read")

func readKey(file string) ([]byte, error) {
	info, err := os.Lstat(file)
	if err != nil {
		return nil, err
	}
	isPrivate := info.Mode().Perm()&0o077 == 0 || runtime.GOOS == "windows"
	if !info.Mode().IsRegular() || !isPrivate || info.Size() != keySize {
		return nil, errUnsafeKey
	}
	return os.ReadFile(file)
}

// writeKey makes the file with all of its content at once. Another program that
// starts at the same time may come first; its key then stays.
func writeKey(folder, file string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(folder, "debug-key-*") // with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	_, err = draft.Write(newKey())
	if err := errors.Join(err, draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), file); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
