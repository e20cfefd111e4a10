package jinja

// builtinFilters returns the filters of Jinja2.
func builtinFilters() map[string]filterFunc {
	return map[string]filterFunc{
		"abs":            filterAbs,
		"attr":           filterAttr,
		"batch":          filterBatch,
		"capitalize":     filterCapitalize,
		"center":         filterCenter,
		"count":          filterLength,
		"d":              filterDefault,
		"default":        filterDefault,
		"dictsort":       filterDictsort,
		"e":              filterEscape,
		"escape":         filterEscape,
		"filesizeformat": filterFilesizeformat,
		"first":          filterFirst,
		"float":          filterFloat,
		"forceescape":    filterForceescape,
		"format":         filterFormat,
		"groupby":        filterGroupby,
		"indent":         filterIndent,
		"int":            filterInt,
		"items":          filterItems,
		"join":           filterJoin,
		"last":           filterLast,
		"length":         filterLength,
		"list":           filterList,
		"lower":          filterLower,
		"map":            filterMap,
		"max":            filterMax,
		"min":            filterMin,
		"pprint":         filterPprint,
		"random":         filterRandom,
		"reject":         filterReject,
		"rejectattr":     filterRejectattr,
		"replace":        filterReplace,
		"reverse":        filterReverse,
		"round":          filterRound,
		"safe":           filterSafe,
		"select":         filterSelect,
		"selectattr":     filterSelectattr,
		"slice":          filterSlice,
		"sort":           filterSort,
		"string":         filterString,
		"striptags":      filterStriptags,
		"sum":            filterSum,
		"title":          filterTitle,
		"tojson":         filterTojson,
		"trim":           filterTrim,
		"truncate":       filterTruncate,
		"unique":         filterUnique,
		"upper":          filterUpper,
		"urlencode":      filterUrlencode,
		"urlize":         filterUrlize,
		"wordcount":      filterWordcount,
		"wordwrap":       filterWordwrap,
		"xmlattr":        filterXmlattr,
	}
}

// filterError is the error of an argument that a filter does not accept.
func filterError(format string, args ...any) error {
	return fail(FilterArgumentError, format, args...)
}

// filterDefault returns a default for a value that is undefined, or with the
// second argument for one that is false.
func filterDefault(r *run, v value, args arguments) (value, error) {
	slots := [2]value{stringValue(""), falseVal}
	if err := args.bind(slots[:], "default", 0, "default_value", "boolean"); err != nil {
		return missing, err
	}
	if v.isUndefined() {
		return slots[0], nil
	}
	falseToo, err := flag(slots[1])
	if err != nil || !falseToo {
		return v, err
	}
	truth, err := isTrue(v)
	if err != nil || truth {
		return v, err
	}
	return slots[0], nil
}

// filterAttr returns an attribute, but never an item.
func filterAttr(r *run, v value, args arguments) (value, error) {
	var slots [1]value
	if err := args.bind(slots[:], "attr", 1, "name"); err != nil {
		return missing, err
	}
	name, err := textArg("attr", slots[0])
	if err != nil {
		return missing, err
	}
	attr, ok, err := r.attribute(v, name)
	if err != nil || ok {
		return attr, err
	}
	return r.engine.undefinedAttr(v, name), nil
}

// filterLength returns how many items or characters a value has.
func filterLength(r *run, v value, args arguments) (value, error) {
	if err := args.none("length"); err != nil {
		return missing, err
	}
	if n, ok := lengthOf(v); ok {
		return intValue(int64(n)), nil
	}
	if v.kind == kindUndefined {
		return missing, undefinedOf(v).err()
	}
	return missing, typeError("object of type '%s' has no len()", typeName(v))
}

// filterString returns the text of a value. Safe strings stay safe.
func filterString(r *run, v value, args arguments) (value, error) {
	if err := args.none("string"); err != nil {
		return missing, err
	}
	return softText(v)
}
