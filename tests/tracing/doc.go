// Package tracing shows that tracing and metrics name requests by their rules. It
// is a module of its own because OpenTelemetry is one.
package tracing
