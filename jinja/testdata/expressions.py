"""Writes expressions.jsonl: what real Jinja2 makes of filters, tests and methods.

The first line is the context of all expressions. Each further line is an
expression with its result in an escaped and in a plain template. The result is
printed in a list, so that its type shows, or it is the class of the error.

Run it with an interpreter that has jinja2 3.1 and werkzeug:
    python3 expressions.py > expressions.jsonl
"""

import itertools
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tests" / "flask"))
import templates_judge  # noqa: E402

CONTEXT = {
    "m": {"$markup": "<b>Hi &amp; bye</b> you"},
    "amp": {"$markup": "&"},
    "htm": {"$htmlobj": "<u>obj</u>"},
    "str": {"$strobj": "<s>obj</s>"},
    "obj": {"$object": {"name": "Zoe", "age": 7, "tags": ["x", "<y>"]}},
    "users": [
        {"name": "bob", "age": 30, "city": {"name": "Rome", "zips": [1, 2]}, "on": True},
        {"name": "Ann", "age": 25, "city": {"name": "oslo", "zips": [3]}, "on": False},
        {"name": "bob", "age": 20, "city": {"name": "Oslo", "zips": []}, "on": True, "nick": "<B>"},
    ],
    "when": {"$datetime": "2024-02-29T13:05:09"},
    "pair": {"$tuple": ["k", 1]},
    "big": 123456789012345678901234567890,
    "lines": "first <line>\n\n  third line\r\nlast",
    "long": "The quick brown fox jumps over the lazy-dog's well-known <back> and runs supercalifragilisticexpialidociously away.",
    "urls": "see https://example.com/a?b=1&c=2, www.x.org <ann@example.com> or ftp://f.de (http://in.example).",
    "deep": {"b": [1, [2, {"z": None, "a": "x" * 30}], "y" * 40], "a": {"k": "lorem ipsum dolor sit amet " * 5}},
    "mixed": {"B": 2, "a": "x", "c": "X"},
}

STRINGS = ["''", "'Hello World'", "' pad\\t'", "'<b>\"&\\''", "'ß ŉ ǆ'", "'12'", "'-1.5'", "'0x1F'", "'a,b,,c'", "'%s %d'",
           "'they\\'re a-b (c) [d]'", "'日本 żółw'", "lines", "long", "m", "htm", "str", "'aXbXc'", "'UPPER'", "'inf'", "'1_000'"]
NUMBERS = ["0", "1", "42", "-7", "true", "false", "3.7", "-2.5", "0.5", "1e300", "big", "-big", "2.675", "1234.5678", "10**20"]
LISTS = ["[]", "[3, 1, 2]", "['b', 'A', 'a', 'B']", "[1, 'a']", "[none, 1]", "[1.5, 1, true]", "users", "(3, 'x')", "range(5)", "[[1, 2], [3]]",
         "['<i>', m]", "[m, amp]", "[2, 2.0, '2']", "[zz, 1]", "('a', 'b', 'a')"]
DICTS = ["{}", "{'b': 2, 'a': 1}", "mixed", "{1: 'x', 'y': none}", "{'<k>': '<v>', 'n': none, 'u': zz, 'm': m}"]
OTHERS = ["none", "zz", "when", "pair", "[3, 1]|map('string')", "{'a': 1}.values()", "range"]
ALL = STRINGS + NUMBERS + LISTS + DICTS + OTHERS

TEXTS = STRINGS + ["42", "-2.5", "none", "zz", "[1, '<']", "{'a': '<'}", "true", "obj|attr('name')", "when"]
ITERABLES = LISTS + DICTS + ["''", "'Hello'", "m", "none", "zz", "5", "[3, 1]|map('string')", "{'a': 1}.items()"]

