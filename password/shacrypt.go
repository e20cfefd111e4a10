package password

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash"
	"strings"
)

// maxSHACrypt bounds the passwords of sha256_crypt and sha512_crypt, whose cost
// grows with the length of the password, and in one step with its square.
const maxSHACrypt = 1024

// shaCrypt is "$5$rounds=535000$SALT$KEY" (SHA-256) or "$6$…" (SHA-512), as the
// crypt function of Unix writes it.
type shaCrypt struct {
	readOnly
	digest func() hash.Hash
	order  []byte // in which the bytes of the key are written, three at a time
	rounds int
}

func (m shaCrypt) cost() cost { return cost{rounds: int64(m.rounds)} }

func parseSHACrypt(name, rest string) (stored, error) {
	m := shaCrypt{digest: sha256.New, order: order256, rounds: 5000}
	if name == "6" {
		m.digest, m.order = sha512.New, order512
	}
	if text, found := strings.CutPrefix(rest, "rounds="); found {
		digits, after, _ := strings.Cut(text, "$")
		rounds, err := decimal(digits)
		if err != nil {
			return stored{}, err
		}
		if rounds < 1000 || rounds > 999_999_999 {
			return stored{}, fmt.Errorf("%w: $%s$ with %d rounds; it takes 1000 to 999999999", ErrFormat, name, rounds)
		}
		m.rounds, rest = rounds, after
	}
	salt, key, found := strings.Cut(rest, "$")
	if !found || len(salt) > 16 || strings.Contains(key, "$") {
		return stored{}, fmt.Errorf("%w: $%s$ has a salt of at most 16 characters and a key", ErrFormat, name)
	}
	return stored{m, func(password []byte) (bool, error) {
		if len(password) > maxSHACrypt || bytes.IndexByte(password, 0) >= 0 {
			return false, errors.New("password: hashes that begin with $5$ or $6$ take passwords of at most 1024 bytes, without a zero byte")
		}
		return equal(m.encode(m.derive(password, []byte(salt))), key), nil
	}}, nil
}

// derive follows the specification of SHA-crypt step by step.
func (m shaCrypt) derive(password, salt []byte) []byte {
	sum := func(parts ...[]byte) []byte {
		h := m.digest()
		for _, part := range parts {
			h.Write(part)
		}
		return h.Sum(nil)
	}

	alternate := sum(password, salt, password)
	first := [][]byte{password, salt, stretch(alternate, len(password))}
	for bits := len(password); bits > 0; bits >>= 1 {
		if bits&1 == 1 {
			first = append(first, alternate)
		} else {
			first = append(first, password)
		}
	}
	key := sum(first...)

	p := stretch(sum(bytes.Repeat(password, len(password))), len(password))
	s := stretch(sum(bytes.Repeat(salt, 16+int(key[0]))), len(salt))

	h := m.digest()
	for i := range m.rounds {
		h.Reset()
		odd := i%2 == 1
		if odd {
			h.Write(p)
		} else {
			h.Write(key)
		}
		if i%3 != 0 {
			h.Write(s)
		}
		if i%7 != 0 {
			h.Write(p)
		}
		if odd {
			h.Write(key)
		} else {
			h.Write(p)
		}
		key = h.Sum(key[:0])
	}
	return key
}

// stretch repeats a digest up to a length.
func stretch(digest []byte, length int) []byte {
	return bytes.Repeat(digest, length/len(digest)+1)[:length]
}

const cryptAlphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

var (
	order256 = []byte{
		0, 10, 20, 21, 1, 11, 12, 22, 2, 3, 13, 23, 24, 4, 14,
		15, 25, 5, 6, 16, 26, 27, 7, 17, 18, 28, 8, 9, 19, 29,
		31, 30,
	}
	order512 = []byte{
		0, 21, 42, 22, 43, 1, 44, 2, 23, 3, 24, 45, 25, 46, 4, 47, 5, 26, 6, 27, 48,
		28, 49, 7, 50, 8, 29, 9, 30, 51, 31, 52, 10, 53, 11, 32, 12, 33, 54, 34, 55, 13,
		56, 14, 35, 15, 36, 57, 37, 58, 16, 59, 17, 38, 18, 39, 60, 40, 61, 19, 62, 20, 41,
		63,
	}
)

// encode writes a key three bytes at a time, lowest bits first.
func (m shaCrypt) encode(key []byte) string {
	var text []byte
	for i := 0; i < len(m.order); i += 3 {
		group := m.order[i:min(i+3, len(m.order))]
		var value uint32
		for _, index := range group {
			value = value<<8 | uint32(key[index])
		}
		for range (8*len(group) + 5) / 6 {
			text = append(text, cryptAlphabet[value&63])
			value >>= 6
		}
	}
	return string(text)
}
