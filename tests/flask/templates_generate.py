"""Random templates with random contexts, made from a grammar.

Expressions are made by type, so that most of them have a value; now and then a
type is swapped for another one, and whole templates are damaged, so that errors
are met too. The same seed gives the same templates.
"""

import random
import re

WORDS = ["", "a", "abc", "Hello World", "it's", "<b>&\"x\"</b>", "żółw", "日本", "😀 ok", "a,b,,c", "  pad ", "line\nbreak",
         "Straße", "x=1&y=2", "50%", "%s and %s", "{} {}", "foo-bar_baz", "UPPER", "tEsT", "1", "-7", "3.5", "12abc", "none",
         "see https://example.com/a?b=c&d=e.", "ann@example.com", "don't stop", "e\u0301", "tab\there", "ﬁx", "İ"]
INTS = [0, 1, 2, 3, 5, 7, 10, -1, -2, -7, 42, 100, 255, 1000, 123456789, 9007199254740993, 2**63, -(2**70)]
SMALL = [0, 1, 2, 3, 4, 5, 8, -1, -2, -3]
FLOATS = [0.0, 1.0, 0.5, 2.5, -1.5, 3.14159, 1e10, 1e-7, 1e22, 123456.789, 0.1, -0.0, 99.995]
KEYS = ["a", "b", "c", "name", "n", "id", "title", "x y", "<k>"]
NAMES = ["Ann", "Bob", "cy", "Żaneta", "<Eve>", "ann"]
ATTRIBUTES = ["name", "age", "on", "tags", "meta", "nope"]
KINDS = ["str", "int", "float", "bool", "list", "dict", "users"]


