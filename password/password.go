// Package password makes and checks the password hashes of Flask applications,
// so that users keep their passwords when views move to Go.
//
//	hash, err := password.Generate("correct horse")
//	ok, err := password.Check(hash, "correct horse")
//
// # Formats
//
//	Written by              Looks like                                Generate
//	Werkzeug                scrypt:32768:8:1$salt$hex                 the default
//	Werkzeug                pbkdf2:sha256:1000000$salt$hex            Method("pbkdf2")
//	Werkzeug before 3.0     sha1$salt$hex, md5$$hex, plain$$secret    no; Check with Legacy()
//	Flask-Bcrypt, passlib   $2b$12$…, $2a$…, $2y$…                    Bcrypt(12)
//	argon2-cffi, passlib    $argon2id$v=19$m=65536,t=3,p=4$…          Argon2id(65536, 3, 4)
//	argon2-cffi, passlib    $argon2i$…                                no
//	passlib                 $pbkdf2-sha512$25000$…, -sha256, $pbkdf2$ PasslibPBKDF2("sha512", 25000)
//	passlib                 $scrypt$ln=16,r=8,p=1$…                   no
//	passlib                 $bcrypt-sha256$v=2,t=2b,r=12$…            no
//	passlib                 $5$…, $6$… (sha256_crypt, sha512_crypt)   no
//	Django                  pbkdf2_sha256$720000$…, pbkdf2_sha1$…     no
//
// Check reads them all and needs no option to tell them apart. Two settings of
// Flask's extensions do not show in a hash: [LongPasswords] and [DoubleHash].
//
// # Limits
//
// A hash names its own cost, and one that comes out of a foreign database may
// name any. [Limits] says how much Check and Generate may spend.
package password

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"errors"
)

// ErrFormat is wrapped by the error of a hash that Check cannot read, and by
// that of a method that Generate does not know.
var ErrFormat = errors.New("password: unknown or malformed hash")

// ErrLimit is wrapped by the error of a hash that costs more than [Limits]
// allows.
var ErrLimit = errors.New("password: the hash costs too much")

// Generate returns a hash of a password, with a random salt, to be stored and
// given to [Check] later. Without options it is Werkzeug's default,
// "scrypt:32768:8:1$salt$hex", which takes 32 MiB of memory and some 60 ms.
// The error names a method or setting that does not exist or exceeds the
// limits. It mirrors werkzeug.security.generate_password_hash.
func Generate(password string, options ...Option) (string, error) {
	s := settingsOf(options)
	m, err := s.method()
	if err != nil {
		return "", err
	}
	if err := s.limits.refuse(m.cost()); err != nil {
		return "", err
	}
	return m.generate(s.prepared(m, password), s)
}

// Check reports whether a password belongs to a stored hash, which may be of
// any format that the package comment lists. Passwords are compared in constant
// time. A string without two dollar signs is no hash and belongs to no
// password, as in Flask; any other hash that cannot be read or costs too much is
// an error that wraps [ErrFormat] or [ErrLimit]. It mirrors
// werkzeug.security.check_password_hash.
func Check(hash, password string, options ...Option) (bool, error) {
	s := settingsOf(options)
	stored, err := parse(hash, s)
	if err != nil || stored.matches == nil {
		return false, err
	}
	if err := s.limits.refuse(stored.method.cost()); err != nil {
		return false, err
	}
	return stored.matches(s.prepared(stored.method, password))
}

// NeedsUpgrade reports whether [Generate], with the same options, would make a
// stronger hash than this one: another method, or a higher cost. Ask it when a
// login succeeded, for then the password is known and can be hashed anew. A
// hash that cannot be read needs an upgrade.
func NeedsUpgrade(hash string, options ...Option) bool {
	s := settingsOf(options)
	target, err := s.method()
	if err != nil {
		return false
	}
	stored, err := parse(hash, s)
	return err != nil || stored.method == nil || !stored.method.reaches(target)
}

// stored is a hash, taken apart. The zero value stands for a string that is no
// hash.
type stored struct {
	method  method
	matches func(password []byte) (bool, error)
}

// method is a way to hash, with its parameters.
type method interface {
	cost() cost
	// generate hashes a password with a new salt.
	generate(password []byte, s *settings) (string, error)
	// reaches reports whether a hash of this method is as strong as one of the
	// target's.
	reaches(target method) bool
}

// prepared returns the bytes that are hashed for a password.
func (s *settings) prepared(m method, password string) []byte {
	if s.doubleHash == nil || isSingleHash(m) {
		return []byte(password)
	}
	mac := hmac.New(sha512.New, s.doubleHash)
	mac.Write([]byte(password))
	return base64.StdEncoding.AppendEncode(nil, mac.Sum(nil))
}

// isSingleHash reports whether Flask-Security leaves a password as it is in
// front of this method: hashes that were imported from Django, and plain text.
func isSingleHash(m method) bool {
	switch m := m.(type) {
	case mcfPBKDF2:
		return m.django
	case plainText:
		return true
	}
	return false
}

const saltAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// textSalt is a salt of letters and digits. Each byte that would make some
// letters likelier than others is drawn again.
func textSalt(length int) string {
	salt := make([]byte, 0, length)
	for one := make([]byte, 1); len(salt) < length; {
		rand.Read(one)
		if i := int(one[0] & 63); i < len(saltAlphabet) {
			salt = append(salt, saltAlphabet[i])
		}
	}
	return string(salt)
}

// binarySalt is a salt of any bytes.
func binarySalt(length int) []byte {
	salt := make([]byte, length)
	rand.Read(salt)
	return salt
}
