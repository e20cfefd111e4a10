package password

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"strings"
	"unicode"

	"golang.org/x/crypto/scrypt"
)

// parse takes a stored hash apart.
func parse(text string, s *settings) (stored, error) {
	parts := strings.SplitN(text, "$", 3)
	if len(parts) < 3 {
		return stored{}, nil
	}
	if strings.HasPrefix(text, "$") {
		return parseModular(text, s)
	}
	name, salt, digest := parts[0], parts[1], parts[2]
	switch {
	case name == "pbkdf2_sha256" || name == "pbkdf2_sha1":
		return parseDjango(strings.TrimPrefix(name, "pbkdf2_"), salt, digest)
	case s.legacy && name == "plain":
		return stored{plainText{}, func(password []byte) (bool, error) { return equal(string(password), digest), nil }}, nil
	case s.legacy && isDigest(name):
		return parseLegacy(name, salt, digest)
	}
	m, err := parseMethod(name)
	if err != nil {
		if isDigest(name) || name == "plain" {
			return stored{}, fmt.Errorf("%w; give Check the option Legacy() to read hashes of Werkzeug before 3.0", err)
		}
		return stored{}, err
	}
	return stored{m, func(password []byte) (bool, error) {
		key, err := m.derive(password, []byte(salt))
		return equal(hex.EncodeToString(key), digest), err
	}}, nil
}

// equal compares in constant time, whatever the lengths.
func equal(a, b string) bool {
	hashA, hashB := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(hashA[:], hashB[:]) == 1
}

// werkzeugMethod is one of Werkzeug's two methods.
type werkzeugMethod interface {
	method
	derive(password, salt []byte) ([]byte, error)
}

// parseMethod reads the part of a hash before the first dollar sign.
func parseMethod(text string) (werkzeugMethod, error) {
	name, rest, hasArguments := strings.Cut(text, ":")
	var arguments []string
	if hasArguments {
		arguments = strings.Split(rest, ":")
	}
	switch name {
	case "scrypt":
		return parseScrypt(arguments)
	case "pbkdf2":
		return parsePBKDF2(arguments)
	}
	return nil, fmt.Errorf("%w: no method %.20q; Werkzeug has scrypt and pbkdf2", ErrFormat, name)
}

// scryptMethod is "scrypt:N:r:p".
type scryptMethod struct{ n, r, p int64 }

func parseScrypt(arguments []string) (werkzeugMethod, error) {
	switch len(arguments) {
	case 0:
		return scryptMethod{32768, 8, 1}, nil
	case 3:
		numbers, ok := readNumbers(arguments)
		if !ok {
			break
		}
		m := scryptMethod{numbers[0], numbers[1], numbers[2]}
		return m, m.valid()
	}
	return nil, fmt.Errorf("%w: scrypt takes three numbers, as in scrypt:32768:8:1", ErrFormat)
}

// valid refuses what OpenSSL refuses under Werkzeug.
func (m scryptMethod) valid() error {
	switch {
	case m.n < 2 || m.n&(m.n-1) != 0:
		return fmt.Errorf("%w: scrypt's first number is %d, and must be a power of 2", ErrFormat, m.n)
	case m.r < 1 || m.p < 1:
		return fmt.Errorf("%w: scrypt's numbers are %d and %d, and must be 1 or more", ErrFormat, m.r, m.p)
	case float64(m.r)*float64(m.p) >= 1<<30:
		return fmt.Errorf("%w: scrypt's second number times its third must be less than 2^30", ErrFormat)
	case m.r < 4 && m.n >= 1<<(16*m.r):
		return fmt.Errorf("%w: scrypt's first number is %d, too large for a second number of %d", ErrFormat, m.n, m.r)
	}
	// Werkzeug grants OpenSSL 132·N·r·p bytes, which very small costs exceed.
	n, r, p := float64(m.n), float64(m.r), float64(m.p)
	if 128*r*(p+n+2) > 132*n*r*p {
		return fmt.Errorf("%w: scrypt:%d:%d:%d is a cost so small that Werkzeug refuses it", ErrFormat, m.n, m.r, m.p)
	}
	return nil
}

func (m scryptMethod) cost() cost {
	memory := 128 * float64(m.n) * float64(m.r)
	lanes := 128 * float64(m.r) * float64(m.p)
	return cost{memory: memory + lanes, memoryWork: memory * float64(m.p)}
}

func (m scryptMethod) derive(password, salt []byte) ([]byte, error) {
	return scrypt.Key(password, salt, int(m.n), int(m.r), int(m.p), 64)
}

func (m scryptMethod) generate(password []byte, s *settings) (string, error) {
	return generateWerkzeug(m, fmt.Sprintf("scrypt:%d:%d:%d", m.n, m.r, m.p), password, s)
}

func (m scryptMethod) reaches(target method) bool {
	t, same := target.(scryptMethod)
	return same && m.n >= t.n && m.r >= t.r && m.p >= t.p
}

