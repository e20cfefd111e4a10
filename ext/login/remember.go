package login

import (
	"crypto/hmac"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/internal/configkey"
)

const (
	defaultCookieName     = "remember_token"
	defaultCookieDuration = 365 * 24 * time.Hour
)

// RememberToken returns the value of the cookie for the user with that id:
// "id|signature". There is no date in it, so it is good for as long as the key.
// It mirrors encode_cookie.
func RememberToken(secretKey, id string) (string, error) {
	digest, err := cookieDigest(secretKey, id)
	if err != nil {
		return "", err
	}
	return id + "|" + digest, nil
}

// ParseRememberToken returns the id in a cookie, and whether the signature is
// good. It mirrors decode_cookie.
func ParseRememberToken(secretKey, token string) (id string, ok bool) {
	end := strings.LastIndexByte(token, '|')
	if end < 0 {
		return "", false
	}
	id = token[:end]
	digest, err := cookieDigest(secretKey, id)
	if err != nil || subtle.ConstantTimeCompare([]byte(digest), []byte(token[end+1:])) != 1 {
		return "", false
	}
	return id, true
}

func cookieDigest(secretKey, id string) (string, error) {
	key, err := latin1(secretKey)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha512.New, key)
	mac.Write([]byte(id))
	return hex.EncodeToString(mac.Sum(nil)), nil
}

// latin1 returns the key as Flask-Login uses it. Flask-Login encodes a string as
// Latin-1, where everything else of Flask encodes it as UTF-8. A key that is not
// UTF-8 stands for Python's bytes.
func latin1(key string) ([]byte, error) {
	if key == "" {
		return nil, errors.New("decant: the cookie that remembers users needs a secret key; set Config.SecretKey")
	}
	if !utf8.ValidString(key) {
		return []byte(key), nil
	}
	encoded := make([]byte, 0, len(key))
	for _, char := range key {
		if char > 0xff {
			return nil, fmt.Errorf("decant: Flask-Login cannot sign with a secret key that holds %q, because that is not in Latin-1; choose a key of ASCII characters", char)
		}
		encoded = append(encoded, byte(char))
	}
	return encoded, nil
}

func cookieName(c *decant.Context) string {
	return configkey.Text(c.App.Config, "REMEMBER_COOKIE_NAME", defaultCookieName)
}

// remembered returns the user of the request's cookie.
func remembered(c *decant.Context) (id string, ok bool) {
	token, sent := c.Request.Cookies.Lookup(cookieName(c))
	if !sent || c.Session.Get(rememberKey) == rememberClear {
		return "", false
	}
	return ParseRememberToken(c.App.Config.SecretKey, token)
}

// updateCookie sets or deletes the cookie after a request. It does not look
// into the session of a request in which the manager has not, because the
// session says what to do with the cookie only within one request. It mirrors
// _update_remember_cookie.
func (s *site[U]) updateCookie(c *decant.Context, r *decant.Response, looked bool) error {
	refresh := configkey.Bool(c.App.Config, "REMEMBER_COOKIE_REFRESH_EACH_REQUEST", false)
	if !looked && !refresh {
		return nil
	}
	if s.Version == V06 && refresh && !c.Session.Has(rememberKey) {
		c.Session.Set(rememberKey, rememberSet)
	}
	operation := c.Session.Get(rememberKey)
	if s.Version == V07 && refresh && operation != rememberClear && c.Request.Cookies.Has(cookieName(c)) {
		operation = rememberSet
	}
	forget(c, rememberKey)
	id, isUser := userID(c)
	switch {
	case operation == rememberClear:
		deleteCookie(c, r)
	case operation == rememberSet && isUser:
		return setCookie(c, r, id)
	}
	return nil
}

func setCookie(c *decant.Context, r *decant.Response, id string) error {
	token, err := RememberToken(c.App.Config.SecretKey, id)
	if err != nil {
		return err
	}
	config := c.App.Config
	options := append(cookiePlace(config), decant.Expires(time.Now().Add(cookieDuration(c))))
	if configkey.Bool(config, "REMEMBER_COOKIE_SECURE", false) {
		options = append(options, decant.Secure())
	}
	if configkey.Bool(config, "REMEMBER_COOKIE_HTTPONLY", true) {
		options = append(options, decant.HTTPOnly())
	}
	policy, err := sameSite(configkey.Text(config, "REMEMBER_COOKIE_SAMESITE", ""))
	if err != nil {
		return err
	}
	options = append(options, decant.SameSite(policy))
	r.SetCookie(cookieName(c), token, options...)
	return nil
}

// sameSite reads the setting of that name, in upper or lower case.
func sameSite(policy string) (http.SameSite, error) {
	switch strings.ToLower(policy) {
	case "":
		return http.SameSiteDefaultMode, nil
	case "strict":
		return http.SameSiteStrictMode, nil
	case "lax":
		return http.SameSiteLaxMode, nil
	case "none":
		return http.SameSiteNoneMode, nil
	}
	return 0, fmt.Errorf("decant: REMEMBER_COOKIE_SAMESITE is %q; write Strict, Lax or None, or leave it empty", policy)
}

func deleteCookie(c *decant.Context, r *decant.Response) {
	r.DeleteCookie(cookieName(c), cookiePlace(c.App.Config)...)
}

func cookiePlace(config *decant.Config) []decant.CookieOption {
	options := []decant.CookieOption{decant.CookiePath(configkey.Text(config, "REMEMBER_COOKIE_PATH", "/"))}
	if domain := configkey.Text(config, "REMEMBER_COOKIE_DOMAIN", ""); domain != "" {
		options = append(options, decant.CookieDomain(domain))
	}
	return options
}

// cookieDuration is the duration that the login asked for, or else the setting.
func cookieDuration(c *decant.Context) time.Duration {
	switch seconds := c.Session.Get(rememberSecondsKey).(type) {
	case int:
		return configkey.Seconds(float64(seconds))
	case float64:
		return configkey.Seconds(seconds)
	}
	duration, limited := configkey.Duration(c.App.Config, "REMEMBER_COOKIE_DURATION", defaultCookieDuration)
	if !limited {
		panic(errors.New("decant: the configuration key REMEMBER_COOKIE_DURATION is nil; set it to a time.Duration or a number of seconds"))
	}
	return duration
}
