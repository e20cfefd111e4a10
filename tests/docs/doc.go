// Package docs holds the code of the documentation that needs other modules, each
// block in a folder of its own, with a test.
package docs