# The arguments of each filter, with the values that it is tried on.
FILTERS = {
    "abs": (NUMBERS + ["'1'", "none", "zz", "[]"], ["", "(1)", "(x=1)"]),
    "attr": (["obj", "users[0]", "'x'", "pair", "zz", "none", "{}", "when"],
             ["('name')", "('upper')", "('items')", "(name='age')", "('nope')", "", "(1)", "('a', 'b')", "('tags')[1]", "('year')"]),
    "batch": (ITERABLES, ["(2)|list", "(2, 'x')|list", "(linecount=2, fill_with='<')|list", "(0)|list", "|list", "(9, none)|list", "('2')|list", "(2.0)|list"]),
    "capitalize": (TEXTS, ["", "(1)"]),
    "center": (TEXTS, ["", "(20)", "(width=9)", "(0)", "(-3)", "('x')", "(10, 1)", "(2.0)", "(true)"]),
    "count": (ALL, [""]),
    "default": (["none", "zz", "''", "0", "'x'", "m", "obj.nope", "[]"],
                ["", "('d')", "('d', true)", "(default_value='<d>', boolean=true)", "(boolean=true)", "(m)", "(1, 2, 3)", "(x=1)"]),
    "d": (["zz", "0"], ["('<d>')", "('d', true)"]),
    "dictsort": (DICTS[:-1] + ["{'b': 'x', 'A': 'Y', 'a': 'y', 'B': 'X'}", "none", "zz", "[1]", "'x'"],
                 ["", "(true)", "(false, 'value')", "(by='value', reverse=true)", "(reverse=true)", "(by='nope')", "(case_sensitive=true)", "(by=1)"]),
    "e": (ALL, [""]),
    "escape": (["m", "'<'", "htm", "str", "zz", "[m, '<']"], ["", "|e", "(1)"]),
    "filesizeformat": (["0", "1", "999", "1000", "1023", "1024", "1500", "999999", "10**6", "10**15", "10**27", "-5", "1.5", "'123456'", "'x'", "none", "zz",
                        "true", "big", "[]"], ["", "(true)", "(binary=1)", "(false, 1)"]),
    "first": (ITERABLES, ["", "(1)"]),
    "float": (ALL, ["", "(1.5)", "('d')", "(default=none)"]),
    "forceescape": (ALL, [""]),
    "format": (["'%s'", "'%s %s'", "'%d|%5.1f'", "'%(a)s'", "'no'", "m", "'%s'|safe", "5", "none", "'%%'"],
               ["", "('<')", "('<', m)", "(3, 2.55)", "(a='<')", "(1, a=2)", "([1])", "(m)", "(3)"]),
    "groupby": (["users", "[]", "[{'a': 1}, {'a': 'x'}]", "['aa', 'b', 'cc']", "zz", "none", "{'x': 1}", "[('a', 1), ('A', 2), ('a', 3)]"],
                ["('name')", "('city.name')", "('city.name', case_sensitive=true)", "('nick', default='')", "('nick')", "(0)", "(attribute='on')", "", "('a')",
                 "('name')|map(attribute='grouper')|list", "('name')|map('last')|list", "('nope', 'd', true)"]),
    "indent": (STRINGS + ["5", "none", "zz", "['a']"],
               ["", "(2)", "(2, true)", "(2, true, true)", "(blank=true)", "('> ')", "(width='<i>'|safe)", "('<i>'|safe, true)", "('<i>'|safe, blank=true)",
                "('<i>')", "(0)", "(-1)", "(1.5)", "(none)"]),
    "int": (ALL + ["'ff'", "'0b11'", "'z'", "'1e3'", "'nan'|float", "'inf'|float", "' 7 '"],
            ["", "(5)", "(base=16)", "(0, 2)", "(default='d')", "(0, 0)", "(0, 99)", "(0, 'x')"]),
    "items": (DICTS + ["zz", "none", "[1]", "'x'", "obj"], ["|list", "|length", "(1)"]),
    "join": (ITERABLES, ["", "(', ')", "('<')", "(m)", "('-', attribute='name')", "('-', 'city.name')", "(attribute=0)", "(htm)", "(1)", "(none)", "(d=str)", "(zz)"]),
    "last": (ITERABLES + ["{'a': 1}|dictsort"], ["", "(1)"]),
    "length": (ALL, ["", "(1)"]),
    "list": (ALL, [""]),
    "lower": (TEXTS, [""]),
    "map": (ITERABLES, ["('upper')|list", "(attribute='name')|list", "(attribute='nick', default='<d>')|list", "(attribute='city.zips.0')|list", "('string')|join",
                        "('int')|list", "('nope')|list", "(nope)|list", "|list", "('replace', 'a', '<')|list", "('default', 'x', true)|list", "(attribute=0)|list",
                        "(attribute='a', x=1)|list", "('upper', 1)|list", "('e')|list", "(attribute='name', default=none)|list", "(1)|list"]),
    "max": (ITERABLES, ["", "(true)", "(attribute='age')", "(attribute='age').name", "(case_sensitive=true)", "(attribute='name')"]),
    "min": (ITERABLES, ["", "(true)", "(attribute='age')", "(attribute='age').name", "(attribute='nope')"]),
    "pprint": (STRINGS + NUMBERS + LISTS + ["{}", "{'b': 2, 'a': 1}", "mixed", "{1: 'x', 'y': none}", "deep", "none", "zz", "[long]", "[long, long]", "{'k': long}", "lines * 4",
                "[lines * 4]", "(long,)", "[m]", "[[[long]]]", "range(3)", "[range(30)|list] * 2", "('x' * 100)", "{'x' * 90: [1]}", "users * 2", "users|groupby('name')"], [""]),
    "random": (["[]", "[7]", "(7,)", "'x'", "''", "zz", "range(4, 5)", "none", "5", "{}", "{0: 'a'}", "{'a': 0}", "m|first", "[1]|map('string')"], ["", "(1)"]),
    "reject": (ITERABLES, ["|list", "('odd')|list", "('string')|list", "('in', [1, 'a'])|list", "('nope')|list"]),
    "rejectattr": (ITERABLES, ["('on')|list", "('nick', 'defined')|map(attribute='age')|list", "|list", "('age', 'gt', 22)|map(attribute='name')|list"]),
    "replace": (TEXTS, ["('l', 'L')", "('<', '&')", "('b', '<')", "('b', m)", "(amp, 'and')", "('', '-')", "('l', '', 1)", "(old='o', new='0', count=1)", "('l')", "('b', htm)",
                        "(1, 2)", "('o', 'x', -1)", "('o', 'x', none)", "('o', 'x', '1')", "('o', zz)", "(4, 5)"]),
    "reverse": (STRINGS, ["", "|list"]),
    "round": (NUMBERS + ["'1'", "none", "zz", "[]", "15", "25", "-15", "1e16", "0.1 + 0.2", "5e-324"],
              ["", "(1)", "(2)", "(-1)", "(0, 'floor')", "(1, 'ceil')", "(method='floor')", "(2, 'ceil')", "(-1, 'floor')", "(none)", "(1, 'nope')", "(1.0)", "(method=1)", "(precision=300)",
               "(-400)", "(true)", "(400)"]),
    "safe": (ALL, [""]),
    "select": (ITERABLES, ["|list", "('odd')|list", "('string')|list", "('divisibleby', 3)|list", "('defined')|list", "('eq', 1)|list", "(zz)|list", "('gt', 1)|list",
                           "('sameas', none)|list", "('divisibleby')|list", "(1)|list", "(x=1)|list"]),
    "selectattr": (ITERABLES, ["('on')|list", "('age', 'gt', 22)|map(attribute='name')|list", "('city.name', 'eq', 'Oslo')|map(attribute='age')|list", "('nick')|list",
                               "('nick', 'none')|list", "|list", "(0)|list", "('nick', 'undefined')|map(attribute='age')|list"]),
    "slice": (ITERABLES, ["(2)|list", "(3, 'x')|list", "(slices=4)|list", "(0)|list", "(-1)|list", "|list", "('2')|list", "(2, none)|list", "(2.0)|list"]),
    "sort": (ITERABLES, ["", "(true)", "(reverse=true, case_sensitive=true)", "(attribute='age')", "(attribute='name,age')|map(attribute='age')|list", "(false, true)",
                         "(attribute='city.name')|map(attribute='age')|list", "(true, false, 'name')|map(attribute='age')|list", "(attribute=0)", "(attribute='nope')",
                         "(attribute='nick')", "(1, 2, 3, 4)"]),
    "string": (ALL, ["", "(1)"]),
    "striptags": (TEXTS + ["'<!-- a > b --><p>x <br/> y &lt; &eacute;'", "'a < b > c'", "'<!-- <'"], ["", "(1)"]),
    "sum": (ITERABLES + ["[1, 2.5, true]", "[[1], [2]]", "[big, 1]", "['a']"],
            ["", "(attribute='age')", "(start=10)", "('age', 5)", "(start=[])", "(start='')", "(start=m)", "(start=())", "(attribute='city.zips', start=[])", "(start=1.5)"]),
    "title": (TEXTS, [""]),
    "tojson": ([s for s in STRINGS if s not in ("htm", "str")] + NUMBERS + ["'inf'|float", "'nan'|float", "[]", "[3, 1.0, none, true]", "users", "(3, 'x')", "[[], {}]", "{}", "{'b': 2, 'a': 1}", "mixed", "{1: 'x', 2.5: none, true: 3}",
                "{'<k>': '<v>', 'm': m}", "none", "zz", "{1: 'x', 'y': none}", "{none: 1}", "deep", "range(3)", "{(1, 2): 3}", "'\\u2028é😀\\x00\\x7f\\\\'", "{'a': 1}.items()", "[1]|map('string')",
                "users|groupby('age')|first", "obj.tags"], ["", "(2)", "(indent=0)", "('\\t')", "(none)", "(1, 2)", "(indent=-1)"]),
    "trim": (TEXTS + ["'xxaxx'", "'<x<'|safe"], ["", "('x')", "(' \\t')", "(chars='<')", "(amp)", "(none)", "(1)", "('')"]),
    "truncate": (STRINGS + ["5", "none", "zz", "[1, 2]", "range(300)|list"],
                 ["", "(10)", "(10, true)", "(9, false, '')", "(9, true, '…')", "(length=5, end='<')", "(8, end=m)", "(20, leeway=0)", "(20, true, '...', 0)", "(2)", "(5, leeway=-1)",
                  "(5, true, '..', 100)", "('5')", "(5, end=1)", "(4, true, amp, 0)"]),
    "unique": (ITERABLES, ["|list", "(true)|list", "(attribute='name')|map(attribute='age')|list", "(case_sensitive=true, attribute='city.name')|map(attribute='age')|list", "(1, 2, 3)"]),
    "upper": (TEXTS, ["", "(1)"]),
    "urlencode": (STRINGS + NUMBERS + LISTS + DICTS + ["'a/b c?&=é'", "[('a', 'b c'), ('é', '/')]", "{'q': 'a&b', 'n': none}", "[(1, 2, 3)]", "['ab']", "'x'.encode()"], [""]),
    "urlize": (["urls", "m", "htm", "'x'", "''", "5", "none", "zz", "'http://x.com\">'", "'a@b.co.'", "'(www.foo.net)'", "'tel:123 sip:x@y'", "'https://example.com/' ~ 'p' * 40"],
               ["", "(20)", "(20, true)", "(nofollow=true)", "(target='_blank')", "(rel='a b')", "(rel='ugc', nofollow=true)", "(extra_schemes=['ftp:', 'tel:'])", "(extra_schemes=['<'])",
                "(0)", "(target='<\"')", "(trim_url_limit=-1)"]),
    "wordcount": (TEXTS, [""]),
    "wordwrap": (STRINGS + ["5", "none", "zz"],
                 ["", "(10)", "(10, false)", "(10, true, '|')", "(wrapstring='<br>'|safe)", "(width=10, wrapstring='<br>')", "(8, break_on_hyphens=false)", "(0)", "(1)"]),
    "xmlattr": (DICTS + ["{'class': 'a b', 'id': 5}", "{'a b': 1}", "{'a>': 1}", "{1: 2}", "{'a': amp, 'b': htm, 'c': str}", "{'x': true}", "none", "zz", "[1]", "'x'"],
                ["", "(false)", "(autospace=false)", "(1, 2)"]),
}

