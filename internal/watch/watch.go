// Package watch lets a test client see what becomes of the requests that it sends.
package watch

import "context"

type key struct{}

// With returns a context for a request that the watcher wants to see.
func With(ctx context.Context, watcher any) context.Context {
	return context.WithValue(ctx, key{}, watcher)
}

// Of returns the watcher of a request, or nil.
func Of(ctx context.Context) any { return ctx.Value(key{}) }
