// Package bench compares decant with its peers, in process and on equal terms:
// every competitor answers the same requests, and each answer is checked
// before anything is timed. See README.md.
package bench