TESTS = {
    "odd": [""], "even": [""], "divisibleby": [" 2", "(3)", " 0", "", "(num=7)", " 1.5"], "defined": ["", "(1)"], "undefined": [""], "filter": [""], "test": [""],
    "none": [""], "boolean": [""], "false": [""], "true": [""], "integer": [""], "float": [""], "lower": [""], "upper": [""], "string": [""], "mapping": [""],
    "number": [""], "sequence": [""], "iterable": ["", "(1)"], "callable": [""], "sameas": [" none", "(1)", " true", ""], "escaped": [""],
    "in": [" [1, 'a', none]", "('Hello')", " {'12': 1}", "(5)", "", " users"], "==": ["(1)"], "eq": [" 1", "", "(a=1)", " '12'"], "equalto": ["(1.0)"], "!=": ["(1)"], "ne": [" 42"],
    ">": ["(1)"], "gt": [" 1", " 'H'", " zz"], "greaterthan": ["(0.5)"], ">=": ["(1)"], "ge": [" 42"], "<": ["(1)"], "lt": ["(1)", " none"], "lessthan": ["(2)"], "<=": ["(1)"], "le": ["(-7)"],
}

SEARCHES = ["('l')", "('')", "('l', 3)", "('o', 5, -1)", "('zz')", "('l', none, 3)", "('o', -4)", "()", "(1)", "('l', 'x')", "('X', big)", "('X', 0, -big)", "('a', 1.0)"]
METHODS = {
    name: ["()", "(1)"] for name in
    "capitalize casefold lower swapcase title upper isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper".split()
} | {name: SEARCHES for name in "count find rfind index rindex".split()} | {
    "startswith": ["('H')", "(('x', 'a'))", "('')", "('e', 1)", "('H', 0, 0)", "(1)", "(['H'])", "()", "((1,))", "('<')"],
    "endswith": ["('d')", "(('x', 'c'))", "('')", "('l', 0, -1)", "(1)", "('>')"],
    "removeprefix": ["('He')", "('')", "(1)", "()", "('<b>')"], "removesuffix": ["('ld')", "('you')", "('')", "(none)"],
    "center": ["(20)", "(20, '*')", "(7, '<')", "(5, 'ab')", "('x')", "()", "(-1)", "(9, amp)", "(10, 1)"], "ljust": ["(20)", "(20, '.')", "(20, '<')", "(3)"], "rjust": ["(20)", "(20, '.')", "(20, '&')"],
    "zfill": ["(8)", "(0)", "('x')", "()", "(-2)"], "expandtabs": ["()", "(4)", "(tabsize=2)", "(0)", "(-1)", "('x')"],
    "strip": ["()", "(' ')", "('Hd')", "(none)", "(1)", "('<>')"], "lstrip": ["()", "('H')", "('<b>')"], "rstrip": ["()", "('dl')", "('you ')", "('')"],
    "split": ["()", "(' ')", "(',')", "('l', 1)", "(none, 1)", "(maxsplit=1)", "(sep=',', maxsplit=-1)", "('')", "(1)", "('X', 'y')", "('l', 1, 2)", "(none, 0)"],
    "rsplit": ["()", "(' ', 1)", "(',', 2)", "(maxsplit=1)", "('')"], "splitlines": ["()", "(true)", "(keepends=true)", "(1, 2)"],
    "partition": ["(' ')", "('zz')", "('')", "(1)", "()"], "rpartition": ["(' ')", "('zz')", "(',')", "('')"],
    "join": ["(['a', 'b'])", "('abc')", "([1])", "([m, '<'])", "(('<',))", "([])", "(5)", "()", "({'a': 1, 'b': 2})", "([htm])", "(zz)", "(range(2)|map('string'))"],
    "replace": ["('l', 'L')", "('', '-')", "('l', '<', 1)", "('b', m)", "('l')", "(1, 2)", "('l', 1)", "('o', '', 0)", "(old='l', new='x')", "('i', htm)", "('l', 'x', none)"],
    "translate": ["({108: 'LL', 111: none, 72: 74})", "({})", "('x'.maketrans('lo', '01'))", "('x'.maketrans({'l': 'x', 'b': '<'}))", "({108: 1.5})", "()", "('x'.maketrans('a', 'b', 'l'))"],
    "encode": ["()", "('ascii')", "('ascii', 'ignore')", "('latin-1', 'replace')", "(encoding='ascii', errors='xmlcharrefreplace')", "('nope')", "('utf8').decode()", "('ascii', 'backslashreplace')"],
    "format": ["()", "(1)", "('<', m)", "(a=1)"], "format_map": ["({'a': '<'})", "()", "(1)"],
    "unescape": ["()"], "striptags": ["()"], "escape": ["('<')", "()"], "nope": ["()"],
}

