package rule

// anchorChars are the characters that Werkzeug does not quote behind the "#" of a
// URL.
var anchorChars = charsetOf("%!#$&'()*+,/:;=?@")

// QuoteAnchor writes text as the fragment of a URL, without its "#".
func QuoteAnchor(text string) string {
	return string(appendQuoted(nil, text, anchorChars))
}
