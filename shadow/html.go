package shadow

import (
	"fmt"
	"html"
	"slices"
	"strings"
)

// htmlTokens cuts a page into tags, with their attributes in order of their names, and
// texts with single spaces. Spoken says what signed tokens in them say. It never fails:
// what is no tag is text.
func htmlTokens(page string, spoken func(string) string) []string {
	var tokens []string
	raw := "" // the element whose content is no HTML
	for page != "" {
		end := nextTag(page, raw)
		if text := strings.Join(strings.Fields(page[:end]), " "); text != "" {
			tokens = append(tokens, spoken(html.UnescapeString(text)))
		}
		if page = page[end:]; page == "" {
			break
		}
		end = tagEnd(page)
		token, name := tagToken(page[:end], spoken)
		tokens = append(tokens, token)
		page, raw = page[end:], ""
		if name == "script" || name == "style" || name == "textarea" {
			raw = name
		}
	}
	return tokens
}

// nextTag returns where the next tag begins, which within a raw element is its end.
func nextTag(page, raw string) int {
	for from := 0; ; {
		i := strings.IndexByte(page[from:], '<')
		if i < 0 {
			return len(page)
		}
		i += from
		rest := page[i+1:]
		switch {
		case raw != "":
			if len(rest) > len(raw) && rest[0] == '/' && strings.EqualFold(rest[1:1+len(raw)], raw) {
				return i
			}
		case rest != "" && (rest[0] == '/' || rest[0] == '!' || isLetter(rest[0])):
			return i
		}
		from = i + 1
	}
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// tagEnd returns where a tag ends. A ">" in quotes is part of it.
func tagEnd(page string) int {
	if strings.HasPrefix(page, "<!--") {
		if i := strings.Index(page, "-->"); i >= 0 {
			return i + 3
		}
		return len(page)
	}
	quote := byte(0)
	for i := 1; i < len(page); i++ {
		switch b := page[i]; {
		case quote != 0:
			if b == quote {
				quote = 0
			}
		case (b == '"' || b == '\'') && page[i-1] == '=':
			quote = b
		case b == '>':
			return i + 1
		}
	}
	return len(page)
}

// tagToken writes a tag in one form, and returns the name of an opening one.
func tagToken(tag string, spoken func(string) string) (token, name string) {
	inner := strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(tag, "<"), ">"), "/")
	if strings.HasPrefix(inner, "!") {
		return strings.ToLower(strings.Join(strings.Fields(tag), " ")), ""
	}
	end := strings.IndexAny(inner, " \t\r\n\f")
	if end < 0 {
		end = len(inner)
	}
	name = strings.ToLower(inner[:end])
	attributes := attributesOf(inner[end:], spoken)
	slices.Sort(attributes)
	return "<" + strings.Join(append([]string{name}, attributes...), " ") + ">", name
}

func attributesOf(text string, spoken func(string) string) (attributes []string) {
	const space = " \t\r\n\f"
	for text = strings.TrimLeft(text, space); text != ""; text = strings.TrimLeft(text, space) {
		end := strings.IndexAny(text, space+"=")
		if end < 0 {
			end = len(text)
		}
		name := strings.ToLower(text[:end])
		text = strings.TrimLeft(text[end:], space)
		value, hasValue := "", strings.HasPrefix(text, "=")
		if hasValue {
			value, text = attributeValue(strings.TrimLeft(text[1:], space))
		} else if name == "" {
			break
		}
		if name == "class" {
			value = strings.Join(strings.Fields(value), " ")
		}
		if value != "" {
			attributes = append(attributes, fmt.Sprintf("%s=%q", name, spoken(html.UnescapeString(value))))
		} else {
			attributes = append(attributes, name)
		}
	}
	return attributes
}

func attributeValue(text string) (value, rest string) {
	if text != "" && (text[0] == '"' || text[0] == '\'') {
		value, rest, _ = strings.Cut(text[1:], text[:1])
		return value, rest
	}
	end := strings.IndexAny(text, " \t\r\n\f")
	if end < 0 {
		end = len(text)
	}
	return text[:end], text[end:]
}

// compareTokens reports the tokens that differ between what two pages have in common
// at their beginnings and ends.
func (c *comparison) compareTokens(old, new []string) {
	place := func(i int) string { return fmt.Sprintf("html[%d]", i) }
	same := func(i, j int) bool { return old[i] == new[j] || c.isNoise(place(i)) }
	start, end := 0, 0
	for start < min(len(old), len(new)) && same(start, start) {
		start++
	}
	for end < min(len(old), len(new))-start && same(len(old)-1-end, len(new)-1-end) {
		end++
	}
	before, after := old[start:len(old)-end], new[start:len(new)-end]
	if len(before) == len(after) {
		for i := range before {
			if !same(start+i, start+i) {
				c.add(place(start+i), before[i], after[i])
			}
		}
		return
	}
	c.add(place(start), shownTokens(before), shownTokens(after))
}

func shownTokens(tokens []string) string {
	const most = 20
	if len(tokens) == 0 {
		return absent
	}
	if len(tokens) > most {
		tokens = append(slices.Clone(tokens[:most]), "…")
	}
	return strings.Join(tokens, " ")
}