FORMATS = ["{} {}", "{0}{1}{0}", "{a} {b[0]} {b[1]}", "{a.name}", "{:>8}|{:<8}", "{:*^9}|", "{:.2f}", "{:,}", "{:05d}", "{:x} {:#o}", "{!r} {!s}", "{!a}", "{:{w}}", "{0[0]} {0[1]}", "{{}} {}", "{", "}", "{0", "{0!x}",
           "{:d}", "{:5}", "{:%}", "{a!r:>6}", "{} {0}", "{0} {}", "{:.1e} {}", "{:+} {: }", "{:_}", "{:b}", "{:c}", "{0.real}", "{:s}", "{:=6}", "{:%Y-%m}", "{0[x]}", "{b[k]}", "{.real}", "{[0]}", "{:{}}", "{a-b}", "{ a }", "{:g} {:n}"]
FORMAT_ARGS = ["1, 2", "'<', m", "3.14159, 'x'", "a='<', b=['x', m], w=5", "'ab', w=6", "m", "str, 1", "none, [1]", "true, big", "users[0], obj", "when", "-5, 1e10", "a=obj, b={'k': '<'}", "zz, 1", ""]
PERCENTS = ["%s", "%s %s", "%d", "%5d|%-5d", "%05.1f", "%x %X", "%#x", "%+d % d", "%r", "%a", "%c", "%%", "%(a)s", "%(a)d %(b)r", "%e", "%g %G", "%.3s", "%10s|", "%-10s|", "%", "%y", "%(a", "%*d", "%.*f", "%i %u", "%o", "%.3d", "%5%",
            "%ld", "no", "%s%%"]
