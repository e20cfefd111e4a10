// Package toml reads configuration files in TOML. It is a module of its own, so
// that only those who import it depend on a library for TOML:
//
//	err := app.Config.FromFile("config.toml", toml.Unmarshal)
//
// stands for Flask's
//
//	app.config.from_file("config.toml", load=tomllib.load, text=False)
package toml

import "github.com/BurntSushi/toml"

// Unmarshal reads a TOML document into what the second argument points to: the
// map that Config.FromFile hands it, or a struct. An error names the line.
func Unmarshal(data []byte, into any) error { return toml.Unmarshal(data, into) }