// pbkdf2Method is "pbkdf2:DIGEST:ROUNDS".
type pbkdf2Method struct {
	name   string
	digest func() hash.Hash
	rounds int64
}

const defaultRounds = 1_000_000

func parsePBKDF2(arguments []string) (werkzeugMethod, error) {
	m := pbkdf2Method{name: "sha256", rounds: defaultRounds}
	if len(arguments) > 2 {
		return nil, fmt.Errorf("%w: pbkdf2 takes a digest and a number, as in pbkdf2:sha256:1000000", ErrFormat)
	}
	if len(arguments) > 0 {
		m.name = arguments[0]
	}
	if len(arguments) > 1 {
		numbers, ok := readNumbers(arguments[1:])
		if !ok || numbers[0] < 1 {
			return nil, fmt.Errorf("%w: pbkdf2's rounds are %.20q, and must be a number of 1 or more", ErrFormat, arguments[1])
		}
		m.rounds = numbers[0]
	}
	digest, err := findDigest(m.name)
	m.digest = digest
	return m, err
}

func (m pbkdf2Method) cost() cost { return cost{rounds: m.rounds} }

func (m pbkdf2Method) derive(password, salt []byte) ([]byte, error) {
	return derivePBKDF2(m.digest, password, salt, m.rounds)
}

func (m pbkdf2Method) generate(password []byte, s *settings) (string, error) {
	return generateWerkzeug(m, fmt.Sprintf("pbkdf2:%s:%d", m.name, m.rounds), password, s)
}

func (m pbkdf2Method) reaches(target method) bool {
	t, same := target.(pbkdf2Method)
	return same && strings.EqualFold(m.name, t.name) && m.rounds >= t.rounds
}

func generateWerkzeug(m werkzeugMethod, name string, password []byte, s *settings) (string, error) {
	salt := textSalt(s.saltLength)
	if s.salt != nil {
		salt = *s.salt
	}
	key, err := m.derive(password, []byte(salt))
	if err != nil {
		return "", err
	}
	return name + "$" + salt + "$" + hex.EncodeToString(key), nil
}

// readNumbers reads what Python's int reads: spaces around a number, a sign, digits
// of any script, and underscores between digits. A number too large for an int64 is
// its largest, which no limit allows.
func readNumbers(texts []string) ([]int64, bool) {
	numbers := make([]int64, len(texts))
	for i, text := range texts {
		digits := strings.TrimSpace(text)
		negative := strings.HasPrefix(digits, "-")
		if negative || strings.HasPrefix(digits, "+") {
			digits = digits[1:]
		}
		if digits == "" || strings.Contains(digits, "__") || digits[0] == '_' || digits[len(digits)-1] == '_' {
			return nil, false
		}
		number, ok := readDigits(strings.ReplaceAll(digits, "_", ""))
		if !ok {
			return nil, false
		}
		if negative {
			number = -number
		}
		numbers[i] = number
	}
	return numbers, true
}

func readDigits(digits string) (number int64, ok bool) {
	for _, char := range digits {
		digit, ok := decimalDigit(char)
		if !ok {
			return 0, false
		}
		if number > (math.MaxInt64-9)/10 {
			number = math.MaxInt64
			continue
		}
		number = number*10 + digit
	}
	return number, digits != ""
}

// decimalDigit is the value of a decimal digit of any script. Unicode has them in
// rows of ten.
func decimalDigit(char rune) (value int64, ok bool) {
	if '0' <= char && char <= '9' {
		return int64(char - '0'), true
	}
	for _, row := range unicode.Nd.R16 {
		if rune(row.Lo) <= char && char <= rune(row.Hi) {
			return int64(char-rune(row.Lo)) % 10, true
		}
	}
	for _, row := range unicode.Nd.R32 {
		if rune(row.Lo) <= char && char <= rune(row.Hi) {
			return int64(char-rune(row.Lo)) % 10, true
		}
	}
	return 0, false
}

// plainText is the method of a password that was stored as it is.
type plainText struct{ readOnly }

// legacyMethod is one round of HMAC, or of a digest, as Werkzeug wrote it.
type legacyMethod struct{ readOnly }

// readOnly is a method that Check knows and Generate does not.
type readOnly struct{}

func (readOnly) cost() cost { return cost{} }

func (readOnly) generate([]byte, *settings) (string, error) {
	return "", fmt.Errorf("%w: this format is only read", ErrFormat)
}

func (readOnly) reaches(method) bool { return false }

func isDigest(name string) bool {
	_, err := findDigest(name)
	return err == nil
}

func parseLegacy(name, salt, key string) (stored, error) {
	digest, err := findDigest(name)
	if err != nil {
		return stored{}, err
	}
	return stored{legacyMethod{}, func(password []byte) (bool, error) {
		h := digest()
		if salt != "" {
			h = hmac.New(digest, []byte(salt))
		}
		h.Write(password)
		return equal(hex.EncodeToString(h.Sum(nil)), key), nil
	}}, nil
}
