package login

import (
	"reflect"
	"strings"
	"sync"
	"unicode"
)

// JinjaAttr answers current_user.name in a Jinja template: is_authenticated,
// is_active, is_anonymous and get_id, and the exported fields and methods of the
// user, by their names in snake case or by a field's tag. A template calls a
// method. Nobody has no other attributes.
func (u *Current[U]) JinjaAttr(name string) (value any, ok bool) {
	switch name {
	case "is_authenticated":
		return u.IsAuthenticated(), true
	case "is_active":
		return u.IsActive(), true
	case "is_anonymous":
		return u.IsAnonymous(), true
	case "get_id":
		return u.GetID, true
	}
	user := u.User()
	var nobody U
	if user == nobody {
		return nil, false
	}
	return u.manager.attributes.of(reflect.ValueOf(user), name)
}

// attributes are the fields and methods of the types of users. They are worked
// out once for each type.
type attributes struct{ types sync.Map } // of map[string]attribute by reflect.Type

// attribute is a field, by its path, or a method, by its number.
type attribute struct {
	field  []int
	method int
}

func (a *attributes) of(user reflect.Value, name string) (value any, ok bool) {
	found, known := a.types.Load(user.Type())
	if !known {
		found, _ = a.types.LoadOrStore(user.Type(), attributesOf(user.Type()))
	}
	at, ok := found.(map[string]attribute)[name]
	if !ok {
		return nil, false
	}
	if at.field == nil {
		return user.Method(at.method).Interface(), true
	}
	field, err := reflect.Indirect(user).FieldByIndexErr(at.field)
	if err != nil { // behind a nil pointer that is embedded
		return nil, true
	}
	return field.Interface(), true
}

func attributesOf(t reflect.Type) map[string]attribute {
	named := map[string]attribute{}
	for i := range t.NumMethod() {
		if method := t.Method(i); method.IsExported() {
			named[snakeCase(method.Name)] = attribute{method: i}
		}
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return named
	}
	for _, field := range reflect.VisibleFields(t) {
		if name := fieldName(field); field.IsExported() && name != "" {
			named[name] = attribute{field: field.Index}
		}
	}
	return named
}

// fieldName is the name in the tag "jinja" or "json", or else the field's own.
func fieldName(field reflect.StructField) string {
	for _, key := range []string{"jinja", "json"} {
		name, _, _ := strings.Cut(field.Tag.Get(key), ",")
		if name == "-" && key == "jinja" {
			return ""
		}
		if name != "" && name != "-" {
			return name
		}
	}
	return snakeCase(field.Name)
}

// snakeCase turns IsFollowing into is_following, and HTMLName into html_name.
func snakeCase(name string) string {
	letters := []rune(name)
	var text strings.Builder
	for i, letter := range letters {
		if i > 0 && unicode.IsUpper(letter) && letters[i-1] != '_' {
			beginsWord := i+1 < len(letters) && unicode.IsLower(letters[i+1])
			if !unicode.IsUpper(letters[i-1]) || beginsWord {
				text.WriteByte('_')
			}
		}
		text.WriteRune(unicode.ToLower(letter))
	}
	return text.String()
}
