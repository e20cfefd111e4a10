"""Real Jinja2 for the tests of the template engine.

Reads one JSON object per line and answers each with lines of the format that
jinja.jsonl has: templates with the output, or the class and the place of the error.

{"seed": n, "count": m}    m random templates, made and judged here; an empty line ends them
{"templates": ..., ...}    one case without an expectation; the answer is one line
"""

import json
import re
import sys
import traceback
from datetime import datetime
from urllib.parse import quote, urlencode

import jinja2
from markupsafe import Markup, escape
from werkzeug.datastructures import MultiDict

import templates_generate

sys.setrecursionlimit(3000)


class Object:
    """An object that has attributes and no items."""

    def __init__(self, attributes):
        self.__dict__.update(attributes)


class WithText:
    def __init__(self, text):
        self.text = text

    def __str__(self):
        return self.text


class WithHTML(WithText):
    def __html__(self):
        return self.text


def pairs(mapping):
    return {key: build(value) for key, value in mapping.items()}


TAGGED = {
    "$markup": Markup,
    "$datetime": datetime.fromisoformat,
    "$object": lambda attributes: Object(pairs(attributes)),
    "$strobj": WithText,
    "$htmlobj": WithHTML,
    "$tuple": lambda items: tuple(build(item) for item in items),
    "$multidict": lambda values: MultiDict({key: list(value) for key, value in values.items()}),
}


def build(value):
    """Return the Python value of a JSON value with tags."""
    if isinstance(value, list):
        return [build(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (tag, content), = value.items()
        if tag in TAGGED:
            return TAGGED[tag](content)
    return pairs(value)


class BuildError(Exception):
    pass


class BoomError(Exception):
    pass


ROUTES = {
    "index": "/",
    "add": "/add",
    "search": "/search",
    "static": "/static/<filename>",
    "auth.login": "/auth/login",
    "auth.logout": "/auth/logout",
    "auth.register": "/auth/register",
    "blog.index": "/blog/",
    "blog.create": "/blog/create",
    "blog.update": "/blog/<id>/update",
    "blog.delete": "/blog/<id>/delete",
    "user.profile": "/user/<username>",
}


def url_for(endpoint, *, _anchor=None, _external=False, **values):
    if endpoint not in ROUTES:
        raise BuildError(endpoint)
    url = ROUTES[endpoint]
    for name in list(values):
        if f"<{name}>" in url:
            url = url.replace(f"<{name}>", quote(str(values.pop(name)), safe="_.-~/!$&'()*+,;=:@"))
    if "<" in url:
        raise BuildError(endpoint)
    query = urlencode([(name, value) for name, value in sorted(values.items()) if value is not None])
    url += "?" + query if query else ""
    url += "#" + _anchor if _anchor else ""
    return "http://localhost" + url if _external else url


@jinja2.pass_context
def get_flashed_messages(context, with_categories=False, category_filter=()):
    flashes = context.get("_flashes") or []
    if category_filter:
        flashes = [flash for flash in flashes if flash[0] in category_filter]
    return [tuple(flash) if with_categories else flash[1] for flash in flashes]


def boom():
    raise BoomError("boom")


def echo(*args, **kwargs):
    return "|".join([str(arg) for arg in args] + [f"{key}={value}" for key, value in sorted(kwargs.items())])


GLOBALS = {
    "url_for": url_for,
    "get_flashed_messages": get_flashed_messages,
    "format_price": lambda amount, currency="€": f"{amount:.2f}{currency}",
    "icon": lambda name: Markup('<i class="icon-%s"></i>') % name,
    "evil": lambda: "<img src=x onerror=alert(1)>",
    "boom": boom,
    "csrf_token": lambda: 'tok"en',
    "now_year": 2024,
    "echo": echo,
}


def initials(value, sep="."):
    return sep.join(word[0] for word in value.split()) + sep


FILTERS = {
    "shout": lambda value: str(value).upper() + "!",
    "bold": lambda value: Markup("<b>%s</b>") % value,
    "plainhtml": lambda value: f"<em>{value}</em>",
    "datetimeformat": lambda value, format="%d.%m.%Y": value.strftime(format),
    "initials": initials,
}

TESTS = {
    "adult": lambda value, age=18: value["age"] >= age,
    "slug": lambda value: value != "" and all(c in "abcdefghijklmnopqrstuvwxyz0123456789-" for c in value),
}

SHARED = ("g", "session", "request", "config")


def environment(case, context):
    templates = case["templates"]

    def load(name):
        if name not in templates:
            return None
        return templates[name], name, None

    extensions = [f"jinja2.ext.{name}" for name in case.get("extensions", [])]
    env = jinja2.Environment(
        loader=jinja2.FunctionLoader(load),
        autoescape=lambda name: name is not None and name.endswith((".html", ".htm", ".xml", ".xhtml", ".svg")),
        extensions=extensions,
    )
    if "i18n" in case.get("extensions", []):
        env.install_gettext_callables(
            lambda message: german.get(message, message),
            lambda one, many, n: german.get(one if n == 1 else many, one if n == 1 else many),
            newstyle=True,
            pgettext=lambda context, message: german.get(f"{context}|{message}", message),
            npgettext=lambda context, one, many, n: german.get(f"{context}|{one if n == 1 else many}", one if n == 1 else many),
        )
    env.globals.update(GLOBALS)
    env.globals.update({name: context[name] for name in SHARED if name in context})
    env.filters.update(FILTERS)
    env.tests.update(TESTS)
    return env


german = {
    "Log in": "Anmelden",
    "Hello %(name)s!": "Hallo %(name)s!",
    "%(num)s post": "%(num)s Beitrag",
    "%(num)s posts": "%(num)s Beiträge",
    "month|May": "Mai",
    "100%%": "100 %%",
}


def place(error, case):
    """Return where Jinja2 says that the error is: the innermost frame of a template."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return error.name, error.lineno
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename in case["templates"]:
            return frame.filename, frame.lineno
    return None, None


def judge(case):
    """Add what Jinja2 says to a case."""
    context = pairs(case["context"])
    try:
        case["expect"] = environment(case, context).get_template(case["main"]).render(context)
    except Exception as error:
        case["error"] = type(error).__name__
        name, line = place(error, case)
        if name is not None:
            case["error_template"], case["error_line"] = name, line
    return case


# Texts that depend on the process and not on the template.
UNSTABLE = re.compile(r" at 0x[0-9a-f]{6,}|(?:&lt;|<)(?:generator|function|class|built-in) ?", re.IGNORECASE)


def random_cases(seed, count):
    """Yield judged cases, without those whose output shows addresses of Python's memory."""
    for case in templates_generate.generate(seed):
        judge(case)
        if UNSTABLE.search(case.get("expect", "")):
            continue
        yield case
        count -= 1
        if count <= 0:
            return


def main():
    for line in sys.stdin:
        request = json.loads(line)
        if "seed" in request:
            for case in random_cases(request["seed"], request["count"]):
                print(json.dumps(case))
            print(flush=True)
        else:
            print(json.dumps(judge(request)), flush=True)


if __name__ == "__main__":
    main()
