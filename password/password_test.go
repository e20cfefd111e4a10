package password_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/decant-go/decant/password"
)

// cheap hashes of "pässword", made by passlib and argon2-cffi where no vector
// has their format.
var foreign = map[string]string{
	"bcrypt-sha256":        "$bcrypt-sha256$v=2,t=2b,r=4$kakq4ZwsQ9XO.Mx.CB4cS.$6RsXrOROj2AfahhnLcNf6mkS7eF7GhO",
	"bcrypt-sha256, older": "$bcrypt-sha256$2b,4$J0l7eNIFL4H5BOhC5P8an.$Dbygp8lIkpfAUpxmLh7eECc91ZwNdRm",
	"django sha1":          "pbkdf2_sha1$4$QSxcgG7z0yMU$r0LLfSbb/qlscB3izUn9P9m/kC8=",
	"sha256_crypt":         "$5$2Feg3tJNZhVgAZi5$eWoxdSpS8mp7qsOevafW7Jo7PKWahYTLjIlSAQblUl.",
	"argon2id, short key":  "$argon2id$v=19$m=256,t=2,p=3$EEIIIQRA6L0$icMF/NhBxzqE2jIVn/FdJg",
	"scrypt":               "$scrypt$ln=4,r=8,p=1$x3gP4dx7L4UwhjCmtBZCiA$WU1xgt9ZZbpuykuM41c5Ec2DZd3EuF7vueCHEz2llEA",
}

func TestForeignFormats(t *testing.T) {
	for name, hash := range foreign {
		verdict(t, name, hash, "pässword", true)
		verdict(t, name, hash, "passwort", false)
		verdict(t, name, hash, "", false)
	}
}

func verdict(t *testing.T, name, hash, typed string, want bool, options ...password.Option) {
	t.Helper()
	ok, err := password.Check(hash, typed, options...)
	if ok != want || err != nil {
		t.Errorf("%s: Check(%q, %.20q) = %v, %v; want %v", name, hash, typed, ok, err, want)
	}
}

// The lengths of these passwords cross the blocks of the digests.
func TestSHACryptOfLongPasswords(t *testing.T) {
	verdict(t, "sha512", "$6$p/qrQ6/GHypH0UD0$gJWD01lzO.AqLThsY4K8n425sXioAx4bsLN2NqrH0gJRpF3KDr1wxVGR3UqAFHuoGYmuZ4ZscvYpLkJrPr.Ja/", strings.Repeat("x", 100), true)
	verdict(t, "sha256", "$5$rounds=1001$6SCx6S3vs0NOLqE6$6JqHHMUe/BeNvhX9bssRDusO/b2XukU66BhPZwLZ5D/", strings.Repeat("x", 100), true)
	verdict(t, "no salt", "$6$rounds=1001$$NcSg9UDFRzkP4I2mZNMGv9yq/.rkPtnXa6RvGgvmzKuQswTjhopBiAErDR49fN0bPjk0TxZEYDJiLrNeBx10r1", strings.Repeat("x", 63), true)
	if _, err := password.Check(foreign["sha256_crypt"], strings.Repeat("x", 1025)); err == nil {
		t.Error("a password of 1025 bytes was hashed")
	}
}

func TestLegacy(t *testing.T) {
	for _, c := range []struct {
		hash string
		want bool
	}{
		{"plain$$secret", true},
		{"plain$$Secret", false},
		{"sha1$abc$8e9c16a922d10c647979bffb9fe655c6bdca030c", true},
		{"sha1$abd$8e9c16a922d10c647979bffb9fe655c6bdca030c", false},
		{"md5$$5ebe2294ecd0e0f08eab7690d2a6ee69", true},
		{"md5$$5ebe2294ecd0e0f08eab7690d2a6ee68", false},
		{"pbkdf2:sha256:1000$salt$a8df899f3c4f204d967e0ad63c092987c10055ebb017b3d9d28add218d4f7aad", true},
	} {
		verdict(t, "legacy", c.hash, "secret", c.want, password.Legacy())
	}
	_, err := password.Check("sha1$abc$8e9c16a922d10c647979bffb9fe655c6bdca030c", "secret")
	if !errors.Is(err, password.ErrFormat) || !strings.Contains(err.Error(), "Legacy()") {
		t.Errorf("without the option: %v; want an error that names it", err)
	}
}

