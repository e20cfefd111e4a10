// Package flask holds Decant against the real thing: Flask, itsdangerous, a
// browser and Redis. It is a module of its own, so that nothing it needs becomes
// a dependency of the framework, and it consists of tests. Run it with
//
//	make interop
package flask
