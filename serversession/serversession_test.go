package serversession

import (
	"testing"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/serversession/sessiontest"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	store := NewMemory()
	sessiontest.RunServer(t, func() decant.SessionInterface { return New(store) })
}