func TestNumbersAsPythonReadsThem(t *testing.T) {
	const key = "$salt$a8df899f3c4f204d967e0ad63c092987c10055ebb017b3d9d28add218d4f7aad"
	for _, rounds := range []string{"1000", "+1_000", "\u2003 01000\u00a0\n", "١٠٠٠", "１０00", "𝟏𝟎𝟬𝟶"} {
		verdict(t, "rounds "+rounds, "pbkdf2:sha256:"+rounds+key, "secret", true)
	}
	for _, rounds := range []string{"1__000", "_1000", "1000_", "- 1000", "+-1000", "\x1c1000", "1000\x00", "1000²", "\ufeff1000", "1e3", "0x10"} {
		if ok, err := password.Check("pbkdf2:sha256:"+rounds+key, "secret"); ok || !errors.Is(err, password.ErrFormat) {
			t.Errorf("rounds %q: %v, %v; want ErrFormat", rounds, ok, err)
		}
	}
}

// A string with fewer than two dollar signs is no hash, in Werkzeug and here.
func TestWhatIsNoHash(t *testing.T) {
	for _, text := range []string{"", "secret", "$", "$2b", "$argon2id", "pbkdf2:sha256:1$x", "x$"} {
		verdict(t, "no hash", text, "secret", false)
		verdict(t, "no hash", text, text, false, password.Legacy())
	}
}

func TestEachDigestOfPBKDF2(t *testing.T) {
	// Made by Python's hashlib.pbkdf2_hmac for the password "p", the salt "s"
	// and three rounds: the first eight bytes.
	for name, want := range map[string]string{
		"md5": "56c3fcba38438502", "sha1": "00e3ddfd56f6f49c", "SHA-1": "00e3ddfd56f6f49c",
		"sha224": "8f507423dab1c151", "sha256": "3c174b26bc748c19", "SHA2-256": "3c174b26bc748c19",
		"sha384": "e2eafe8b2d81f9b9", "sha512": "f03104b7e5cd2196",
		"sha512_224": "f494b312268f8209", "sha512-256": "24ef135f8e94db70",
		"SHA2-512/224": "f494b312268f8209", "sha2-512/256": "24ef135f8e94db70", "ssl3-md5": "56c3fcba38438502", "SSL3-SHA1": "00e3ddfd56f6f49c",
		"sha3_224": "224840dfae2de451", "sha3_256": "4f24af1949a4edb7", "sha3_384": "6b493f0c3c32f6ce", "sha3_512": "06929aa5a426a0ae",
		"blake2b": "309b669a88f69e6c", "blake2s256": "79dc064f74a20daf", "ripemd160": "fb379b4f10a2e328",
	} {
		hash, err := password.Generate("p", password.Method("pbkdf2:"+name+":3"), password.Salt("s"))
		if prefix := "pbkdf2:" + name + ":3$s$" + want; err != nil || !strings.HasPrefix(hash, prefix) {
			t.Errorf("%s: %q, %v; want %s…", name, hash, err, prefix)
		}
	}
}

