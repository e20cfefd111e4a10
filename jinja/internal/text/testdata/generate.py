"""Writes python.json: calls of Python's string methods and of Jinja2's filters with their results.

Run it with an interpreter that has jinja2 3.1:  python3 generate.py > python.json
"""

import html
import json
import random
import sys

import jinja2

random.seed(13)
filters = jinja2.Environment().filters
env = jinja2.Environment()
cases = []
BIG = 1 << 62


def case(name, args, function):
    try:
        result = {"want": function()}
    except Exception as error:
        result = {"error": type(error).__name__}
    cases.append({"call": name, "args": args, **result})


def words(alphabet, longest):
    return "".join(random.choice(alphabet) for _ in range(random.randrange(longest)))


CASED = list("aZ ßİıΣσςΐŉǆǅﬁᾳᾼᾲ'’-.:1_éÉᏸꭰ\u0307\u0345ª")
SPACES = list("ab \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\u2028\u2029\u3000") + ["\r\n", "  "]
MIXED = list("ab,;-- é日😀") + ["--", ", "]
NUMBERS = list("0²½四٣Ⅷ①a_-.") + [""]

for _ in range(60):
    s = words(CASED, 9)
    for method in ["upper", "lower", "title", "capitalize", "swapcase", "casefold",
                   "isalnum", "isalpha", "islower", "isupper", "istitle", "isidentifier", "isprintable"]:
        case(method, [s], lambda: getattr(s, method)())
    case("titlewords", [s], lambda: filters["title"](s))
    case("wordcount", [s], lambda: filters["wordcount"](s))
for _ in range(40):
    s = words(NUMBERS, 5)
    for method in ["isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isnumeric", "isidentifier"]:
        case(method, [s], lambda: getattr(s, method)())
    case("zfill", [s, 4], lambda: s.zfill(4))
for _ in range(60):
    s = words(SPACES, 10)
    limit = random.randrange(-1, 4)
    case("fields", [s, limit], lambda: s.split(None, limit))
    case("rfields", [s, limit], lambda: s.rsplit(None, limit))
    case("splitlines", [s, True], lambda: s.splitlines(True))
    case("splitlines", [s, False], lambda: s.splitlines(False))
    for method in ["strip", "lstrip", "rstrip", "isspace"]:
        case(method, [s], lambda: getattr(s, method)())
    case("expandtabs", [s, limit * 3], lambda: s.expandtabs(limit * 3))
    for first in False, True:
        for blank in False, True:
            case("indent", [s, "> ", first, blank], lambda: filters["indent"](s, "> ", first, blank))
for _ in range(70):
    s, sub = words(MIXED, 12), words(MIXED, 3)
    limit = random.randrange(-1, 4)
    start, end = random.randrange(-9, 14), random.choice([BIG, random.randrange(-9, 14)])
    case("split", [s, sub, limit], lambda: s.split(sub, limit))
    case("rsplit", [s, sub, limit], lambda: s.rsplit(sub, limit))
    case("partition", [s, sub], lambda: list(s.partition(sub)))
    case("rpartition", [s, sub], lambda: list(s.rpartition(sub)))
    case("cut", [s, start, end], lambda: s[start:end])
    for method in ["find", "rfind", "count", "startswith", "endswith"]:
        case(method, [s, sub, start, end], lambda: getattr(s, method)(sub, start, end))
    case("replace", [s, sub, "<é>", limit], lambda: s.replace(sub, "<é>", limit))
    for method in ["strip", "lstrip", "rstrip"]:
        case(method + "chars", [s, sub], lambda: getattr(s, method)(sub))
    for method in ["center", "ljust", "rjust"]:
        case(method, [s, start + limit, "*"], lambda: getattr(s, method)(start + limit, "*"))
    case("quotepath", [s], lambda: filters["urlencode"](s))
    case("quotequery", [s], lambda: filters["urlencode"]({"": s})[1:])

PROSE = ["alpha", "beta-gamma", "x-y-z", "well--known", "--option", "a-", "-b", "supercalifragilistic",
         "e.g.", "1-2", "tech-no-logy", "über-mäßig", " ", "  ", "\t", "\n", "\n\n", "---", "don't--stop", "a--b--c", "aa-b-cc", "\xa0"]
for _ in range(200):
    s = words(PROSE + [" "] * 12, 14)
    width = random.randrange(0, 18)
    long, hyphens = random.random() < 0.7, random.random() < 0.7
    case("wordwrap", [s, width, long, hyphens, "|"],
         lambda: filters["wordwrap"](env, s, width, long, "|", hyphens))
    length, leeway = random.randrange(0, 20), random.randrange(-1, 6)
    end = random.choice(["...", "…", ""])
    kill = random.random() < 0.5
    case("truncate", [s, length, kill, end, leeway], lambda: filters["truncate"](env, s, length, kill, end, leeway))

for size in [0, 1, 1.5, 2, 999, 999.9, 1000, 1023, 1024, 1e6, 999999, 999950, 1048576, 123456789, 1e9, 1e12, 1e15,
             1e18, 1e21, 1e24, 1e27, 1e30, 1.5e33, -1, -0.5, -5e20, 13e3]:
    for binary in False, True:
        case("filesize", [size, binary], lambda: filters["filesizeformat"](size, binary))
for _ in range(100):
    size, binary = round(10 ** random.uniform(0, 28), 1), random.random() < 0.5
    case("filesize", [size, binary], lambda: filters["filesizeformat"](size, binary))

TAGS = ["<", ">", "<!--", "-->", "-", "!", "<b>", "</b>", " ", "\n", "&amp;", "&lt", "&eacute;", "&ampx", "&notit;",
        "&#", "&#39;", "&#x3c;", "&#0;", "&#128;", "&#1;", "&#xfffe;", "&#99999999999;", "&#xD800", "x", "é", "&", ";", "&#13;"]
for _ in range(200):
    s = words(TAGS, 9)
    case("striptags", [s], lambda: str(filters["striptags"](s)))
    case("unescape", [s], lambda: html.unescape(s))
    case("escape", [s], lambda: str(filters["escape"](s)))

LINKS = ["http://", "https://", "www.", "example", ".com", ".de", ".org", "mailto:", "a", "@", "b.c", ":8080", "/p?q=1&r=2", "#f",
         "(", ")", "<", ">", ".", ",", " ", "\n", "\xa0", "tel:", "ftp://", "127.0.0.1", "[::1]", "[fe80:0:1:2]", "HTTP://", "über", "xn--abc", "\"", "'", "foo"]
for _ in range(400):
    s = words(LINKS, 8)
    trim = random.choice([None, None, 5, 12, -2])
    nofollow, target = random.random() < 0.3, random.choice([None, "_blank", "a\"b"])
    rel, schemes = random.choice([None, "me  author", "noopener"]), random.choice([None, None, ["tel:"], ["ftp://", "tel:"], ["x"]])
    case("urlize", [s, trim, nofollow, target or "", rel or "", schemes or []],
         lambda: env.from_string("{{ s|urlize(t, n, g, r, e) }}").render(s=s, t=trim, n=nofollow, g=target, r=rel, e=schemes))

for key in ["a", "data-x", "a b", "a/b", "a>b", "a=b", "a\tb", "a\xa0b", "", "\"", "on\fclick"]:
    def accepted():
        try:
            filters["xmlattr"](jinja2.nodes.EvalContext(env), {key: 1})
        except ValueError:
            return False
        return True
    case("isattributename", [key], accepted)

sys.stdout.write("[" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "]\n")
