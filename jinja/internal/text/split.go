package text

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// ErrEmptySeparator is the error of the split functions for an empty separator.
var ErrEmptySeparator = errors.New("empty separator")

// Fields is Python's s.split(None, limit): runs of white space separate, and
// none is left at the ends. A limit below zero sets no limit; else there are at
// most limit splits, and the last part keeps its inner and trailing white space.
func Fields(s string, limit int) []string {
	if limit < 0 {
		return strings.FieldsFunc(s, IsSpaceRune)
	}
	parts := []string{}
	s = strings.TrimLeftFunc(s, IsSpaceRune)
	for s != "" {
		end := strings.IndexFunc(s, IsSpaceRune)
		if end < 0 || len(parts) == limit {
			return append(parts, s)
		}
		parts = append(parts, s[:end])
		s = strings.TrimLeftFunc(s[end:], IsSpaceRune)
	}
	return parts
}

// RFields is Python's s.rsplit(None, limit): as Fields, but the splits are
// counted from the right and the first part keeps its leading white space.
func RFields(s string, limit int) []string {
	if limit < 0 {
		return strings.FieldsFunc(s, IsSpaceRune)
	}
	parts := []string{}
	s = strings.TrimRightFunc(s, IsSpaceRune)
	for s != "" {
		start := strings.LastIndexFunc(s, IsSpaceRune)
		if start < 0 || len(parts) == limit {
			parts = append(parts, s)
			break
		}
		_, size := utf8.DecodeRuneInString(s[start:])
		parts = append(parts, s[start+size:])
		s = strings.TrimRightFunc(s[:start], IsSpaceRune)
	}
	reverse(parts)
	return parts
}

// Split is Python's s.split(sep, limit) with a separator. A limit below zero
// sets no limit. An empty separator is ErrEmptySeparator.
func Split(s, sep string, limit int) ([]string, error) {
	if sep == "" {
		return nil, ErrEmptySeparator
	}
	if limit >= 0 && limit <= len(s) {
		return strings.SplitN(s, sep, limit+1), nil
	}
	return strings.Split(s, sep), nil
}

// RSplit is Python's s.rsplit(sep, limit) with a separator: the splits are
// counted from the right. An empty separator is ErrEmptySeparator.
func RSplit(s, sep string, limit int) ([]string, error) {
	if sep == "" {
		return nil, ErrEmptySeparator
	}
	parts := []string{}
	for limit < 0 || len(parts) < limit {
		i := strings.LastIndex(s, sep)
		if i < 0 {
			break
		}
		parts = append(parts, s[i+len(sep):])
		s = s[:i]
	}
	parts = append(parts, s)
	reverse(parts)
	return parts, nil
}

func reverse(parts []string) {
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
		parts[i], parts[j] = parts[j], parts[i]
	}
}

// SplitLines is Python's str.splitlines: it knows all line ends of Unicode, and
// a line end at the end of s begins no further line.
func SplitLines(s string, keepEnds bool) []string {
	lines := []string{}
	for s != "" {
		end, size := nextLineEnd(s)
		if keepEnds {
			lines = append(lines, s[:end+size])
		} else {
			lines = append(lines, s[:end])
		}
		s = s[end+size:]
	}
	return lines
}

// nextLineEnd returns the position and the length of the first line end of s.
// Without one, the position is the end of s and the length is zero.
func nextLineEnd(s string) (pos, size int) {
	for i, r := range s {
		switch r {
		case '\r':
			if strings.HasPrefix(s[i:], "\r\n") {
				return i, 2
			}
			return i, 1
		case '\n', '\v', '\f', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
			return i, utf8.RuneLen(r)
		}
	}
	return len(s), 0
}

// Partition is Python's str.partition. An empty separator is ErrEmptySeparator.
func Partition(s, sep string) (before, mid, after string, err error) {
	if sep == "" {
		return "", "", "", ErrEmptySeparator
	}
	before, after, found := strings.Cut(s, sep)
	if !found {
		return s, "", "", nil
	}
	return before, sep, after, nil
}

// RPartition is Python's str.rpartition: without a separator in s, all of s is
// the last part. An empty separator is ErrEmptySeparator.
func RPartition(s, sep string) (before, mid, after string, err error) {
	if sep == "" {
		return "", "", "", ErrEmptySeparator
	}
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return "", "", s, nil
	}
	return s[:i], sep, s[i+len(sep):], nil
}

// Strip is Python's str.strip without an argument: white space goes at both ends.
func Strip(s string) string { return strings.TrimFunc(s, IsSpaceRune) }

// LStrip is Python's str.lstrip without an argument.
func LStrip(s string) string { return strings.TrimLeftFunc(s, IsSpaceRune) }

// RStrip is Python's str.rstrip without an argument.
func RStrip(s string) string { return strings.TrimRightFunc(s, IsSpaceRune) }

// StripChars is Python's s.strip(chars): all leading and trailing characters
// that occur in chars go. LStripChars and RStripChars look at one end.
func StripChars(s, chars string) string { return strings.Trim(s, chars) }

// LStripChars is Python's s.lstrip(chars).
func LStripChars(s, chars string) string { return strings.TrimLeft(s, chars) }

// RStripChars is Python's s.rstrip(chars).
func RStripChars(s, chars string) string { return strings.TrimRight(s, chars) }
