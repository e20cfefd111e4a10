package tests

import (
	"testing"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/serversession/sessiontest"
)

func TestSignedCookiesKeepTheContract(t *testing.T) {
	t.Parallel()
	sessiontest.Run(t, func() decant.SessionInterface { return decant.New("").SessionInterface })
}