PERCENT_ARGS = ["1", "'<'", "m", "(1, 2)", "('<', m)", "('x',)", "{'a': 1, 'b': '<'}", "{}", "[1]", "3.7", "none", "zz", "htm", "(5, 3)", "(2, 3.14159)", "big", "'7'", "()", "65", "true", "-255", "users[0]", "str", "1e300", "(1.5, 2e-7)"]

LIST_CALLS = ["append(4)", "append()", "clear()", "copy()", "count(1)", "count('a')", "extend([7, 8])", "extend('ab')", "extend(5)", "index(1)", "index('zz')", "index(2, 1)", "index(1, -2, 3)", "insert(0, 'z')", "insert(-1, 'z')",
              "insert(99, 'z')", "insert('a', 1)", "pop()", "pop(0)", "pop(-2)", "pop(9)", "pop('a')", "remove(1)", "remove('zz')", "reverse()", "sort()", "sort(reverse=true)", "sort(true)", "sort(key=range)", "nope()", "insert(1)"]
DICT_CALLS = ["clear()", "copy()", "fromkeys(['x', 'y'])", "fromkeys('ab', 0)", "get('a')", "get('zz')", "get('zz', 'd')", "get()", "get([])", "items()", "keys()", "values()", "pop('a')", "pop('zz')", "pop('zz', 5)", "pop([])",
              "popitem()", "setdefault('a', 9)", "setdefault('q', 9)", "setdefault('q')", "update({'a': 9, 'n': 1})", "update([('p', 1)])", "update(x=1)", "update({'y': 2}, z=3)", "update(5)", "update(['ab', 'cd'])", "update(['abc'])",
              "nope()", "get('a', default=1)", "update()", "update({}, {})"]
