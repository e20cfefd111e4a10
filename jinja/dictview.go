package jinja

// dictView is what the methods keys, values and items of a dict return. It
// shows the dict as it is when the view is read.
type dictView struct {
	of   value // a kindDict or a kindMap
	part string
}

func (d *dictView) typeName() string { return "dict_" + d.part }

func (d *dictView) attr(r *run, name string) (value, error) { return missing, nil }

func (d *dictView) length() int {
	n, _ := lengthOf(d.of)
	return n
}

// items returns what the view shows.
func (d *dictView) items() []value {
	items := make([]value, 0, d.length())
	eachEntry(d.of, func(key, val value) bool {
		switch d.part {
		case "keys":
			items = append(items, key)
		case "values":
			items = append(items, val)
		default:
			items = append(items, tupleValue(key, val))
		}
		return true
	})
	return items
}

func (d *dictView) iterate(r *run) (*iterator, error) {
	return sliceIterator(d.typeName(), d.items()).ref.(*iterator), nil
}

// write prints the view as Python does.
func (d *dictView) write(p *printer) {
	p.b.WriteString(d.typeName() + "(")
	p.repr(listValue(d.items()))
	p.b.WriteString(")")
}
