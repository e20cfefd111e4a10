package safepath

import "strings"

func hasDevice(name string) bool {
	for segment := range strings.SplitSeq(name, "/") {
		if isDevice(segment) {
			return true
		}
	}
	return false
}

// isDevice reports whether Windows would open a device for a file name. It ignores
// an extension, a stream name and blanks, as Windows does.
func isDevice(segment string) bool {
	if end := strings.IndexAny(segment, ".:"); end >= 0 {
		segment = segment[:end]
	}
	segment = strings.TrimSpace(segment)
	switch len(segment) {
	case 3:
		return isAnyOf(segment, "CON", "PRN", "AUX", "NUL")
	case 4, 5:
		return isAnyOf(segment[:3], "COM", "LPT") && isPortNumber(segment[3:])
	case 6, 7:
		return isAnyOf(segment, "CONIN$", "CONOUT$")
	}
	return false
}

// isPortNumber accepts the superscript digits too, as Windows does.
func isPortNumber(text string) bool {
	return len(text) == 1 && text[0] >= '1' && text[0] <= '9' ||
		text == "¹" || text == "²" || text == "³"
}

func isAnyOf(text string, names ...string) bool {
	for _, name := range names {
		if strings.EqualFold(text, name) {
			return true
		}
	}
	return false
}