NUMBER_CALLS = ["bit_length()", "bit_count()", "is_integer()", "as_integer_ratio()", "conjugate()", "real", "imag", "numerator", "denominator", "nope", "bit_length(1)"]
TIME_CALLS = ["strftime('%Y-%m-%d %H:%M')", "strftime('%A %d. %B %y, %j %U %%')", "strftime(format='%I %p')", "strftime()", "strftime(1)", "isoformat()", "isoformat(' ')", "isoformat(timespec='minutes')", "isoformat('ab')", "isoformat(timespec='x')",
              "year", "month", "day", "hour", "minute", "second", "microsecond", "weekday()", "isoweekday()", "date()", "date().isoformat()", "date().year", "date().strftime('%d.%m.')", "ctime()", "date()|string", "nope"]
GLOBALS = ["range(3)|list", "range(2, 5)|list", "range(5, 1, -2)|list", "range()", "range(1, 2, 0)", "range(1.0)", "range(1, 2, 3, 4)", "range(stop=1)", "range(3)[-1]", "range(9)[2:6:2]", "3 in range(9)", "3.0 in range(9)", "'a' in range(9)",
           "range(3) == range(3)", "range(3).stop", "range(9).index(4)", "range(9).count(4)", "range(true)|list", "range('3')", "range(0, big)|length", "dict()", "dict(a=1, b='<')", "dict({'x': 1}, y=2)", "dict([('a', 1)])", "dict(['ab'])",
           "dict(5)", "dict([1])", "dict({}, {})", "cycler()", "cycler('a', 'b').next()", "cycler(1, x=2)", "cycler(1, 2).current", "cycler('a').items", "cycler(1, 2).pos", "joiner()()", "joiner('<')()", "joiner(sep=1).sep",
           "joiner(1, 2)", "joiner().used", "namespace(a=1).a", "namespace({'a': 1}, b=2)", "namespace(a=1).nope", "namespace(a=1)['a']", "namespace(5)", "lipsum(0)", "lipsum(n=0, html=false)", "lipsum(1, min=5, max=2)", "lipsum(1, x=2)",
           "lipsum(2, false, 5, 6)|wordcount", "lipsum(3) is escaped", "lipsum(1, html=false) is escaped", "lipsum()|length > 500"]