class Maker:
    """Makes one case. Variables have a type, which their first letters tell."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.html = self.random.random() < 0.6
        self.templates = {}
        self.context = {}
        self.scope = [{}]
        self.counter = 0
        self.macros = []
        self.loops = 0
        self.extensions = []
        self.wild = self.random.choice([0.0, 0.0, 0.02, 0.1])

    # Chances.

    def pick(self, *options):
        return self.random.choice(options)

    def chance(self, probability):
        return self.random.random() < probability

    def some(self, make, least=0, most=3):
        return [make() for _ in range(self.random.randint(least, most))]

    # Contexts.

    def value(self, kind, depth=0):
        pick = self.pick
        if kind == "str":
            roll = self.random.random()
            if roll < 0.12:
                return {"$markup": pick("<i>ok</i>", "a &amp; b", "", "<p class='x'>Hi</p>", "plain")}
            if roll < 0.15:
                return {"$strobj": pick("<u>obj</u>", "obj")}
            if roll < 0.18:
                return {"$htmlobj": pick("<u>obj</u>", "obj")}
            return pick(*WORDS)
        if kind == "int":
            return pick(*INTS)
        if kind == "float":
            return pick(*FLOATS)
        if kind == "bool":
            return pick(True, False, None)
        if kind == "list":
            element = pick("str", "str", "int", "int", "float", "mixed", "list" if depth < 2 else "int")
            items = self.some(lambda: self.value(pick("str", "int", "bool", "float") if element == "mixed" else element, depth + 1), 0, 5)
            return {"$tuple": items} if self.chance(0.15) else items
        if kind == "dict":
            keys = sorted(set(self.some(lambda: pick(*KEYS), 0, 4)))
            return {key: self.value(pick("str", "int", "float", "bool", "list") if depth < 2 else "int", depth + 1) for key in keys}
        if kind == "users":
            return [self.user() for _ in range(self.random.randint(0, 4))]
        if kind == "user":
            return self.user()
        if kind == "when":
            return {"$datetime": pick("2024-03-05T14:07:09", "1999-12-31T23:59:59", "2020-02-29T00:00:00")}
        if kind == "form":
            names = sorted(set(self.some(lambda: pick("q", "page", "tag", "name"), 0, 3)))
            return {"$multidict": {name: self.some(lambda: pick(*WORDS[:12]), 1, 3) for name in names}}
        raise ValueError(kind)

    def user(self):
        user = {"age": self.pick(10, 18, 30, 30, 45), "meta": {"k": self.pick(1, 2, 3)}, "name": self.pick(*NAMES),
                "on": self.chance(0.6), "tags": self.some(lambda: self.pick("x", "y", "Z"), 0, 3)}
        return {"$object": user} if self.chance(0.3) else user

    def declare(self, kind, prefix=""):
        self.counter += 1
        name = f"{prefix or kind[0]}{self.counter}"
        self.scope[-1][name] = kind
        return name

    def variable(self, kind):
        names = [name for scope in self.scope for name, k in scope.items() if k == kind]
        if not names or self.chance(0.03 + self.wild / 4):
            return self.pick("nope", "missing", "none", "undef.ined") if self.chance(0.2 + self.wild) else None
        return self.pick(*names)

    # Expressions.

    def quoted(self, text):
        if self.chance(0.3) and '"' not in text:
            return '"' + text.replace("\\", "\\\\").replace("\n", "\\n") + '"'
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"

    def literal(self, kind):
        pick = self.pick
        if kind == "str":
            return self.quoted(pick(*WORDS))
        if kind == "int":
            return pick("0", "1", "2", "3", "7", "10", "42", "1_000", "0x1F", "0b101", "0o17", "255", "12345678901234567890")
        if kind == "float":
            return pick("0.5", "1.0", "2.5", "1e3", "1.5e-3", "3.14", "10.0", "1_0.5")
        if kind == "bool":
            return pick("true", "false", "True", "False", "none", "None")
        if kind == "list":
            return pick("[]", "[1, 2, 3]", "['a', 'b']", "(1, 2)", "()", "('x',)", "[1, 'a', none]", "range(4)", "[[1, 2], [3, 4]]", "'abc'", "range(5, 0, -2)")
        if kind == "dict":
            return pick("{}", "{'a': 1}", "{'b': 2, 'a': 'x'}", "dict(a=1, b=[1])", "{1: 'one', 'two': 2}", "{'a': {'b': 3}}")
        if kind == "users":
            return "[{'name': 'Zed', 'age': 5, 'on': true, 'tags': [], 'meta': {'k': 1}}]"
        return "none"

    def expr(self, kind, depth=0):
        if self.chance(self.wild):
            kind = self.pick(*KINDS)
        if depth > 3 or self.chance(0.25):
            name = self.variable(kind)
            return name if name and self.chance(0.7) else self.literal(kind)
        if self.chance(0.06):
            return f"({self.expr(kind, depth + 1)} if {self.expr('bool', depth + 1)}" + (f" else {self.expr(kind, depth + 1)})" if self.chance(0.8) else ")")
        if self.chance(0.04):
            return f"({self.expr(kind, depth + 1)} {self.pick('or', 'and')} {self.expr(kind, depth + 1)})"
        if self.chance(0.04):
            return f"{self.atom(kind, depth)}|{self.pick('default', 'd')}({self.expr(kind, depth + 1)}{self.pick('', '', ', true')})"
        return getattr(self, "expr_" + kind)(depth + 1)

    def atom(self, kind, depth):
        """An expression that a filter, a dot or brackets may follow."""
        text = self.expr(kind, depth + 1)
        return text if re.fullmatch(r"[\w.]+|'[^']*'", text) and not text[0].isdigit() else f"({text})"

    def small(self):
        return str(self.pick(*SMALL))

    def slice(self):
        parts = [self.pick("", self.small()), self.pick("", self.small())]
        if self.chance(0.3):
            parts.append(self.pick("", "2", "-1", "1", "-2"))
        return ":".join(parts)

    def expr_str(self, d):
        s, pick = self.atom, self.pick
        roll = self.random.randrange(14)
        if roll == 0:
            return f"{self.expr('str', d)} {pick('~', '~', '+')} {self.expr('str', d)}"
        if roll == 1:
            return f"{s('str', d)}[{pick(self.small(), self.slice(), self.slice())}]"
        if roll == 2:
            return f"{s('str', d)} * {pick('2', '3', '0', '-1')}"
        if roll == 3:
            return f"{self.quoted(pick('%s', '%s-%s', '%d', '%5.2f|', '%-6s|', '%r', '%x', '%05d', '%%', '%s %%', '%e', '%g', '%c', '%+d', '<%s>'))} % {pick(self.expr_arguments(d), self.atom(pick('str', 'int', 'float'), d))}"
        if roll == 4:
            return f"{self.quoted(pick('{}', '{} {}', '{0}{1}{0}', '{:>6}|', '{:,}', '{:.2f}', '{!r}', '{:05}', '{:^7}|', '{{}}', '{a}', '{0[0]}', '{:%}', '{:x}', '{:e}'))}.format{self.expr_arguments(d)}"
        if roll == 5:
            name = self.variable("user") or "u"
            return f"{pick(name, '(' + self.atom('users', d) + pick('[0]', '|first', '[-1]') + ')')}{pick('.name', '[' + chr(39) + 'name' + chr(39) + ']', '.nope')}"
        if roll == 6:
            when = self.variable("when")
            return f"{when}.{pick('year', 'month', 'isoformat()', 'strftime(' + chr(39) + '%d %b %Y %H:%M' + chr(39) + ')')}" if when else self.literal("str")
        if roll in (7, 8):
            return s("str", d) + self.method(d)
        return s("str", d) + self.text_filter(d)

    def expr_arguments(self, d):
        arguments = self.some(lambda: self.expr(self.pick("str", "int", "float", "list"), d + 1), 1, 3)
        return "(" + ", ".join(arguments) + ("," if len(arguments) == 1 else "") + ")"

    def method(self, d):
        text, small, pick = lambda: self.quoted(self.pick("a", "b", " ", ",", "", "ab", "l", "ż", "x", "<")), self.small, self.pick
        return "." + pick(
            "upper()", "lower()", "title()", "capitalize()", "swapcase()", "casefold()", "strip()", "lstrip()", "rstrip()",
            f"strip({text()})", f"lstrip({text()})", f"replace({text()}, {text()})", f"replace({text()}, {text()}, {small()})",
            f"center({small()})", f"center(12, '*')", f"ljust(9)", f"rjust(9, '.')", f"zfill(6)", "expandtabs(4)",
            f"join(['a', 'b'])", f"join({self.expr('list', d + 1)})", f"removeprefix({text()})", f"removesuffix({text()})",
            f"format(1, 2)", "encode().decode()", f"__class__" if self.chance(0.02) else "title()")

    def text_filter(self, d):
        pick, small = self.pick, self.small
        filters = ["upper", "lower", "title", "capitalize", "trim", "e", "escape", "forceescape", "safe", "string", "striptags", "urlize",
                   "urlencode", "length|string", "center(14)", f"center({small()})", "indent", "indent(2, true)", "indent('> ', blank=true)",
                   f"truncate({pick('3', '5', '9', '12')})", "truncate(7, true)", "truncate(9, false, '…', 0)", "wordwrap(8)", "wordwrap(5, false)",
                   "wordwrap(6, wrapstring=' / ')", "replace('a', 'b')", "replace('a', '<', 1)", "reverse", "first", "last", "shout", "bold", "plainhtml",
                   "initials", "trim('a')", "wordcount|string", "default('d')", "tojson", "urlize(8, nofollow=true)", "urlize(target='_blank')", "list|join('-')",
                   "map('upper')|join", "format('x')", "int|string", "float|string", "filesizeformat", "pprint", "xmlattr", "count|string"]
        return "|" + "|".join(self.some(lambda: pick(*filters), 1, 2))

    def expr_int(self, d):
        a, b, pick = self.atom("int", d), self.atom("int", d), self.pick
        return pick(
            f"{a} + {b}", f"{a} - {b}", f"{a} * {b}", f"{a} // {b}", f"{a} % {b}", f"-{a}", f"+{a}", f"{pick('2', '3', '-2', '10')} ** {pick('0', '2', '5')}",
            f"{self.atom('list', d)}|{pick('length', 'count', 'sum', 'max', 'min', 'first', 'last')}", f"{self.atom('str', d)}|{pick('length', 'int', 'wordcount', 'int(7)', 'int(base=16)')}",
            f"{a}|abs", f"{self.atom('float', d)}|{pick('int', 'round', 'round|int', 'abs')}", f"{self.atom('str', d)}.{pick('find', 'count', 'index', 'rfind')}({self.quoted(pick('a', 'l', '', 'ż'))})",
            f"{self.atom('dict', d)}.get({self.quoted(pick(*KEYS))}, {b})", f"{self.atom('list', d)}[{self.small()}]", f"{self.atom('list', d)}.{pick('index', 'count')}({self.expr(pick('int', 'str'), d)})",
            f"{self.atom('users', d)}|{pick('length', 'sum(attribute=' + chr(39) + 'age' + chr(39) + ')', 'map(attribute=' + chr(39) + 'age' + chr(39) + ')|sum', 'sum(' + chr(39) + 'meta.k' + chr(39) + ', 10)')}",
            "loop.index" if self.loops else a, f"{a} + {self.expr('bool', d)}", f"not {a}")

    def expr_float(self, d):
        a, b = self.atom(self.pick("int", "float"), d), self.atom(self.pick("int", "float"), d)
        return self.pick(f"{a} / {b}", f"{a} * {b}", f"{a} - {b}", f"{a} + {b}", f"{a} // {b}", f"{a} % {b}", f"{a}|float", f"{self.atom('str', d)}|float", f"{self.atom('str', d)}|float(1.5)",
                         f"{a}|round({self.pick('0', '1', '2', '-1')})", f"{a}|round(1, '{self.pick('ceil', 'floor', 'common')}')", f"2 ** -{self.pick('1', '2')}", f"{a}|filesizeformat", f"-{a}", f"{a}|filesizeformat(true)")

    def expr_bool(self, d):
        kind = self.pick("int", "str", "float", "list", "int")
        a, b, pick = self.expr(kind, d), self.expr(kind, d), self.pick
        test = pick("defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "mapping", "iterable", "sequence", "callable", "true", "false",
                    "escaped", "lower", "upper", "odd", "even", "divisibleby 3", "divisibleby(2)", "sameas none", "in [1, 'a']", "eq 1", "ne 'a'", "gt 2", "lessthan(3)",
                    "ge 1", "le 10", "equalto 'a'", "filter", "test", "slug", "in 'abc'")
        x = self.atom(pick("int", "str", "list", "dict", "bool", "float"), d)
        return pick(f"{a} {pick('<', '>', '<=', '>=', '==', '!=')} {b}", f"{a} == {b}", f"not {self.atom('bool', d)}", f"{self.atom('bool', d)} and {self.atom('bool', d)}",
                    f"{self.atom('bool', d)} or {self.atom('bool', d)}", f"{x} is {pick('', '', 'not ')}{test}", f"{self.expr(pick('int', 'str'), d)} {pick('in', 'not in')} {self.atom('list', d)}",
                    f"{self.atom('int', d)} < {self.atom('int', d)} {pick('<', '<=', '!=')} {self.atom('int', d)}", f"{self.quoted(pick(*KEYS))} in {self.atom('dict', d)}",
                    f"{self.atom('str', d)}.{pick('startswith', 'endswith')}({self.quoted(pick('a', 'H', '', 'ż'))})", f"{self.atom('str', d)}.{pick('isdigit', 'isalpha', 'isupper', 'islower', 'isspace', 'isalnum', 'istitle', 'isnumeric')}()",
                    f"{self.quoted(pick('a', 'b', '<'))} in {self.atom('str', d)}", "loop.first" if self.loops else "true", "loop.last" if self.loops else "false")

    def expr_list(self, d):
        pick, x = self.pick, self.atom("list", d)
        return pick(
            "[" + ", ".join(self.some(lambda: self.expr(pick("int", "str", "float", "bool", "list"), d + 1), 0, 4)) + "]",
            f"{x}|{pick('sort', 'sort(reverse=true)', 'unique|list', 'reverse|list', 'list', 'batch(2)|list', 'batch(3, 0)|list', 'slice(2)|list', 'slice(3, none)|list')}",
            f"{x}|{pick('map(' + chr(39) + 'string' + chr(39) + ')|list', 'map(' + chr(39) + 'upper' + chr(39) + ')|list', 'select|list', 'reject|list', 'select(' + chr(39) + 'number' + chr(39) + ')|list', 'reject(' + chr(39) + 'string' + chr(39) + ')|list', 'select(' + chr(39) + 'gt' + chr(39) + ', 1)|list')}",
            f"{x}[{self.slice()}]", f"{x} + {self.expr('list', d)}", f"{x} * {pick('2', '0', '-1')}",
            f"{self.atom('str', d)}.{pick('split()', 'split(' + chr(39) + ',' + chr(39) + ')', 'splitlines()', 'split(none, 1)', 'rsplit(' + chr(39) + 'a' + chr(39) + ', 1)', 'partition(' + chr(39) + ',' + chr(39) + ')', 'rpartition(' + chr(39) + ' ' + chr(39) + ')')}",
            f"{self.atom('str', d)}|{pick('list', 'batch(2)|list', 'slice(2)|list', 'sort', 'unique|list')}",
            f"{self.atom('dict', d)}.{pick('keys()|list', 'values()|list', 'items()|list', 'items()', 'keys()')}", f"{self.atom('dict', d)}|{pick('dictsort', 'dictsort(reverse=true)', 'dictsort(by=' + chr(39) + 'value' + chr(39) + ')', 'list', 'items|list', 'dictsort(true)')}",
            f"{self.users(d)}|map(attribute='{pick(*ATTRIBUTES)}'{pick('', '', ', default=0')})|list",
            f"{self.users(d)}|groupby('{pick('age', 'on', 'meta.k', 'name')}')|map('first')|list", f"{self.users(d)}|groupby('age')|map(attribute='list')|map('length')|list",
            f"{self.users(d)}|map(attribute='tags')|map('join', '+')|list", f"range({pick('3', '1, 4', '6, 0, -2', '0', self.small())})", f"range({self.small()})|list")

    def users(self, d):
        pick = self.pick
        x = self.atom("users", d)
        return x + pick("", "", "|sort(attribute='age')", "|sort(attribute='name,age', reverse=true)", "|selectattr('on')", "|rejectattr('on')", "|selectattr('age', 'ge', 18)", "|selectattr('name', 'in', ['Ann', 'Bob'])",
                        "|rejectattr('nope', 'defined')", "|unique(attribute='age')", "|list", "|selectattr('age', 'eq', 30)", "|sort(attribute='name', case_sensitive=true)")

    def expr_users(self, d):
        name = self.variable("users")
        return name if name else self.literal("users")

    def expr_dict(self, d):
        entries = ", ".join(self.some(lambda: f"{self.quoted(self.pick(*KEYS))}: {self.expr(self.pick('int', 'str', 'list', 'bool'), d + 1)}", 0, 3))
        return self.pick("{" + entries + "}", f"dict({self.atom('dict', d)}, z=1)", self.literal("dict"), self.variable("dict") or "{}", f"{self.atom('dict', d)}.copy()")

    def anything(self, depth=0):
        kind = self.pick("str", "str", "str", "int", "float", "bool", "list", "dict")
        if self.chance(0.12):
            return self.call(depth)
        return self.expr(kind, depth)

    def call(self, depth):
        pick = self.pick
        calls = [f"url_for({self.quoted(pick('index', 'search', 'blog.index', 'nope.nope' if self.chance(0.1) else 'auth.login'))}, q={self.expr('str', 2)}, n={self.expr('int', 3)})",
                 f"url_for('blog.update', id={self.expr('int', 2)})", f"url_for('user.profile', username={self.expr('str', 3)}, _anchor='top')", "url_for('static', filename='a b.css', _external=true)",
                 f"icon({self.expr('str', 2)})", "evil()", "csrf_token()", f"format_price({self.expr(pick('int', 'float'), 2)})", f"echo({self.expr('str', 2)}, {self.expr('int', 2)}, k={self.expr('str', 2)})",
                 f"echo(*{self.atom('list', 2)})", "echo(**{'b': 1, 'a': 2})", "get_flashed_messages()", "get_flashed_messages(with_categories=true)", "now_year", "boom()" if self.chance(0.05) else "now_year",
                 "request.args.get('q', 'dflt')", "request.form['name']", "request.form.q", "request.args.getlist('tag')", "'q' in request.args", "session.get('user')", "session['user']", "g.user", "config.TITLE", "config['DEBUG']",
                 "cycler('a', '<b>').next()", "joiner(', ')()"]
        if self.macros:
            name, parameters = pick(*self.macros)
            count = self.random.randint(0, len(parameters) + (1 if self.chance(0.1) else 0))
            arguments = [self.expr(pick("str", "int"), 2) for _ in range(count)]
            rest = [p for p in parameters[count:] if self.chance(0.4)]
            arguments += [f"{p}={self.expr(pick('str', 'int'), 2)}" for p in rest]
            return f"{name}({', '.join(arguments)})"
        return pick(*calls)

    # Statements.

    def tag(self, text, kind="%"):
        left, right = (self.pick("-", "+", "") if self.chance(0.2) else "" for _ in range(2))
        if kind == "{":
            right = "-" if right else ""
            left = "-" if left else ""
            return "{{" + left + " " + text + " " + right + "}}"
        return "{%" + left + " " + text + " " + right + "%}"

    def text(self):
        return self.pick("", " ", "\n", "text", "<p>", "</p>\n", "  \n  ", "a & b", "{ ", "}", "% ", "{ { ", "\n\n", "ż ", "\t", "# not a comment", "-", "{# a comment #}", "{#- trimmed -#}", "{% raw %}{{ raw }}{% endraw %}", "\r\n" if self.chance(0.2) else ";")

    def body(self, depth, least=1, most=4):
        parts = []
        for _ in range(self.random.randint(least, most)):
            parts.append(self.text())
            parts.append(self.statement(depth))
        return "".join(parts) + self.text()

    def inner(self, depth, variables=(), most=3):
        self.scope.append(dict(variables))
        text = self.body(depth + 1, 0, most)
        self.scope.pop()
        return text

    def output(self):
        return self.tag(self.anything(), "{")

    def statement(self, depth):
        if depth > 3 or self.chance(0.45):
            return self.output()
        return self.pick(self.if_, self.for_, self.for_, self.set_, self.set_block, self.with_, self.filter_block, self.macro, self.call_block, self.autoescape, self.namespace, self.include, self.for_users)(depth)

    def if_(self, depth):
        text = self.tag(f"if {self.expr('bool', 1)}") + self.inner(depth)
        for _ in range(self.pick(0, 0, 0, 1, 2)):
            text += self.tag(f"elif {self.expr('bool', 1)}") + self.inner(depth)
        if self.chance(0.5):
            text += self.tag("else") + self.inner(depth)
        return text + self.tag("endif")

    def for_(self, depth):
        kind = self.pick("list", "list", "dict", "str", "items", "pairs")
        self.counter += 1
        one, two = f"v{self.counter}", f"w{self.counter}"
        variables, target = {one: self.pick("str", "int")}, one
        if kind == "items":
            source, target, variables = f"{self.atom('dict', 1)}.items()", f"{one}, {two}", {one: "str", two: "int"}
        elif kind == "pairs":
            source, target, variables = "[(1, ('a', 2)), (3, ('b', 4))]", f"{one}, ({two}, x)", {one: "int", two: "str"}
        else:
            source = self.expr(kind, 1)
        condition = ""
        if self.chance(0.2):
            self.scope.append(variables)
            condition = " if " + self.pick(self.expr("bool", 2), one, f"{one} != 2")
            self.scope.pop()
        return self.loop(depth, f"for {target} in {source}{condition}", variables)

    def for_users(self, depth):
        name = self.declare("user", "u")
        del self.scope[-1][name]
        return self.loop(depth, f"for {name} in {self.users(1)}", {name: "user"})

    def loop(self, depth, head, variables):
        self.loops += 1
        body = self.inner(depth, variables)
        if self.chance(0.5):
            body += self.tag(self.pick("loop.index", "loop.index0", "loop.revindex", "loop.first", "loop.last", "loop.length", "loop.cycle('a', 'b')", "loop.previtem", "loop.nextitem", "loop.changed(loop.index // 2)", "loop.depth", "loop.revindex0"), "{")
        if "loopcontrols" in self.extensions and self.chance(0.3):
            body += self.tag(f"if {self.pick('loop.index > 1', self.expr('bool', 2))}") + self.tag(self.pick("break", "continue")) + self.tag("endif") + self.text()
        self.loops -= 1
        if self.chance(0.3):
            body += self.tag("else") + self.inner(depth)
        return self.tag(head) + body + self.tag("endfor")

    def set_(self, depth):
        kind = self.pick("str", "int", "list", "dict", "bool")
        value = self.expr(kind, 1)
        if self.chance(0.15):
            a, b = self.declare("int"), self.declare("str")
            return self.tag(f"set {a}, {b} = {self.expr('int', 1)}, {self.expr('str', 1)}")
        return self.tag(f"set {self.declare(kind)} = {value}")

    def set_block(self, depth):
        body = self.inner(depth)
        name = self.declare("str")
        return self.tag(f"set {name}{self.pick('', '', ' | upper', ' | trim | replace(' + chr(39) + 'a' + chr(39) + ', ' + chr(39) + '<' + chr(39) + ')')}") + body + self.tag("endset")

    def with_(self, depth):
        kinds = [self.pick("str", "int", "list") for _ in range(self.pick(0, 1, 1, 2))]
        self.counter += 1
        names = {f"{kind[0]}w{self.counter}{i}": kind for i, kind in enumerate(kinds)}
        heads = ", ".join(f"{name} = {self.expr(kind, 1)}" for name, kind in names.items())
        return self.tag(f"with {heads}".strip()) + self.inner(depth, names) + self.tag("endwith")

    def filter_block(self, depth):
        return self.tag("filter " + self.text_filter(1)[1:].replace("length|string", "upper")) + self.inner(depth) + self.tag("endfilter")

    def autoescape(self, depth):
        return self.tag(f"autoescape {self.pick('true', 'false', 'true', 'false', self.expr('bool', 2))}") + self.inner(depth) + self.tag("endautoescape")

    def namespace(self, depth):
        self.counter += 1
        name = f"ns{self.counter}"
        start = self.tag(f"set {name} = namespace(x={self.expr('int', 2)}, s='')")
        self.loops += 1
        loop = self.tag(f"for i in {self.expr('list', 2)}") + self.tag(f"set {name}.x = {name}.x + loop.index") + self.tag(f"set {name}.s = {name}.s ~ i") + self.tag("endfor")
        self.loops -= 1
        return start + loop + self.tag(f"{name}.x ~ {name}.s", "{")

    def macro(self, depth):
        self.counter += 1
        name = f"m{self.counter}"
        count = self.random.randint(0, 3)
        defaults = self.random.randint(0, count)
        parameters = [f"p{self.counter}{i}" for i in range(count)]
        heads = [p if i < count - defaults else f"{p}={self.expr(self.pick('str', 'int'), 2)}" for i, p in enumerate(parameters)]
        saved, self.loops, self.macros, known = self.loops, 0, [], self.macros
        body = self.inner(depth, {p: self.pick("str", "int") for p in parameters})
        if self.chance(0.2):
            body += self.tag(self.pick("varargs", "kwargs", "varargs|length", "kwargs|length", "caller and caller()" if self.chance(0.5) else "name"), "{")
        self.loops, self.macros = saved, known
        self.macros.append((name, parameters))
        return self.tag(f"macro {name}({', '.join(heads)})") + body + self.tag("endmacro")

    def call_block(self, depth):
        self.counter += 1
        name = f"wrap{self.counter}"
        takes = self.chance(0.4)
        macro = self.tag(f"macro {name}(title={self.expr('str', 3)})") + self.text() + self.tag("title", "{") + self.tag(f"caller({self.expr('str', 3) if takes else ''})", "{") + self.tag("endmacro")
        inner = self.inner(depth, {"given": "str"} if takes else {})
        return macro + self.tag(f"call{'(given)' if takes else ''} {name}({self.pick('', self.expr('str', 3))})") + inner + self.tag("endcall")

    def include(self, depth):
        name = self.file(self.body(depth + 2, 1, 2))
        reference = self.pick(f"'{name}'", f"['absent.html', '{name}']", f"'{name}' ignore missing", "'absent.html' ignore missing", f"'{name}' if true", "'absent.html'" if self.chance(0.2) else f"'{name}'")
        return self.tag(f"include {reference}{self.pick('', '', ' with context', ' without context')}")

    def file(self, text):
        self.counter += 1
        name = f"_{self.counter}.{self.pick('html', 'html', 'txt')}"
        self.templates[name] = text
        return name

    # Whole templates.

    def page(self):
        return self.body(0, 1, 5)

    def inheritance(self):
        blocks = ["title", "body", "foot"]
        parent = self.file("")
        heads = lambda name: f"block {name}{self.pick('', '', ' scoped', ' required' if self.chance(0.1) else '')}"
        text = self.text()
        for name in blocks:
            inner = self.inner(2, most=2)
            block = self.tag(heads(name)) + inner + self.tag(f"endblock{self.pick('', ' ' + name)}")
            if self.chance(0.2):
                block = self.tag("for i in [1, 2]") + block + self.tag("endfor")
            text += block + self.text()
        self.templates[parent] = text
        middle = parent
        for _ in range(self.pick(0, 1)):
            middle = self.file(self.child(middle, blocks))
        return self.child(middle, blocks)

    def child(self, parent, blocks):
        head = self.pick(f"extends '{parent}'", f"extends '{parent}'", f"extends '{parent}' if true else 'x.html'", "extends layout" if self.chance(0.2) else f"extends \"{parent}\"")
        text = self.pick("", "", self.text()) + self.tag(head) + self.text()
        for _ in range(self.pick(0, 0, 1, 2)):
            text += self.pick(self.set_, self.macro, self.set_block)(2)
        for name in blocks:
            if self.chance(0.7):
                extra = self.pick("", self.tag("super()", "{"), self.tag("super.super()" if self.chance(0.5) else "self.title()", "{") if name != "title" else "")
                text += self.tag(f"block {name}") + self.inner(2, most=2) + extra + self.tag("endblock") + self.text()
        return text

    def modules(self):
        macros = self.macros
        self.macros = []
        text = self.text() + self.macro(1) + self.text() + self.macro(1) + self.set_(1) + self.text()
        exported = self.macros
        name = self.file(text)
        context = self.pick("", "", " with context", " without context")
        if self.chance(0.5):
            head = self.tag(f"import '{name}' as lib{context}")
            self.macros = macros + [("lib." + macro, parameters) for macro, parameters in exported]
        else:
            macro, parameters = self.pick(*exported)
            alias = self.pick("", " as other")
            head = self.tag(f"from '{name}' import {macro}{alias}{context}")
            self.macros = macros + [("other" if alias else macro, parameters)]
        return head + self.body(1, 1, 3) + self.tag(self.call(0), "{")

    def translated(self):
        self.extensions.append("i18n")
        name = self.pick("name='Ann'", f"name={self.expr('str', 2)}")
        number = self.expr("int", 3)
        return self.text() + self.pick(
            self.tag("_('Log in')", "{"), self.tag(f"_('Hello %(name)s!', {name})", "{"), self.tag(f"ngettext('%(num)s post', '%(num)s posts', {number})", "{"), self.tag("pgettext('month', 'May')", "{"),
            self.tag("trans") + "Log in" + self.tag("endtrans"), self.tag(f"trans {name}") + "Hello {{ name }}!" + self.tag("endtrans"),
            self.tag(f"trans num={number}") + "{{ num }} post" + self.tag("pluralize") + "{{ num }} posts" + self.tag("endtrans"),
            self.tag("trans trimmed") + "\n  Log\n   in \n" + self.tag("endtrans"), self.tag(f"trans n={number}, {name}") + "{{ name }} 100% <b>" + self.tag("pluralize n") + "{{ n }}" + self.tag("endtrans"),
            self.tag("gettext('100%%')", "{"), self.tag("_('%(missing)s')", "{"), self.tag("trans") + "{{ x.y }}" + self.tag("endtrans"), self.tag("trans 'month'") + "May" + self.tag("endtrans")) + self.text()

    def recursive(self):
        self.context["tree"] = [{"kids": [{"kids": [], "name": "b"}, {"name": "<c>"}], "name": "a"}, {"name": self.pick(*NAMES)}]
        extra = self.pick("", "{{ loop.depth }}", "{{ loop.depth0 }}{{ loop.index }}", "{% if loop.first %}^{% endif %}")
        return self.tag("for n in tree recursive") + "{{ n.name }}" + extra + self.tag(self.pick("loop(n.kids) if n.kids", "loop(n.kids or [])", "loop(n.kids)" if self.chance(0.2) else "loop(n.kids|default([]))"), "{") + self.tag("endfor")

    def damaged(self):
        """A template with a piece missing, doubled or replaced."""
        text = self.pick(self.page, self.page, self.inheritance)()
        pieces = re.findall(r"\{%|%\}|\{\{|\}\}|\w+|\s+|.", text)
        for _ in range(self.pick(1, 1, 2)):
            if len(pieces) < 2:
                break
            i = self.random.randrange(len(pieces))
            pieces[i] = self.pick("", "", pieces[i] * 2, self.pick("|", "(", ")", "[", "'", "}}", "%}", "{%", "endif", "endfor", "if", "in", ",", "=", "==", "!", "$", "~", ".", "and", "is", "not", "{#", "1", "nofilter", "\\"))
        return "".join(pieces)

    def case(self):
        for kind in KINDS + ["str", "list", "user", "when"]:
            for _ in range(self.pick(0, 1, 1, 2)):
                self.context[self.declare(kind)] = self.value(kind)
        self.context["request"] = {"args": self.value("form"), "form": self.value("form")}
        self.context["session"] = {"user": self.value("str")} if self.chance(0.5) else {}
        self.context["g"] = {"user": self.pick(None, "Ann", {"username": "<ann>"})}
        self.context["config"] = {"DEBUG": True, "TITLE": "My <Site>"}
        self.context["_flashes"] = self.pick([], [["error", "<bad>"], ["info", "fine"]])
        if self.chance(0.15):
            self.extensions += self.pick(["do"], ["loopcontrols"], ["do", "loopcontrols"])
        make = self.pick(self.page, self.page, self.page, self.inheritance, self.inheritance, self.modules, self.translated, self.recursive, self.damaged)
        main = "main.html" if self.html else "main.txt"
        self.templates[main] = make()
        if "do" in self.extensions and self.chance(0.6):
            self.templates[main] += self.tag("set items = []") + self.tag(f"do items.append({self.expr('str', 2)})") + self.tag("items", "{")
        case = {"templates": self.templates, "main": main, "context": ordered(self.context)}
        if self.extensions:
            case["extensions"] = sorted(self.extensions)
        return case


def ordered(value):
    if isinstance(value, dict):
        return {key: ordered(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [ordered(item) for item in value]
    return value


def generate(seed):
    """Yield cases without end."""
    number = 0
    while True:
        case = Maker(f"{seed}/{number}").case()
        case["id"] = f"{seed}/{number}"
        case["category"] = "random"
        yield case
        number += 1
