package rule

import "testing"

// The rule for static files, which nearly every application has, must not cost
// the others a second tree.
func TestStaticRuleSharesTheTree(t *testing.T) {
	t.Parallel()
	m := New(Options{})
	for _, text := range []string{"/static/<path:filename>", "/", "/login", "/user/<name>", "/post/<int:id>/edit", "/shop/static/<path:filename>"} {
		if _, err := m.Add(Rule{Text: text, Endpoint: text, Methods: []string{"GET"}}); err != nil {
			t.Fatal(err)
		}
	}
	m.Freeze()
	for _, named := range m.index.only.methods.named {
		if got := len(named.trees); got != 1 {
			t.Errorf("%s has %d trees, want 1", named.method, got)
		}
	}
}
