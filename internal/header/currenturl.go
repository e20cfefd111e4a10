package header

// CurrentURL builds the URL of a request in a readable form, as an IRI. The
// arguments are the scheme, the host, the decoded path of the application, the
// decoded path below it, and the raw query or "". It mirrors get_current_url.
func CurrentURL(scheme, host, root, path, query string) string {
	url := scheme + "://" + host + percentEncode(root, pathSafe) + percentEncode(path, pathSafe)
	if query != "" {
		url += "?" + percentEncode(query, querySafe)
	}
	return URIToIRI(url)
}
