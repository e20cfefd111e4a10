package decant

import (
	"iter"
	"strings"
	"time"

	"github.com/decant-go/decant/internal/formdata"
	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/httpdate"
)

// field is the value of a header, with repeated lines joined by commas. The
// name must be canonical.
func (r *Request) field(name string) string {
	lines := r.Header[name]
	if len(lines) == 1 {
		return lines[0]
	}
	return strings.Join(lines, ",")
}

// MIMEType is the type of the body in lower case, without its parameters, such
// as "application/json", or "": request.mimetype.
func (r *Request) MIMEType() string { return formdata.MediaType(r.Header.Get("Content-Type")) }

// MIMETypeParameters are the parameters of the Content-Type, such as "charset",
// with names in lower case: request.mimetype_params.
func (r *Request) MIMETypeParameters() map[string]string {
	_, parameters := header.ParseOptions(r.Header.Get("Content-Type"))
	return valuesOf(parameters)
}

func valuesOf(parameters header.Parameters) map[string]string {
	values := make(map[string]string, len(parameters))
	for _, parameter := range parameters {
		values[parameter.Name] = parameter.Value
	}
	return values
}

// Accept is what a client says that it takes, in order of preference:
// Werkzeug's Accept. Without the header it is empty and matches nothing.
type Accept struct{ accept header.Accept }

// BestMatch returns the offer that the client likes best, the first of equals,
// or "" if it takes none of them or has not said: best_match. An offer to
// [Request.AcceptMIMETypes] that is not like "text/html" is a mistake in the
// program and panics.
func (a Accept) BestMatch(offers ...string) string {
	best, _ := a.accept.BestMatch(offers...)
	return best
}

// Quality is how much the client likes an offer, from 0, not at all, to 1.
func (a Accept) Quality(offer string) float64 { return a.accept.Quality(offer) }

// All yields what the header lists with its quality, the most specific first.
func (a Accept) All() iter.Seq2[string, float64] { return a.accept.All() }

// BestMatch returns the MIME type that the client likes best among those that
// are offered, the first of equals, or "" if it takes none of them or has not
// said: request.accept_mimetypes.best_match.
func (r *Request) BestMatch(offers ...string) string {
	return r.AcceptMIMETypes().BestMatch(offers...)
}

// AcceptMIMETypes is the Accept header: request.accept_mimetypes.
func (r *Request) AcceptMIMETypes() Accept { return Accept{header.ParseMIMEAccept(r.field("Accept"))} }

// AcceptLanguages is the Accept-Language header: request.accept_languages. "-"
// and "_" are the same, and "en" also matches "en-GB" where nothing fits better.
func (r *Request) AcceptLanguages() Accept {
	return Accept{header.ParseLanguageAccept(r.field("Accept-Language"))}
}

// AcceptEncodings is the Accept-Encoding header: request.accept_encodings.
func (r *Request) AcceptEncodings() Accept {
	return Accept{header.ParseEncodingAccept(r.field("Accept-Encoding"))}
}

// AcceptCharsets is the Accept-Charset header: request.accept_charsets.
func (r *Request) AcceptCharsets() Accept {
	return Accept{header.ParseCharsetAccept(r.field("Accept-Charset"))}
}

// Authorization is the Authorization header: Werkzeug's Authorization.
type Authorization struct {
	// Scheme is in lower case: "basic", "bearer".
	Scheme string
	// Username and Password are those of the scheme basic.
	Username, Password string
	// Token is that of schemes like bearer.
	Token string
	// Parameters are those of schemes like digest. It may be nil.
	Parameters map[string]string
}

// Authorization returns the credentials that came with the request, and
// whether there are any that can be read: request.authorization. Nobody has
// checked them; compare passwords and tokens in constant time.
func (r *Request) Authorization() (Authorization, bool) {
	read, ok := header.ParseAuthorization(r.field("Authorization"))
	if !ok {
		return Authorization{}, false
	}
	authorization := Authorization{Scheme: read.Scheme, Username: read.Username, Password: read.Password, Token: read.Token}
	if read.Parameters != nil {
		authorization.Parameters = valuesOf(read.Parameters)
	}
	return authorization, true
}

// CacheControl are the directives of the Cache-Control header with their
// values, which may be empty: request.cache_control. To look for one:
//
//	_, fresh := c.Request.CacheControl()["no-cache"]
func (r *Request) CacheControl() map[string]string {
	directives := header.ParseCacheControl(r.field("Cache-Control"))
	return valuesOf(directives.Directives())
}

// ETags is a list of entity tags that a client has: Werkzeug's ETags. Tags are
// passed without quotes.
type ETags struct{ list header.ETagList }

// Contains reports whether a tag is in the list as a strong one, or the list is
// "*".
func (e ETags) Contains(etag string) bool { return e.list.Contains(etag) }

// ContainsWeak is Contains that takes weak tags too.
func (e ETags) ContainsWeak(etag string) bool { return e.list.ContainsWeak(etag) }

// IfMatch is the If-Match header: request.if_match.
func (r *Request) IfMatch() ETags { return ETags{header.ETagList(r.field("If-Match"))} }

// IfNoneMatch is the If-None-Match header: request.if_none_match.
func (r *Request) IfNoneMatch() ETags { return ETags{header.ETagList(r.field("If-None-Match"))} }

// IfModifiedSince is the date of that header, zero where there is none:
// request.if_modified_since.
func (r *Request) IfModifiedSince() time.Time { return r.dateField("If-Modified-Since") }

// IfUnmodifiedSince is the date of that header, zero where there is none:
// request.if_unmodified_since.
func (r *Request) IfUnmodifiedSince() time.Time { return r.dateField("If-Unmodified-Since") }

// Date is when the client says that it sent the request, zero where it does
// not: request.date.
func (r *Request) Date() time.Time { return r.dateField("Date") }

func (r *Request) dateField(name string) time.Time {
	date, _ := httpdate.Parse(r.field(name))
	return date
}

// Range returns which part of a body of a length in bytes the Range header asks
// for: from start up to, and without, end. It is not ok where there is no such
// header, or one that asks for anything but a single piece that is there:
// request.range.range_for_length.
func (r *Request) Range(length int64) (start, end int64, ok bool) {
	ranges, ok := header.ParseRange(r.field("Range"))
	if !ok {
		return 0, 0, false
	}
	return ranges.Satisfy(length)
}
