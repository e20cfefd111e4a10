package password_test

import (
	"fmt"
	"strings"

	"github.com/decant-go/decant/password"
)

func ExampleGenerate() {
	hash, err := password.Generate("correct horse")
	if err != nil {
		fmt.Println(err)
		return
	}
	method, _, _ := strings.Cut(hash, "$")
	fmt.Println(method)
	// Output: scrypt:32768:8:1
}

func ExampleCheck() {
	// Werkzeug's generate_password_hash made this one.
	const hash = "pbkdf2:sha256:1000$salt$a8df899f3c4f204d967e0ad63c092987c10055ebb017b3d9d28add218d4f7aad"

	fmt.Println(password.Check(hash, "secret"))
	fmt.Println(password.Check(hash, "guessed"))
	// Output:
	// true <nil>
	// false <nil>
}

func ExampleNeedsUpgrade() {
	stored := "pbkdf2:sha256:1000$salt$a8df899f3c4f204d967e0ad63c092987c10055ebb017b3d9d28add218d4f7aad"

	ok, _ := password.Check(stored, "secret")
	if ok && password.NeedsUpgrade(stored) {
		stored, _ = password.Generate("secret")
	}
	fmt.Println(stored[:strings.Index(stored, "$")])
	// Output: scrypt:32768:8:1
}

func ExampleLongPasswords() {
	// Flask-Bcrypt with BCRYPT_HANDLE_LONG_PASSWORDS made this one.
	const hash = "$2b$04$0ZgKuq8cGDIPTTZgoetpp.BRpALJFr8dePmc2vdDoYWJlEi2Yuz/G"

	fmt.Println(password.Check(hash, "hunter2", password.LongPasswords()))
	// Output: true <nil>
}

func ExampleDoubleHash() {
	// Flask-Security made this one, with this SECURITY_PASSWORD_SALT.
	const hash = "$2b$04$IGAJBDJAJJGADAICEGCIBOq1xWVDRDX7a7LJVdlW8KXBvoCPxRwJm"
	salt := password.DoubleHash("146585145368132386173505678016728509634")

	fmt.Println(password.Check(hash, "password", salt))
	// Output: true <nil>
}
