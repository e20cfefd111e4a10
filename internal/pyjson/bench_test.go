package pyjson

import (
	"encoding/json"
	"testing"
)

const session = `{"_permanent":true,"user_id":42,"username":"ann"}`

const login = `{"_fresh":true,"_id":"c0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffee","_permanent":true,` +
	`"_user_id":"17","cart":[{"price":1.25,"qty":1,"sku":"sku-00001"},{"price":2.5,"qty":2,"sku":"sku-00002"}],` +
	`"city":"Z\u00fcrich","csrf_token":"deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"}`

var documents = []struct{ name, text string }{{"session", session}, {"login", login}}

func BenchmarkParse(b *testing.B) {
	for _, document := range documents {
		b.Run(document.name, func(b *testing.B) {
			data := []byte(document.text)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(data); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(document.name+"/encoding-json", func(b *testing.B) {
			data := []byte(document.text)
			b.ReportAllocs()
			for b.Loop() {
				var v any
				if err := json.Unmarshal(data, &v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	encoder := &Encoder{ASCII: true, SortKeys: true}
	for _, document := range documents {
		value, err := Parse([]byte(document.text))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(document.name, func(b *testing.B) {
			var buffer []byte
			b.ReportAllocs()
			for b.Loop() {
				if buffer, err = encoder.Append(buffer[:0], value); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(document.name+"/encoding-json", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := json.Marshal(value); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

type account struct {
	ID    int      `json:"id"`
	Name  string   `json:"name"`
	Email string   `json:"email,omitempty"`
	Roles []string `json:"roles"`
	Score float64  `json:"score"`
}

func BenchmarkAppendStruct(b *testing.B) {
	value := account{42, "ann", "ann@example.test", []string{"admin", "editor"}, 1.5}
	encoder := &Encoder{ASCII: true, SortKeys: true}
	b.Run("pyjson", func(b *testing.B) {
		var buffer []byte
		var err error
		b.ReportAllocs()
		for b.Loop() {
			if buffer, err = encoder.Append(buffer[:0], value); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(value); err != nil {
				b.Fatal(err)
			}
		}
	})
}
