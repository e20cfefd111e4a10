package toml

import (
	"reflect"
	"strings"
	"testing"
)

func TestUnmarshal(t *testing.T) {
	t.Parallel()
	var got map[string]any
	err := Unmarshal([]byte("PAGE_SIZE = 20\n[DB]\nuser = \"ann\"\n"), &got)
	want := map[string]any{"PAGE_SIZE": int64(20), "DB": map[string]any{"user": "ann"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestUnmarshalNamesTheLine(t *testing.T) {
	t.Parallel()
	var values map[string]any
	err := Unmarshal([]byte("A = 1\nB = \n"), &values)
	if err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("the error is %v", err)
	}
}
