// Package signing is the machinery of itsdangerous: it signs strings, dates
// them, and packs payloads into tokens.
//
//   - base64.go: the base64 that signatures and payloads are written in
//   - keyring.go: one signer with its old keys
//   - token.go: payloads as signed tokens, which serializers and session
//     cookies share
//   - errors.go: why a signed value was refused
//
// It knows nothing of JSON, cookies or HTTP, and it takes the current time as
// an argument.
package signing