func TestGenerate(t *testing.T) {
	fast := password.Method("scrypt:1024:8:1")
	for _, c := range []struct {
		name    string
		options []password.Option
		shape   string
	}{
		{"default", nil, `^scrypt:32768:8:1\$[A-Za-z0-9]{16}\$[0-9a-f]{128}$`},
		{"scrypt", []password.Option{fast}, `^scrypt:1024:8:1\$[A-Za-z0-9]{16}\$[0-9a-f]{128}$`},
		{"a longer salt", []password.Option{fast, password.SaltLength(40)}, `^scrypt:1024:8:1\$[A-Za-z0-9]{40}\$`},
		{"pbkdf2", []password.Option{password.Method("pbkdf2:sha512:10")}, `^pbkdf2:sha512:10\$[A-Za-z0-9]{16}\$[0-9a-f]{128}$`},
		{"bcrypt", []password.Option{password.Bcrypt(4)}, `^\$2b\$04\$[./A-Za-z0-9]{53}$`},
		{"bcrypt of long passwords", []password.Option{password.Bcrypt(4), password.LongPasswords()}, `^\$2b\$04\$`},
		{"argon2id", []password.Option{password.Argon2id(64, 1, 2)}, `^\$argon2id\$v=19\$m=64,t=1,p=2\$[+/A-Za-z0-9]{22}\$[+/A-Za-z0-9]{43}$`},
		{"passlib sha512", []password.Option{password.PasslibPBKDF2("sha512", 3)}, `^\$pbkdf2-sha512\$3\$[./A-Za-z0-9]{22}\$[./A-Za-z0-9]{86}$`},
		{"passlib sha1", []password.Option{password.PasslibPBKDF2("sha1", 3)}, `^\$pbkdf2\$3\$`},
		{"Flask-Security", []password.Option{password.Bcrypt(4), password.DoubleHash("salt")}, `^\$2b\$04\$`},
	} {
		hash, err := password.Generate("hunter2", c.options...)
		if err != nil || !regexp.MustCompile(c.shape).MatchString(hash) {
			t.Errorf("%s: %q, %v; want %s", c.name, hash, err, c.shape)
			continue
		}
		verdict(t, c.name, hash, "hunter2", true, c.options...)
		verdict(t, c.name, hash, "hunter3", false, c.options...)
		if again, _ := password.Generate("hunter2", c.options...); again == hash {
			t.Errorf("%s: the same hash twice", c.name)
		}
		if password.NeedsUpgrade(hash, c.options...) {
			t.Errorf("%s: a new hash needs an upgrade", c.name)
		}
	}
}

func TestGenerateRefuses(t *testing.T) {
	for name, options := range map[string][]password.Option{
		"no salt":                    {password.SaltLength(0)},
		"a cheap bcrypt":             {password.Bcrypt(3)},
		"argon2 without memory":      {password.Argon2id(7, 1, 1)},
		"argon2 without time":        {password.Argon2id(64, 0, 1)},
		"argon2 with many threads":   {password.Argon2id(1<<20, 1, 256)},
		"passlib with md5":           {password.PasslibPBKDF2("md5", 1000)},
		"passlib with no rounds":     {password.PasslibPBKDF2("sha256", 0)},
		"more than bcrypt reads":     {password.Bcrypt(4)},
		"a zero byte":                {password.Bcrypt(4)},
		"scrypt beyond the limits":   {password.Method("scrypt:1073741824:8:1")},
		"rounds beyond their limits": {password.Method("pbkdf2:sha256:10"), password.Limits{Rounds: 9}},
	} {
		typed := strings.Repeat("x", 73)
		if name == "a zero byte" {
			typed = "a\x00b"
		}
		if hash, err := password.Generate(typed, options...); hash != "" || err == nil {
			t.Errorf("%s: %q, %v; want an error", name, hash, err)
		}
	}
}

