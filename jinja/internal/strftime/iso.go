package strftime

import (
	"fmt"
	"strconv"
	"time"
)

// String is Python's str of a datetime: "2024-01-02 03:04:05", then six digits of
// a fraction unless it is zero, then the offset if zoned.
func String(t time.Time, zoned bool) string {
	s, _ := ISOFormat(t, " ", "auto", zoned)
	return s
}

// ISOFormat is Python's datetime.isoformat. The separator stands between date
// and time; Python's default is "T". The timespec is "auto", "hours",
// "minutes", "seconds", "milliseconds" or "microseconds"; any other is an error.
// Python takes one character as a separator, and the caller checks it.
func ISOFormat(t time.Time, separator, timespec string, zoned bool) (string, error) {
	micros := t.Nanosecond() / 1000
	clock := ""
	switch timespec {
	case "auto":
		clock = t.Format("15:04:05")
		if micros > 0 {
			clock += "." + padLeft(strconv.Itoa(micros), 6, '0')
		}
	case "hours":
		clock = t.Format("15")
	case "minutes":
		clock = t.Format("15:04")
	case "seconds":
		clock = t.Format("15:04:05")
	case "milliseconds":
		clock = t.Format("15:04:05") + "." + padLeft(strconv.Itoa(micros/1000), 3, '0')
	case "microseconds":
		clock = t.Format("15:04:05") + "." + padLeft(strconv.Itoa(micros), 6, '0')
	default:
		return "", fmt.Errorf("unknown timespec %q: use auto, hours, minutes, seconds, milliseconds or microseconds", timespec)
	}
	return Date(t) + separator + clock + offset(t, ":", zoned), nil
}

// Date is Python's str of a date: "2024-01-02".
func Date(t time.Time) string {
	return fmt.Sprintf("%04d-%02d-%02d", t.Year(), int(t.Month()), t.Day())
}
