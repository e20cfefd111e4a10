package form_test

import (
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
)

// pairs are submitted values.
type pairs [][2]string

// All yields the values.
func (p pairs) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, pair := range p {
			if !yield(pair[0], pair[1]) {
				return
			}
		}
	}
}

func post(handler http.Handler, path, body string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}
