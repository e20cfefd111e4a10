package decant_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/decant-go/decant"
)

// A link in an e-mail proves who was written to, without a table of links.
func ExampleSerializer() {
	activation := decant.NewSerializer("a long random secret key", "activate")
	token, err := activation.Dumps(42)
	if err != nil {
		fmt.Println(err)
		return
	}

	// An hour later at most, from the link that was followed.
	var userID int
	if err := activation.Loads(token, &userID, time.Hour); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("activated", userID)
	// Output: activated 42
}

// Whether a token is too old or wrong altogether tells what to answer.
func ExampleSerializer_Loads() {
	reset := decant.NewSerializer("a long random secret key", "reset-password")
	token := "ImFubkBleGFtcGxlLmNvbSI.ZVPxAA.WUeSqu7sgi68xjWv95PKxQ4bAqo"

	var email string
	err := reset.Loads(token, &email, time.Hour)
	switch {
	case errors.Is(err, decant.ErrSignatureExpired):
		var expired *decant.SignatureError
		errors.As(err, &expired)
		fmt.Println("made on", expired.DateSigned.Format(time.DateOnly), "- ask for a new link")
	case err != nil:
		fmt.Println("this link is not ours")
	default:
		fmt.Println("new password for", email)
	}
	// Output: made on 2023-11-14 - ask for a new link
}

// A value that stays readable, such as an address in a link to unsubscribe.
func ExampleSigner() {
	unsubscribe := decant.NewSigner("a long random secret key", "unsubscribe")
	signed, err := unsubscribe.Sign("ann@example.com")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(signed)

	_, err = unsubscribe.Unsign("bob" + signed[3:])
	fmt.Println(errors.Is(err, decant.ErrBadSignature))
	// Output:
	// ann@example.com.g80SNZzw999aAQpVaDdjlMp7b7c
	// true
}

// A key is replaced in two steps: first the old one moves to OldKeys, and when
// everything that it signed has expired, it goes.
func ExampleOldKeys() {
	before := decant.NewSigner("the old key", "unsubscribe")
	signed, _ := before.Sign("ann@example.com")

	now := decant.NewSigner("the new key", "unsubscribe", decant.OldKeys("the old key"))
	fmt.Println(now.Validate(signed))
	// Output: true
}

// A change of the digest does not have to invalidate what is on its way.
func ExampleFallbackSigner() {
	before := decant.NewSerializer("a long random secret key", "activate")
	token, _ := before.Dumps(42)

	now := decant.NewSerializer("a long random secret key", "activate",
		decant.DigestMethod(sha256.New), decant.FallbackSigner())
	var userID int
	fmt.Println(now.Loads(token, &userID, time.Hour), userID)
	// Output: <nil> 42
}

func ExampleTimestampSigner() {
	invitation := decant.NewTimestampSigner("a long random secret key", "invite")
	signed, err := invitation.Sign("team-7")
	if err != nil {
		fmt.Println(err)
		return
	}
	team, signedAt, err := invitation.Unsign(signed, 24*time.Hour)
	fmt.Println(team, time.Since(signedAt) < time.Minute, err)
	// Output: team-7 true <nil>
}