def expressions():
    for name, (values, tails) in FILTERS.items():
        for value, tail in itertools.product(values, tails):
            yield f"({value})|{name}{tail}"
    for name, tails in TESTS.items():
        for value, tail in itertools.product(ALL, tails):
            operator = name if name[0].isalpha() else None
            if operator:
                yield f"({value}) is {name}{tail}"
            yield f"[{value}]|select('{name}'{',' if tail.strip(' ()') else ''} {tail.strip(' ()')})|list"
    for name, tails in METHODS.items():
        for value, tail in itertools.product(["''", "'Hello World'", "' pad\\t'", "'aXb,c'", "lines", "m", "'żółw ß1'", "'-42'"], tails):
            yield f"({value}).{name}{tail}"
    for format, args in itertools.product(FORMATS, FORMAT_ARGS):
        if (format, args) not in (("{:5}", "m"), ("{:s}", "m")):  # CPython keeps the safe string
            yield f"{format!r}.format({args})"
        yield f"({format!r}|safe).format({args})"
    for format, args in itertools.product(PERCENTS, PERCENT_ARGS):
        yield f"{format!r} % {args}"
        yield f"({format!r}|safe) % {args}"
    for value, call in itertools.product(NUMBERS, NUMBER_CALLS):
        yield f"({value}).{call}"
    for call in TIME_CALLS:
        yield f"when.{call}"
    yield from GLOBALS


def statements():
    """Methods that change what they are called on."""
    for value, call in itertools.product(["[]", "[3, 1, 2]", "['a', 'B', 'a', 1]", "users", "users[0].city.zips"], LIST_CALLS):
        yield value, call
    for value, call in itertools.product(["{}", "{'a': 1, 'b': 2}", "mixed", "users[0].city"], DICT_CALLS):
        yield value, call


def in_order(value):
    """Go maps are iterated by key, so the keys of the context are sorted."""
    if isinstance(value, dict):
        return {key: in_order(value[key]) for key in sorted(value)}
    return [in_order(item) for item in value] if isinstance(value, list) else value


CONTEXT = in_order(CONTEXT)


def result(template, escaped):
    name = "t.html" if escaped else "t.txt"
    case = templates_judge.judge({"templates": {name: template}, "main": name, "context": CONTEXT})
    return "!" + case["error"] if "error" in case else "=" + case["expect"]


def record(key, source, template):
    escaped, plain = result(template, True), result(template, False)
    if templates_judge.UNSTABLE.search(escaped + plain) or "random" in source and "|random" not in source:
        return None
    if escaped == plain:
        return {key: source, "both": plain}
    return {key: source, "escaped": escaped, "plain": plain}


def records():
    for source in dict.fromkeys(expressions()):
        yield record("expression", source, "{{ [" + source + "]|string|safe }}")
    for value, call in statements():
        source = "{% set x = " + value + " %}{{ [x." + call + "]|string|safe }} {{ x|string|safe }}"
        yield record("template", source, source)


def main():
    print(json.dumps({"context": CONTEXT}))
    keep = float(sys.argv[1]) if len(sys.argv) > 1 else 0.25
    chosen = random.Random(7)
    for found in records():
        if found is not None and (chosen.random() < keep):
            print(json.dumps(found))


if __name__ == "__main__":
    main()
