package sqlc

import (
	"testing"

	"github.com/decant-go/decant/tests/docs/usertest"
)

func TestUser(t *testing.T) { usertest.Test(t, NewApp) }
