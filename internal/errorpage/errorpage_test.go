package errorpage

import "testing"

func TestFind(t *testing.T) {
	tests := map[int]string{404: "Not Found", 418: "I'm a teapot", 505: "HTTP Version Not Supported", 200: "", 302: "", 499: "", 0: ""}
	for code, want := range tests {
		name, description, known := Find(code)
		if name != want || known != (want != "") || (description == "") != (want == "") {
			t.Errorf("%d is %q, %q, %v; want %q", code, name, description, known, want)
		}
	}
}

func TestHTML(t *testing.T) {
	const want = "<!doctype html>\n<html lang=en>\n<title>400 Bad &amp; Request</title>\n<h1>Bad &amp; Request</h1>\n<p><em>No</em></p>\n"
	if got := HTML(400, "Bad &amp; Request", "<em>No</em>"); got != want {
		t.Errorf("got %q", got)
	}
}
