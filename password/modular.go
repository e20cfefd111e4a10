package password

import (
	"encoding/base64"
	"fmt"
	"hash"
	"strconv"
	"strings"

	"golang.org/x/crypto/scrypt"
)

// parseModular takes a hash of the form "$name$…" apart, which is called the
// modular crypt format.
func parseModular(text string, s *settings) (stored, error) {
	name, rest, _ := strings.Cut(text[1:], "$")
	switch name {
	case "2a", "2b", "2y":
		return parseBcrypt(text, s.long)
	case "bcrypt-sha256":
		return parseBcryptSHA256(rest)
	case "argon2id", "argon2i":
		return parseArgon2(name, rest)
	case "pbkdf2":
		return parsePasslib("sha1", rest)
	case "pbkdf2-sha256", "pbkdf2-sha512":
		return parsePasslib(strings.TrimPrefix(name, "pbkdf2-"), rest)
	case "scrypt":
		return parsePasslibScrypt(rest)
	case "5", "6":
		return parseSHACrypt(name, rest)
	}
	return stored{}, fmt.Errorf("%w: no method %.20q between dollar signs", ErrFormat, name)
}

// mcfPBKDF2 is PBKDF2 as passlib and Django write it.
type mcfPBKDF2 struct {
	name   string
	digest func() hash.Hash
	rounds int64
	django bool
}

func newMCFPBKDF2(name string, rounds int) (mcfPBKDF2, error) {
	if name != "sha1" && name != "sha256" && name != "sha512" {
		return mcfPBKDF2{}, fmt.Errorf("%w: passlib has PBKDF2 with sha1, sha256 and sha512, and not with %.20q", ErrFormat, name)
	}
	if rounds < 1 {
		return mcfPBKDF2{}, fmt.Errorf("%w: PBKDF2 with %d rounds; it takes 1 or more", ErrFormat, rounds)
	}
	digest, err := findDigest(name)
	return mcfPBKDF2{name: name, digest: digest, rounds: int64(rounds)}, err
}

func (m mcfPBKDF2) cost() cost { return cost{rounds: m.rounds} }

func (m mcfPBKDF2) generate(password []byte, _ *settings) (string, error) {
	salt := binarySalt(16)
	key, err := derivePBKDF2(m.digest, password, salt, m.rounds)
	if err != nil {
		return "", err
	}
	name := "pbkdf2-" + m.name
	if m.name == "sha1" {
		name = "pbkdf2"
	}
	return fmt.Sprintf("$%s$%d$%s$%s", name, m.rounds, adapted.EncodeToString(salt), adapted.EncodeToString(key)), nil
}

func (m mcfPBKDF2) reaches(target method) bool {
	t, same := target.(mcfPBKDF2)
	return same && m.django == t.django && m.name == t.name && m.rounds >= t.rounds
}

// stored is a hash of this method with a salt and a key.
func (m mcfPBKDF2) stored(salt, key []byte) (stored, error) {
	if len(key) != m.digest().Size() {
		return stored{}, fmt.Errorf("%w: a key of %d bytes for PBKDF2 with %s", ErrFormat, len(key), m.name)
	}
	return stored{m, func(password []byte) (bool, error) {
		derived, err := derivePBKDF2(m.digest, password, salt, m.rounds)
		return equal(string(derived), string(key)), err
	}}, nil
}

// adapted is base64 with a dot for the plus sign, as passlib writes it.
var adapted = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./").WithPadding(base64.NoPadding)

// parsePasslib reads "ROUNDS$SALT$KEY".
func parsePasslib(digest, rest string) (stored, error) {
	parts := strings.Split(rest, "$")
	if len(parts) != 3 {
		return stored{}, fmt.Errorf("%w: PBKDF2 of passlib has rounds, a salt and a key", ErrFormat)
	}
	rounds, err := decimal(parts[0])
	if err != nil {
		return stored{}, err
	}
	m, err := newMCFPBKDF2(digest, rounds)
	if err != nil {
		return stored{}, err
	}
	salt, err := decode(adapted, strings.ReplaceAll(parts[1], "+", "."))
	if err != nil {
		return stored{}, err
	}
	key, err := decode(adapted, strings.ReplaceAll(parts[2], "+", "."))
	if err != nil {
		return stored{}, err
	}
	return m.stored(salt, key)
}

