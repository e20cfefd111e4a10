package form

import (
	"fmt"
	"strings"

	"github.com/decant-go/decant"
)

// File is an uploaded file: FileField of Flask-WTF. Its data is nil if the user
// chose none. The form in the page must have enctype="multipart/form-data".
type File struct {
	// Label is the text of the label; empty, it is made of the field's name.
	Label string
	// Validators check what was sent, in this order: [FileRequired],
	// [FileAllowed], [FileSize].
	Validators Validators
	// Description is help for the visitor, which templates print.
	Description string
	// Attributes are attributes of the element on each rendering: render_kw.
	Attributes Attributes
	// ID is the id of the element; empty, it is the HTML name.
	ID string
	// Widget prints the element in another way than the field's class does.
	Widget Widget

	Bound[*decant.File]
}

// MultipleFile is any number of uploaded files: MultipleFileField.
type MultipleFile struct {
	// Label is the text of the label; empty, it is made of the field's name.
	Label string
	// Validators check what was sent, in this order: [FileRequired],
	// [FileAllowed], [FileSize].
	Validators Validators
	// Description is help for the visitor, which templates print.
	Description string
	// Attributes are attributes of the element on each rendering: render_kw.
	Attributes Attributes
	// ID is the id of the element; empty, it is the HTML name.
	ID string
	// Widget prints the element in another way than the field's class does.
	Widget Widget

	Bound[[]*decant.File]
}

// The kinds are never written. Files are not read by them: they are no text.
var (
	fileKind = &kind[*decant.File]{
		typeName: "FileField",
		widget:   InputWidget{Type: "file"},
		convert: func(value any) (*decant.File, error) {
			if file, ok := value.(*decant.File); ok {
				return file, nil
			}
			return nil, nil // the name of a stored file, for one
		},
		text: func(*Bound[*decant.File]) string { return "" },
	}
	multipleFileKind = &kind[[]*decant.File]{
		typeName: "MultipleFileField",
		widget:   InputWidget{Type: "file", Multiple: true},
		convert: func(value any) ([]*decant.File, error) {
			files, _ := value.([]*decant.File)
			return files, nil
		},
		text: func(*Bound[[]*decant.File]) string { return "" },
	}
)

// uploader is a field of files.
type uploader interface {
	// uploads are the files that were sent.
	uploads() []*decant.File
}

func (f *File) attach(at place) error {
	return f.set(at, fileKind, settings{
		label: f.Label, description: f.Description, id: f.ID,
		own: f.Widget, attributes: f.Attributes, validators: f.Validators,
	}, nil, nil)
}

func (f *MultipleFile) attach(at place) error {
	return f.set(at, multipleFileKind, settings{
		label: f.Label, description: f.Description, id: f.ID,
		own: f.Widget, attributes: f.Attributes, validators: f.Validators,
	}, nil, nil)
}

func (f *File) process(sent *submitted, object any, has bool) error {
	if err := f.take(object); err != nil {
		return err
	}
	f.hasData = f.data != nil
	f.object, f.hasObject = f.data, f.hasData
	if sent == nil {
		return nil
	}
	if files := sent.fileList(f.name); len(files) > 0 {
		f.Set(files[0])
		f.raw = fileNames(files)
	}
	return nil
}

func (f *MultipleFile) process(sent *submitted, object any, has bool) error {
	if err := f.take(object); err != nil {
		return err
	}
	f.hasData = f.data != nil
	f.object, f.hasObject = f.data, f.hasData
	if sent == nil {
		return nil
	}
	if files := sent.fileList(f.name); len(files) > 0 {
		f.Set(files)
		f.raw = fileNames(files)
	}
	return nil
}

func fileNames(files []*decant.File) []string {
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = file.Filename
	}
	return names
}

func (f *File) uploads() []*decant.File {
	if f.data == nil {
		return nil
	}
	return []*decant.File{f.data}
}

func (f *MultipleFile) uploads() []*decant.File { return f.data }

func uploadsOf(field Field) []*decant.File {
	if uploader, ok := field.(uploader); ok {
		return uploader.uploads()
	}
	return nil
}

// FileRequired refuses a field for which no file was sent. It stops the chain
// and sets the flag "required".
func FileRequired(own ...string) Validator {
	return flagged{func(field Field) error {
		if len(uploadsOf(field)) > 0 {
			return nil
		}
		return Stop(message(own, field, required))
	}, []attribute{{"required", true}}}
}

// FileAllowed refuses files whose names do not end in one of the extensions,
// which are given without a dot, in lower case. It stops the chain. Nothing but
// the name is looked at; what the file holds may be something else.
func FileAllowed(extensions []string, own ...string) Validator {
	return ValidatorFunc(func(field Field) error {
		for _, file := range uploadsOf(field) {
			if !hasExtension(file.Filename, extensions) {
				text := message(own, field, "File does not have an approved extension: {extensions}")
				return Stop(strings.ReplaceAll(text, "{extensions}", strings.Join(extensions, ", ")))
			}
		}
		return nil
	})
}

func hasExtension(name string, extensions []string) bool {
	name = strings.ToLower(name)
	for _, extension := range extensions {
		if strings.HasSuffix(name, "."+extension) {
			return true
		}
	}
	return false
}

// FileSize refuses files of fewer or more bytes.
func FileSize(minimum, maximum int64, own ...string) Validator {
	return ValidatorFunc(func(field Field) error {
		for _, file := range uploadsOf(field) {
			if file.Size < minimum || file.Size > maximum {
				return Invalid(message(own, field, fmt.Sprintf("File must be between %d and %d bytes.", minimum, maximum)))
			}
		}
		return nil
	})
}
