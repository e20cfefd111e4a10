package password

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// maxBcrypt is the number of bytes of a password that bcrypt reads.
const maxBcrypt = 72

// bcryptMethod is "$2b$COST$" and 53 characters of salt and key.
type bcryptMethod struct {
	rounds int  // their binary logarithm
	long   bool // the password is its SHA-256, in hex
}

func newBcrypt(rounds int, long bool) (bcryptMethod, error) {
	if rounds < bcrypt.MinCost || rounds > bcrypt.MaxCost {
		return bcryptMethod{}, fmt.Errorf("%w: bcrypt with a cost of %d; it takes %d to %d", ErrFormat, rounds, bcrypt.MinCost, bcrypt.MaxCost)
	}
	return bcryptMethod{rounds, long}, nil
}

func (m bcryptMethod) cost() cost { return cost{bcrypt: m.rounds} }

// input is what bcrypt is given for a password. Python's bcrypt takes no byte
// of zero, at which others end a password.
func (m bcryptMethod) input(password []byte) ([]byte, error) {
	if m.long {
		sum := sha256.Sum256(password)
		return hex.AppendEncode(nil, sum[:]), nil
	}
	if bytes.IndexByte(password, 0) >= 0 {
		return nil, errors.New("password: a password with a zero byte, which bcrypt does not take")
	}
	return password, nil
}

func (m bcryptMethod) generate(password []byte, s *settings) (string, error) {
	input, err := m.input(password)
	if err != nil {
		return "", err
	}
	if len(input) > maxBcrypt {
		if s.doubleHash == nil {
			return "", fmt.Errorf("password: a password of %d bytes, and bcrypt reads %d; refuse longer ones, or use LongPasswords()", len(input), maxBcrypt)
		}
		input = input[:maxBcrypt]
	}
	hash, err := bcrypt.GenerateFromPassword(input, m.rounds)
	if err != nil {
		return "", err
	}
	return "$2b" + string(hash[len("$2a"):]), nil // the same algorithm, under the name that Python writes
}

func (m bcryptMethod) reaches(target method) bool {
	t, same := target.(bcryptMethod)
	return same && m.rounds >= t.rounds
}

func parseBcrypt(text string, long bool) (stored, error) {
	if len(text) != 60 || text[6] != '$' {
		return stored{}, fmt.Errorf("%w: a hash of bcrypt has 60 characters", ErrFormat)
	}
	m, err := readCost(text[4:6])
	if err != nil {
		return stored{}, err
	}
	m.long = long
	return stored{m, func(password []byte) (bool, error) {
		input, err := m.input(password)
		if err != nil {
			return false, err
		}
		return m.compare(text, input)
	}}, nil
}

func readCost(digits string) (bcryptMethod, error) {
	rounds, err := decimal(strings.TrimPrefix(digits, "0"))
	if err != nil {
		return bcryptMethod{}, err
	}
	return newBcrypt(rounds, false)
}

func (m bcryptMethod) compare(hash string, input []byte) (bool, error) {
	err := bcrypt.CompareHashAndPassword([]byte(hash), input[:min(len(input), maxBcrypt)])
	if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return true, nil
}

// bcryptSHA256 is passlib's bcrypt of a SHA-256.
type bcryptSHA256 struct {
	readOnly
	rounds int
}

func (m bcryptSHA256) cost() cost { return cost{bcrypt: m.rounds} }

// parseBcryptSHA256 reads "v=2,t=2b,r=12$SALT$KEY", and the older "2b,12$SALT$KEY".
func parseBcryptSHA256(rest string) (stored, error) {
	parts := strings.Split(rest, "$")
	if len(parts) != 3 || len(parts[1]) != 22 {
		return stored{}, fmt.Errorf("%w: bcrypt-sha256 has parameters, a salt and a key", ErrFormat)
	}
	salt, key := parts[1], parts[2]
	kind, rounds, found := strings.Cut(strings.TrimPrefix(parts[0], "v=2,t="), ",")
	keyed := strings.HasPrefix(parts[0], "v=2,")
	if keyed {
		rounds, found = strings.CutPrefix(rounds, "r=")
	}
	if !found || kind != "2a" && kind != "2b" {
		return stored{}, fmt.Errorf("%w: bcrypt-sha256 with the parameters %.20q", ErrFormat, parts[0])
	}
	m, err := readCost(rounds)
	if err != nil {
		return stored{}, err
	}
	hash := fmt.Sprintf("$%s$%02d$%s%s", kind, m.rounds, salt, key)
	if len(hash) != 60 {
		return stored{}, fmt.Errorf("%w: bcrypt-sha256 with a key of %d characters", ErrFormat, len(key))
	}
	return stored{bcryptSHA256{rounds: m.rounds}, func(password []byte) (bool, error) {
		digest := sha256.New()
		if keyed {
			digest = hmac.New(sha256.New, []byte(salt))
		}
		digest.Write(password)
		return m.compare(hash, base64.StdEncoding.AppendEncode(nil, digest.Sum(nil)))
	}}, nil
}
