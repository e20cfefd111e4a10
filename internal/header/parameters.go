package header

import "strings"

// Parameter is one "name=value" of a header. Bare is true for a name without "=".
type Parameter struct {
	Name, Value string
	Bare        bool
}

// Parameters are the parameters of a header in the order of their first
// appearance; each name occurs once. Names are compared exactly.
type Parameters []Parameter

// Lookup returns the value of the named parameter and whether it is there. The
// value of a bare parameter is "".
func (p Parameters) Lookup(name string) (value string, ok bool) {
	if i := p.index(name); i >= 0 {
		return p[i].Value, true
	}
	return "", false
}

// Get returns the value of the named parameter, or "" when it is absent.
func (p Parameters) Get(name string) string {
	value, _ := p.Lookup(name)
	return value
}

// Set sets the value of the named parameter. A new parameter goes to the end.
func (p *Parameters) Set(name, value string) {
	p.put(Parameter{Name: name, Value: value})
}

// Delete removes the named parameter if it is there.
func (p *Parameters) Delete(name string) {
	if i := p.index(name); i >= 0 {
		*p = append((*p)[:i], (*p)[i+1:]...)
	}
}

func (p *Parameters) put(parameter Parameter) {
	if i := p.index(parameter.Name); i >= 0 {
		(*p)[i] = parameter
		return
	}
	*p = append(*p, parameter)
}

func (p Parameters) index(name string) int {
	for i := range p {
		if p[i].Name == name {
			return i
		}
	}
	return -1
}

// join writes the parameters with a separator. If a name ends in "*", its value
// must be encoded already.
func (p Parameters) join(separator string) string {
	var joined strings.Builder
	for i, parameter := range p {
		if i > 0 {
			joined.WriteString(separator)
		}
		joined.WriteString(parameter.Name)
		if parameter.Bare {
			continue
		}
		joined.WriteByte('=')
		if strings.HasSuffix(parameter.Name, "*") {
			joined.WriteString(parameter.Value)
		} else {
			joined.WriteString(Quote(parameter.Value))
		}
	}
	return joined.String()
}
