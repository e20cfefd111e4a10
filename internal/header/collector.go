package header

// collector gathers the parameters of a client in linear time, even if there are
// very many.
type collector struct {
	list   Parameters
	places map[string]int // of the names, once there are more than a few
}

// fewParameters is the largest number of parameters that are searched one by one.
const fewParameters = 16

func (c *collector) index(name string) int {
	if c.places == nil {
		return c.list.index(name)
	}
	if i, ok := c.places[name]; ok {
		return i
	}
	return -1
}

// put adds a parameter, or replaces the one of the same name. It returns its
// index.
func (c *collector) put(parameter Parameter) int {
	if i := c.index(parameter.Name); i >= 0 {
		c.list[i] = parameter
		return i
	}
	c.list = append(c.list, parameter)
	c.remember(len(c.list) - 1)
	return len(c.list) - 1
}

func (c *collector) remember(last int) {
	if c.places != nil {
		c.places[c.list[last].Name] = last
		return
	}
	if len(c.list) <= fewParameters {
		return
	}
	c.places = make(map[string]int, 2*len(c.list))
	for i := range c.list {
		c.places[c.list[i].Name] = i
	}
}
