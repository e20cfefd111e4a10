package csrf

import (
	"time"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/ext/internal/configkey"
)

const (
	defaultFieldName = "csrf_token"
	defaultTimeLimit = time.Hour
)

// settings are the configuration keys of the package as an application has set
// them.
type settings struct {
	enabled, checkDefault bool
	methods, headers      []string
	fieldName, metaName   string
	maxAge                []time.Duration // empty: tokens of any age are good
	sslStrict             bool
	secretKey             string
}

func settingsOf(app *decant.App) settings {
	config := app.Config
	s := settings{
		enabled:      configkey.Bool(config, "WTF_CSRF_ENABLED", true),
		checkDefault: configkey.Bool(config, "WTF_CSRF_CHECK_DEFAULT", true),
		methods:      configkey.Texts(config, "WTF_CSRF_METHODS", "POST", "PUT", "PATCH", "DELETE"),
		headers:      configkey.Texts(config, "WTF_CSRF_HEADERS", "X-CSRFToken", "X-CSRF-Token"),
		fieldName:    configkey.Text(config, "WTF_CSRF_FIELD_NAME", defaultFieldName),
		metaName:     configkey.Text(config, "WTF_CSRF_META_NAME", "csrf-token"),
		sslStrict:    configkey.Bool(config, "WTF_CSRF_SSL_STRICT", true),
		secretKey:    configkey.Text(config, "WTF_CSRF_SECRET_KEY", ""),
	}
	if s.secretKey == "" {
		s.secretKey = config.SecretKey
	}
	if limit, limited := configkey.Duration(config, "WTF_CSRF_TIME_LIMIT", defaultTimeLimit); limited {
		s.maxAge = []time.Duration{limit}
	}
	return s
}

// serializer signs and reads tokens. Former keys are not believed, as in
// Flask-WTF.
func (s settings) serializer() *decant.Serializer { return decant.NewSerializer(s.secretKey, salt) }