// parseDjango reads what follows "pbkdf2_DIGEST$": rounds, and "SALT$KEY".
func parseDjango(digest, rounds, rest string) (stored, error) {
	salt, key, found := strings.Cut(rest, "$")
	if !found {
		return stored{}, fmt.Errorf("%w: PBKDF2 of Django has rounds, a salt and a key", ErrFormat)
	}
	number, err := decimal(rounds)
	if err != nil {
		return stored{}, err
	}
	m, err := newMCFPBKDF2(digest, number)
	if err != nil {
		return stored{}, err
	}
	m.django = true
	bytes, err := decode(base64.StdEncoding, key)
	if err != nil {
		return stored{}, err
	}
	return m.stored([]byte(salt), bytes)
}

// passlibScrypt is "$scrypt$ln=16,r=8,p=1$SALT$KEY", with a key of 32 bytes.
type passlibScrypt struct {
	readOnly
	numbers scryptMethod
}

func (m passlibScrypt) cost() cost { return m.numbers.cost() }

func parsePasslibScrypt(rest string) (stored, error) {
	parts := strings.Split(rest, "$")
	if len(parts) != 3 {
		return stored{}, fmt.Errorf("%w: scrypt of passlib has parameters, a salt and a key", ErrFormat)
	}
	numbers, err := parameters(parts[0], "ln", "r", "p")
	if err != nil {
		return stored{}, err
	}
	if numbers[0] < 1 || numbers[0] > 62 {
		return stored{}, fmt.Errorf("%w: scrypt with ln=%d; it takes 1 to 62", ErrFormat, numbers[0])
	}
	m := scryptMethod{1 << numbers[0], int64(numbers[1]), int64(numbers[2])}
	if m.r < 1 || m.p < 1 || float64(m.r)*float64(m.p) >= 1<<30 {
		return stored{}, fmt.Errorf("%w: scrypt with r=%d and p=%d", ErrFormat, m.r, m.p)
	}
	salt, err := decode(base64.RawStdEncoding, parts[1])
	if err != nil {
		return stored{}, err
	}
	key, err := decode(base64.RawStdEncoding, parts[2])
	if err != nil {
		return stored{}, err
	}
	if len(key) != 32 {
		return stored{}, fmt.Errorf("%w: a key of %d bytes for scrypt of passlib", ErrFormat, len(key))
	}
	return stored{passlibScrypt{numbers: m}, func(password []byte) (bool, error) {
		derived, err := scrypt.Key(password, salt, int(m.n), int(m.r), int(m.p), 32)
		return equal(string(derived), string(key)), err
	}}, nil
}

// decimal reads a number of a modular hash, which has digits only.
func decimal(text string) (int, error) {
	number, err := strconv.ParseUint(text, 10, 31)
	if err != nil || text[0] == '+' || len(text) > 1 && text[0] == '0' {
		return 0, fmt.Errorf("%w: %.20q is no number from 0 to 2147483647", ErrFormat, text)
	}
	return int(number), nil
}

// parameters reads "a=1,b=2", whose names and order are given.
func parameters(text string, names ...string) ([]int, error) {
	parts := strings.Split(text, ",")
	if len(parts) != len(names) {
		return nil, fmt.Errorf("%w: %.40q should be %s", ErrFormat, text, strings.Join(names, "=…,")+"=…")
	}
	numbers := make([]int, len(names))
	for i, part := range parts {
		value, found := strings.CutPrefix(part, names[i]+"=")
		if !found {
			return nil, fmt.Errorf("%w: %.40q should be %s", ErrFormat, text, strings.Join(names, "=…,")+"=…")
		}
		number, err := decimal(value)
		if err != nil {
			return nil, err
		}
		numbers[i] = number
	}
	return numbers, nil
}

func decode(encoding *base64.Encoding, text string) ([]byte, error) {
	bytes, err := encoding.DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") {
		return nil, fmt.Errorf("%w: a salt or a key that is no base64", ErrFormat)
	}
	return bytes, nil
}
