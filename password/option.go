package password

import "fmt"

// Option changes how a password is hashed or checked. Give the same options to
// [Generate], [Check] and [NeedsUpgrade].
type Option interface{ apply(*settings) }

// settings are the options in effect.
type settings struct {
	choose     func() (method, error) // what Generate uses
	salt       *string                // instead of a random one, in tests
	saltLength int
	legacy     bool
	long       bool
	doubleHash []byte // the key of the HMAC
	limits     Limits
}

func settingsOf(options []Option) *settings {
	s := &settings{saltLength: 16, limits: defaultLimits}
	s.choose = func() (method, error) { return parseMethod("scrypt") }
	for _, o := range options {
		o.apply(s)
	}
	return s
}

func (s *settings) method() (method, error) {
	if s.saltLength < 1 {
		return nil, fmt.Errorf("password: a salt of %d characters; write SaltLength(1) or more", s.saltLength)
	}
	return s.choose()
}

type option func(*settings)

func (o option) apply(s *settings) { o(s) }

// Method chooses one of Werkzeug's methods for [Generate]: "scrypt",
// "scrypt:N:r:p", "pbkdf2", "pbkdf2:DIGEST" or "pbkdf2:DIGEST:ROUNDS", where
// DIGEST is a name of Python's hashlib such as sha256 or sha512.
func Method(name string) Option {
	return option(func(s *settings) {
		s.choose = func() (method, error) { return parseMethod(name) }
	})
}

// SaltLength is the number of letters in the salt of Werkzeug's methods: 16
// unless this option says otherwise.
func SaltLength(n int) Option {
	return option(func(s *settings) { s.saltLength = n })
}

// Bcrypt chooses bcrypt for [Generate], as Flask-Bcrypt and Flask-Security write
// it. The cost is the binary logarithm of the rounds, 4 to 31; Flask-Bcrypt's
// default is 12. bcrypt reads 72 bytes of a password: Generate refuses a longer
// one, unless [LongPasswords] is given too.
func Bcrypt(cost int) Option {
	return option(func(s *settings) {
		s.choose = func() (method, error) { return newBcrypt(cost, s.long) }
	})
}

// Argon2id chooses argon2id for [Generate]. Memory counts KiB, time passes over
// that memory, and threads lanes that run side by side. argon2-cffi's defaults
// are 65536, 3 and 4.
func Argon2id(memory, time, threads int) Option {
	return option(func(s *settings) {
		s.choose = func() (method, error) { return newArgon2("argon2id", memory, time, threads) }
	})
}

// PasslibPBKDF2 chooses passlib's form of PBKDF2 for [Generate], as
// Flask-Security writes it. The digest is "sha1", "sha256" or "sha512".
func PasslibPBKDF2(digest string, rounds int) Option {
	return option(func(s *settings) {
		s.choose = func() (method, error) { return newMCFPBKDF2(digest, rounds) }
	})
}

// LongPasswords hashes the hexadecimal SHA-256 of a password instead of the
// password where the method is bcrypt. It is Flask-Bcrypt's
// BCRYPT_HANDLE_LONG_PASSWORDS and must be set exactly where that is.
func LongPasswords() Option {
	return option(func(s *settings) { s.long = true })
}

// DoubleHash hashes base64(HMAC-SHA512(salt, password)) instead of the
// password, as Flask-Security does. The salt is SECURITY_PASSWORD_SALT, and the
// same for all users. Hashes in Django's formats are exempt, as they are there.
func DoubleHash(salt string) Option {
	return option(func(s *settings) { s.doubleHash = []byte(salt) })
}

// Legacy lets [Check] read hashes that Werkzeug wrote before 3.0 and no longer
// reads itself: "DIGEST$salt$hex", one round of HMAC (or of the bare digest
// where the salt is empty), and "plain$$password". Anybody who reads such a hash
// soon knows the password: hash it anew at the next login ([NeedsUpgrade]).
func Legacy() Option {
	return option(func(s *settings) { s.legacy = true })
}