func TestHostileHashes(t *testing.T) {
	key := strings.Repeat("A", 43)
	for _, c := range []struct {
		hash  string
		names string // what the error says
		is    error
	}{
		{"scrypt:1073741824:8:1$s$00", "Limits.Memory ", password.ErrLimit},
		{"scrypt:4611686018427387904:1048576:1$s$00", "Limits.Memory ", password.ErrLimit},
		{"scrypt:16384:8:1048576$s$00", "Limits.Memory", password.ErrLimit},
		{"scrypt:131072:8:1000$s$00", "Limits.MemoryWork", password.ErrLimit},
		{"scrypt:2:99999999999999999999999:1$s$00", "2^30", password.ErrFormat},
		{"pbkdf2:sha256:4000000000$s$00", "Limits.Rounds", password.ErrLimit},
		{"pbkdf2:sha256:999999999999999999999999999$s$00", "Limits.Rounds", password.ErrLimit},
		{"pbkdf2_sha256$2000000000$s$" + key + "=", "Limits.Rounds", password.ErrLimit},
		{"$pbkdf2-sha256$2000000000$AAAA$" + key, "Limits.Rounds", password.ErrLimit},
		{"$pbkdf2-sha256$4000000000$AAAA$" + key, "2147483647", password.ErrFormat},
		{"$2b$31$aEHtSYlkktT5INuURe0ZEu909hIvEGf0icIHFxCT6g.x.PD1ytwFq", "Limits.BcryptCost", password.ErrLimit},
		{"$2b$99$aEHtSYlkktT5INuURe0ZEu909hIvEGf0icIHFxCT6g.x.PD1ytwFq", "4 to 31", password.ErrFormat},
		{"$2x$04$aEHtSYlkktT5INuURe0ZEu909hIvEGf0icIHFxCT6g.x.PD1ytwFq", "2x", password.ErrFormat},
		{"$argon2id$v=19$m=2147483647,t=1,p=1$AAAAAAAA$" + key, "Limits.Memory ", password.ErrLimit},
		{"$argon2id$v=19$m=65536,t=1000000,p=1$AAAAAAAA$" + key, "Limits.MemoryWork", password.ErrLimit},
		{"$argon2id$v=19$m=4096,t=1,p=1000$AAAAAAAA$" + key, "1 to 255", password.ErrFormat},
		{"$argon2id$v=16$m=64,t=1,p=1$AAAAAAAA$" + key, "version 19", password.ErrFormat},
		{"$argon2d$v=19$m=64,t=1,p=1$AAAAAAAA$" + key, "argon2d", password.ErrFormat},
		{"$scrypt$ln=40,r=8,p=1$AAAA$" + key, "Limits.Memory ", password.ErrLimit},
		{"$scrypt$ln=99,r=8,p=1$AAAA$" + key, "1 to 62", password.ErrFormat},
		{"$5$rounds=999999999$salt$" + key, "Limits.Rounds", password.ErrLimit},
		{"$6$rounds=10$salt$" + key, "1000 to", password.ErrFormat},
		{"$bcrypt-sha256$v=2,t=2b,r=31$J0l7eNIFL4H5BOhC5P8an.$Dbygp8lIkpfAUpxmLh7eECc91ZwNdRm", "Limits.BcryptCost", password.ErrLimit},
		{"$1$salt$hash", "\"1\"", password.ErrFormat},
	} {
		ok, err := password.Check(c.hash, "secret")
		if ok || !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.names) {
			t.Errorf("Check(%q) = %v, %v; want an error with %q", c.hash, ok, err, c.names)
		}
	}
}

func TestRaisedLimits(t *testing.T) {
	const hash = "pbkdf2:sha256:1000$salt$a8df899f3c4f204d967e0ad63c092987c10055ebb017b3d9d28add218d4f7aad"
	if _, err := password.Check(hash, "secret", password.Limits{Rounds: 999}); !errors.Is(err, password.ErrLimit) {
		t.Errorf("1000 rounds with a limit of 999: %v", err)
	}
	verdict(t, "a limit of 1000", hash, "secret", true, password.Limits{Rounds: 1000})
}

