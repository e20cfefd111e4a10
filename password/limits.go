package password

import (
	"cmp"
	"fmt"
)

// Limits is an [Option] that bounds the cost of a hash. A hash that costs more
// is an error that names the limit. Zero leaves a limit as it is by default.
type Limits struct {
	// Memory is what scrypt and argon2 may hold at a time, in bytes. The default
	// is 256 MiB, eight times the need of Werkzeug's own hashes.
	Memory int64
	// MemoryWork is what scrypt and argon2 may write in all, in bytes: memory
	// times passes or lanes. The default is 2 GiB.
	MemoryWork int64
	// Rounds are those of PBKDF2 and of sha256_crypt and sha512_crypt. The
	// default is 10,000,000, ten times those of Werkzeug's own hashes.
	Rounds int64
	// BcryptCost is the cost of bcrypt. The default is 16, which is 16 times as
	// slow as Flask-Bcrypt's own hashes.
	BcryptCost int
}

var defaultLimits = Limits{Memory: 256 << 20, MemoryWork: 2 << 30, Rounds: 10_000_000, BcryptCost: 16}

func (l Limits) apply(s *settings) {
	s.limits = Limits{
		Memory:     cmp.Or(l.Memory, s.limits.Memory),
		MemoryWork: cmp.Or(l.MemoryWork, s.limits.MemoryWork),
		Rounds:     cmp.Or(l.Rounds, s.limits.Rounds),
		BcryptCost: cmp.Or(l.BcryptCost, s.limits.BcryptCost),
	}
}

// cost is what a hash asks for. Memory is counted in floating point, because
// the product of three hostile numbers overflows anything else.
type cost struct {
	memory, memoryWork float64
	rounds             int64
	bcrypt             int
}

func (l Limits) refuse(c cost) error {
	switch {
	case c.memory > float64(l.Memory):
		return fmt.Errorf("%w: %.0f bytes of memory, and Limits.Memory allows %d", ErrLimit, c.memory, l.Memory)
	case c.memoryWork > float64(l.MemoryWork):
		return fmt.Errorf("%w: %.0f bytes written to memory, and Limits.MemoryWork allows %d", ErrLimit, c.memoryWork, l.MemoryWork)
	case c.rounds > l.Rounds:
		return fmt.Errorf("%w: %d rounds, and Limits.Rounds allows %d", ErrLimit, c.rounds, l.Rounds)
	case c.bcrypt > l.BcryptCost:
		return fmt.Errorf("%w: bcrypt with a cost of %d, and Limits.BcryptCost allows %d", ErrLimit, c.bcrypt, l.BcryptCost)
	}
	return nil
}
