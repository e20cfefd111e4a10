package tests

import (
	"testing"
	"time"

	"github.com/decant-go/decant"
)

func setConfig(t testing.TB, config *decant.Config, key string, value any) {
	t.Helper()
	text, _ := value.(string)
	truth, _ := value.(bool)
	switch key {
	case "PERMANENT_SESSION_LIFETIME":
		config.PermanentSessionLifetime = time.Duration(value.(float64)) * time.Second
	case "SESSION_COOKIE_SECURE":
		config.SessionCookieSecure = truth
	case "SESSION_COOKIE_HTTPONLY":
		config.SessionCookieHTTPOnly = truth
	case "SESSION_COOKIE_SAMESITE":
		config.SessionCookieSameSite = text
	case "SESSION_COOKIE_DOMAIN":
		config.SessionCookieDomain = text
	case "SESSION_COOKIE_PATH":
		config.SessionCookiePath = text
	case "SESSION_COOKIE_NAME":
		config.SessionCookieName = text
	case "SESSION_COOKIE_PARTITIONED":
		config.SessionCookiePartitioned = truth
	case "SESSION_REFRESH_EACH_REQUEST":
		config.SessionRefreshEachRequest = truth
	case "APPLICATION_ROOT":
		config.ApplicationRoot = text
	case "SERVER_NAME":
		config.ServerName = text
	case "PREFERRED_URL_SCHEME":
		config.PreferredURLScheme = text
	default:
		t.Fatalf("unknown configuration key %q", key)
	}
}