func TestNeedsUpgrade(t *testing.T) {
	scrypt := "scrypt:32768:8:1$salt$00"
	bcrypt := "$2b$10$aEHtSYlkktT5INuURe0ZEu909hIvEGf0icIHFxCT6g.x.PD1ytwFq"
	for _, c := range []struct {
		hash    string
		options []password.Option
		want    bool
	}{
		{scrypt, nil, false},
		{"scrypt:65536:8:1$salt$00", nil, false},
		{"scrypt:16384:8:1$salt$00", nil, true},
		{"pbkdf2:sha256:1000000$salt$00", nil, true},
		{"pbkdf2:sha256:600000$salt$00", []password.Option{password.Method("pbkdf2")}, true},
		{"pbkdf2:sha256:1000000$salt$00", []password.Option{password.Method("pbkdf2")}, false},
		{"pbkdf2:sha1:1000000$salt$00", []password.Option{password.Method("pbkdf2")}, true},
		{"sha1$salt$00", []password.Option{password.Legacy()}, true},
		{"plain$$secret", nil, true},
		{bcrypt, nil, true},
		{bcrypt, []password.Option{password.Bcrypt(10)}, false},
		{bcrypt, []password.Option{password.Bcrypt(12)}, true},
		{foreign["argon2id, short key"], []password.Option{password.Argon2id(256, 2, 4)}, false},
		{foreign["argon2id, short key"], []password.Option{password.Argon2id(65536, 2, 4)}, true},
		{foreign["scrypt"], nil, true},
		{foreign["django sha1"], []password.Option{password.PasslibPBKDF2("sha1", 4)}, true},
		{"", nil, true},
		{"$$", nil, true},
		{scrypt, []password.Option{password.Method("nope")}, false},
	} {
		if got := password.NeedsUpgrade(c.hash, c.options...); got != c.want {
			t.Errorf("NeedsUpgrade(%q) = %v; want %v", c.hash, got, c.want)
		}
	}
}

// Flask-Security leaves passwords alone whose hashes came from Django.
func TestDoubleHashExemptsDjango(t *testing.T) {
	verdict(t, "django", foreign["django sha1"], "pässword", true, password.DoubleHash("salt"))
	verdict(t, "scrypt", foreign["scrypt"], "pässword", false, password.DoubleHash("salt"))
}

func TestOptionsDoNotShareState(t *testing.T) {
	var before, after []string
	for range 2 {
		before = append(before, sharedHash(t))
	}
	password.Generate("x", password.Method("pbkdf2:sha1:1"), password.Salt("other"))
	for range 2 {
		after = append(after, sharedHash(t))
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("one call changed the next (-before +after):\n%s", diff)
	}
}

func sharedHash(t *testing.T) string {
	t.Helper()
	hash, err := password.Generate("x", password.Method("pbkdf2:sha256:1"), password.Salt("salt"))
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func FuzzCheck(f *testing.F) {
	for _, hash := range foreign {
		f.Add(hash, "pässword")
	}
	f.Add("scrypt:16:8:1$salt$00", "secret")
	f.Add("pbkdf2:sha256: +1_0$salt$00", "secret")
	f.Add("sha1$abc$8e9c16a922d10c647979bffb9fe655c6bdca030c", "secret")
	f.Add("$2b$04$aEHtSYlkktT5INuURe0ZEu909hIvEGf0icIHFxCT6g.x.PD1ytwFq", "")
	f.Add("$argon2i$v=19$m=64,t=1,p=1$ub3One2uVQ5LgHFEOV7SGQ$C9LVu+W9QUDJzaIwFNa4585r7pE47Kd1gYkaSNjPImA", "x")
	limits := password.Limits{Memory: 1 << 20, MemoryWork: 4 << 20, Rounds: 2000, BcryptCost: 4}
	f.Fuzz(func(t *testing.T, hash, typed string) {
		options := []password.Option{limits, password.Legacy()}
		ok, err := password.Check(hash, typed, options...)
		if ok && err != nil {
			t.Errorf("Check(%q, %q) says yes and %v", hash, typed, err)
		}
		if !strings.Contains(hash, "$") && (ok || err != nil) {
			t.Errorf("Check(%q, %q) = %v, %v for a string that is no hash", hash, typed, ok, err)
		}
		if errors.Is(err, password.ErrFormat) && !password.NeedsUpgrade(hash, options...) {
			t.Errorf("%q cannot be read and needs no upgrade", hash)
		}
	})
}
