package decant

import "time"

// FileOption says how a file is sent, to [Context.SendFile] and its kin.
type FileOption func(*fileOptions)

type fileOptions struct {
	attachment    bool
	downloadName  string
	mimeType      string
	maxAge        func(name string) (time.Duration, bool)
	etag          *string
	modified      *time.Time
	unconditional bool
	precompressed bool
}

func fileOptionsOf(options []FileOption) *fileOptions {
	o := new(fileOptions)
	o.add(options)
	return o
}

func (o *fileOptions) add(options []FileOption) {
	for _, option := range options {
		option(o)
	}
}

// AsAttachment lets browsers save the file instead of showing it:
// as_attachment=True. Send files that users have uploaded this way, because a
// page among them would run as one of yours.
func AsAttachment() FileOption { return func(o *fileOptions) { o.attachment = true } }

// DownloadName is the name under which browsers save the file, and from which
// its type is guessed: download_name. The default is the file's own name.
func DownloadName(name string) FileOption {
	return func(o *fileOptions) { o.downloadName = name }
}

// MIMEType is the type of the file, such as "text/csv", in place of the one
// that its name stands for. Text is sent as UTF-8 unless the type has
// parameters of its own.
func MIMEType(mimeType string) FileOption {
	return func(o *fileOptions) { o.mimeType = mimeType }
}

// FileMaxAge is for how long browsers keep the file without asking again, in
// whole seconds: max_age. Zero, as an option, says that they ask each time, in
// more words than no option. The default is Config.SendFileMaxAgeDefault.
func FileMaxAge(age time.Duration) FileOption {
	return FileMaxAgeFor(func(string) (time.Duration, bool) { return age, true })
}

// FileMaxAgeFor is [FileMaxAge] for each file by its name, as the client asked
// for it; false leaves it to Config.SendFileMaxAgeDefault. It is the place of
// get_send_file_max_age.
func FileMaxAgeFor(age func(name string) (time.Duration, bool)) FileOption {
	return func(o *fileOptions) { o.maxAge = age }
}

// ETag is the entity tag of the file, without quotes, in place of the one that
// is made of its time, size and path. An empty one sends none: etag=False.
func ETag(tag string) FileOption { return func(o *fileOptions) { o.etag = &tag } }

// LastModified is the time of the last change, in place of the file's own. The
// zero time sends none. It mirrors last_modified.
func LastModified(date time.Time) FileOption {
	return func(o *fileOptions) { o.modified = &date }
}

// Unconditional sends the whole file whatever the client has already or asks
// for a part of: conditional=False.
func Unconditional() FileOption { return func(o *fileOptions) { o.unconditional = true } }

// Precompressed looks in the folder for the same file with ".br" or ".gz" at
// the end of its name, and sends that to clients who accept the encoding. One
// that is older than the file itself is not used. It is for
// [Context.SendFromDirectory] and static files.
func Precompressed() FileOption { return func(o *fileOptions) { o.precompressed = true } }
