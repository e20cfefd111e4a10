package tagjson_test

import "testing"

const (
	login = `{"_permanent":true,"user_id":42,"username":"ann"}`
	flash = `{"_flashes":[{" t":["message","Saved."]},{" t":["error",{" m":"<b>No</b>"}]}],` +
		`"_fresh":true,"_user_id":"17","seen":{" d":"Thu, 29 Feb 2024 12:00:00 GMT"},"token":{" u":"12345678123456781234567812345678"}}`
)

func BenchmarkParse(b *testing.B) {
	codec := newCodec()
	for name, text := range map[string]string{"login": login, "flash": flash} {
		b.Run(name, func(b *testing.B) {
			data := []byte(text)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := codec.Parse(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	codec := newCodec()
	for name, text := range map[string]string{"login": login, "flash": flash} {
		value, err := codec.Parse([]byte(text))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			var buffer []byte
			b.ReportAllocs()
			for b.Loop() {
				if buffer, err = codec.Append(buffer[:0], value); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
