package header

// CurrentURL puts the URL of a request together for people to read, as an IRI:
// scheme, host and the decoded path above the application, below it the
// decoded path, and the raw query if there is one. It mirrors get_current_url.
func CurrentURL(scheme, host, root, path, query string) string {
	url := scheme + "://" + host + percentEncode(root, pathSafe) + percentEncode(path, pathSafe)
	if query != "" {
		url += "?" + percentEncode(query, querySafe)
	}
	return URIToIRI(url)
}
