package password

// Salt fixes the salt of Werkzeug's methods, so that a test knows the hash that
// Generate makes.
func Salt(salt string) Option {
	return option(func(s *settings) { s.salt = &salt })
}
