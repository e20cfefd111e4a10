package password

import (
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strings"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/blake2s"
	//lint:ignore SA1019 Python's hashlib has it, so stored hashes may use it.
	"golang.org/x/crypto/ripemd160"
)

// digests are the hash functions by their names in Python's hashlib.
var digests = map[string]func() hash.Hash{
	"md5":        md5.New,
	"sha1":       sha1.New,
	"sha224":     sha256.New224,
	"sha256":     sha256.New,
	"sha384":     sha512.New384,
	"sha512":     sha512.New,
	"sha512_224": sha512.New512_224,
	"sha512_256": sha512.New512_256,
	"sha3_224":   func() hash.Hash { return sha3.New224() },
	"sha3_256":   func() hash.Hash { return sha3.New256() },
	"sha3_384":   func() hash.Hash { return sha3.New384() },
	"sha3_512":   func() hash.Hash { return sha3.New512() },
	"blake2b":    func() hash.Hash { h, _ := blake2b.New512(nil); return h }, // only a key makes it fail
	"blake2s":    func() hash.Hash { h, _ := blake2s.New256(nil); return h },
	"ripemd160":  ripemd160.New,
}

// aliases are OpenSSL's names for the same functions.
var aliases = map[string]string{
	"sha-1": "sha1", "sha-224": "sha224", "sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512",
	"sha2-224": "sha224", "sha2-256": "sha256", "sha2-384": "sha384", "sha2-512": "sha512",
	"sha512-224": "sha512_224", "sha512-256": "sha512_256", "sha-512/224": "sha512_224", "sha-512/256": "sha512_256",
	"sha2-512/224": "sha512_224", "sha2-512/256": "sha512_256", "ssl3-md5": "md5", "ssl3-sha1": "sha1",
	"sha3-224": "sha3_224", "sha3-256": "sha3_256", "sha3-384": "sha3_384", "sha3-512": "sha3_512",
	"blake2b512": "blake2b", "blake2s256": "blake2s", "ripemd": "ripemd160", "rmd160": "ripemd160",
}

// findDigest looks a hash function up, in any case.
func findDigest(name string) (func() hash.Hash, error) {
	name = strings.ToLower(name)
	if alias, ok := aliases[name]; ok {
		name = alias
	}
	if digest, ok := digests[name]; ok {
		return digest, nil
	}
	return nil, fmt.Errorf("%w: no digest %.20q; there are %s", ErrFormat, name, strings.Join(slices.Sorted(maps.Keys(digests)), ", "))
}

// derivePBKDF2 makes a key as long as the digest, as Python does by default.
func derivePBKDF2(digest func() hash.Hash, password, salt []byte, rounds int64) ([]byte, error) {
	return pbkdf2.Key(digest, string(password), salt, int(rounds), digest().Size())
}
