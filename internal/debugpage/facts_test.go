package debugpage

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFacts(t *testing.T) {
	request := &Request{
		Method: "POST", Path: "/order/7", Host: "localhost", ID: "ABC",
		Rule: "/order/<int:number>", Endpoint: "order", Place: "main.go:12",
		Arguments: map[string]any{"number": 7, "api_key": "hush"},
		Query:     []Row{{"q", "<i>"}, {"token", "hush"}},
		Form:      []Row{{"name", "ann"}, {"password", "hush"}},
		Header:    http.Header{"X-Note": {"a", "b"}, "Cookie": {"session=hush"}},
	}
	want := []Table{
		{"Request", []Row{{"Method", "POST"}, {"Path", "/order/7"}, {"Host", "localhost"}, {"Request id", "ABC"},
			{"Rule", "/order/<int:number>"}, {"Endpoint", "order"}, {"Registered at", "main.go:12"}}},
		{"View arguments", []Row{{"api_key", Hidden}, {"number", "7"}}},
		{"Query", []Row{{"q", `"<i>"`}, {"token", Hidden}}},
		{"Form fields, without their values", []Row{{"name", "3 bytes"}, {"password", "4 bytes"}}},
		{"Headers", []Row{{"Cookie", Hidden}, {"X-Note", "a"}, {"X-Note", "b"}}},
	}
	if diff := cmp.Diff(want, request.Facts()); diff != "" {
		t.Errorf("the tables (-want +got):\n%s", diff)
	}
}

func TestFactsOfARequestWithoutARule(t *testing.T) {
	want := []Table{{"Request", []Row{{"Method", "GET"}, {"Path", "/"}, {"Host", ""}, {"Request id", ""}}}}
	if diff := cmp.Diff(want, (&Request{Method: "GET", Path: "/"}).Facts()); diff != "" {
		t.Errorf("the tables (-want +got):\n%s", diff)
	}
}
