package pytext

import (
	"fmt"
	"time"
)

// appendTime appends Python's str of an aware datetime, such as
// "2024-01-02 03:04:05.000006+00:00".
func appendTime(dst []byte, date time.Time) []byte {
	dst = date.AppendFormat(dst, "2006-01-02 15:04:05")
	if date.Nanosecond()/1000 != 0 {
		dst = date.AppendFormat(dst, ".000000")
	}
	if _, offset := date.Zone(); offset%60 != 0 {
		return date.AppendFormat(dst, "-07:00:00")
	}
	return date.AppendFormat(dst, "-07:00")
}

// appendTimeRepr appends Python's repr of an aware datetime, such as
// "datetime.datetime(2024, 1, 2, 3, 4, tzinfo=datetime.timezone.utc)".
func appendTimeRepr(dst []byte, date time.Time) []byte {
	year, month, day := date.Date()
	dst = fmt.Appendf(dst, "datetime.datetime(%d, %d, %d, %d, %d", year, month, day, date.Hour(), date.Minute())
	micro := date.Nanosecond() / 1000
	if date.Second() != 0 || micro != 0 {
		dst = fmt.Appendf(dst, ", %d", date.Second())
	}
	if micro != 0 {
		dst = fmt.Appendf(dst, ", %d", micro)
	}
	dst = append(dst, ", tzinfo=datetime.timezone"...)
	return append(appendZoneRepr(dst, date), ')')
}

func appendZoneRepr(dst []byte, date time.Time) []byte {
	_, offset := date.Zone()
	switch {
	case offset == 0:
		return append(dst, ".utc"...)
	case offset < 0:
		return fmt.Appendf(dst, "(datetime.timedelta(days=-1, seconds=%d))", offset+24*60*60)
	}
	return fmt.Appendf(dst, "(datetime.timedelta(seconds=%d))", offset)
}
