package password

import (
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// argon2Method is "$argon2id$v=19$m=65536,t=3,p=4$SALT$KEY".
type argon2Method struct {
	name                  string
	memory, time, threads int // memory in KiB
}

func newArgon2(name string, memory, time, threads int) (argon2Method, error) {
	m := argon2Method{name, memory, time, threads}
	switch {
	case time < 1:
		return m, fmt.Errorf("%w: argon2 with t=%d; it takes 1 or more", ErrFormat, time)
	case threads < 1 || threads > 255:
		return m, fmt.Errorf("%w: argon2 with p=%d; it takes 1 to 255", ErrFormat, threads)
	case memory < 8*threads || memory >= 1<<31:
		return m, fmt.Errorf("%w: argon2 with m=%d; it takes %d or more, 8 for each thread", ErrFormat, memory, 8*threads)
	}
	return m, nil
}

func (m argon2Method) cost() cost {
	memory := float64(m.memory) * 1024
	return cost{memory: memory, memoryWork: memory * float64(m.time)}
}

func (m argon2Method) derive(password, salt []byte, length int) []byte {
	if m.name == "argon2i" {
		return argon2.Key(password, salt, uint32(m.time), uint32(m.memory), uint8(m.threads), uint32(length))
	}
	return argon2.IDKey(password, salt, uint32(m.time), uint32(m.memory), uint8(m.threads), uint32(length))
}

func (m argon2Method) generate(password []byte, _ *settings) (string, error) {
	salt := binarySalt(16)
	key := m.derive(password, salt, 32)
	encoding := base64.RawStdEncoding
	return fmt.Sprintf("$%s$v=%d$m=%d,t=%d,p=%d$%s$%s", m.name, argon2.Version, m.memory, m.time, m.threads,
		encoding.EncodeToString(salt), encoding.EncodeToString(key)), nil
}

func (m argon2Method) reaches(target method) bool {
	t, same := target.(argon2Method)
	return same && m.name == t.name && m.memory >= t.memory && m.time >= t.time
}

func parseArgon2(name, rest string) (stored, error) {
	parts := strings.Split(rest, "$")
	if len(parts) != 4 || parts[0] != "v=19" {
		return stored{}, fmt.Errorf("%w: argon2 is read in version 19, with parameters, a salt and a key", ErrFormat)
	}
	numbers, err := parameters(parts[1], "m", "t", "p")
	if err != nil {
		return stored{}, err
	}
	m, err := newArgon2(name, numbers[0], numbers[1], numbers[2])
	if err != nil {
		return stored{}, err
	}
	salt, err := decode(base64.RawStdEncoding, parts[2])
	if err != nil {
		return stored{}, err
	}
	key, err := decode(base64.RawStdEncoding, parts[3])
	if err != nil {
		return stored{}, err
	}
	if len(key) < 4 || len(key) > 1024 {
		return stored{}, fmt.Errorf("%w: a key of %d bytes for argon2", ErrFormat, len(key))
	}
	return stored{m, func(password []byte) (bool, error) {
		return equal(string(m.derive(password, salt, len(key))), string(key)), nil
	}}, nil
}
