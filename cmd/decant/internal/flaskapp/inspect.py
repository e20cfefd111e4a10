"""Describes a Flask application as JSON on standard output.

The first argument is the application, as flask --app takes it; "" looks for one in
the current folder. The application is imported and not served. Its prints go to
standard error. No secret is part of the answer.
"""

import ast
import hashlib
import inspect
import json
import keyword
import os
import re
import sys
import textwrap

PROTOCOL_METHODS = {"HEAD", "OPTIONS"}
SETTINGS = [
    "APPLICATION_ROOT", "MAX_CONTENT_LENGTH", "PERMANENT_SESSION_LIFETIME", "PREFERRED_URL_SCHEME", "SERVER_NAME",
    "SESSION_COOKIE_DOMAIN", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_NAME", "SESSION_COOKIE_PARTITIONED",
    "SESSION_COOKIE_PATH", "SESSION_COOKIE_SAMESITE", "SESSION_COOKIE_SECURE", "SESSION_REFRESH_EACH_REQUEST",
]

# The settings of extensions that both sides read, with their defaults.
EXTENSION_SETTINGS = {
    "login": {
        "REMEMBER_COOKIE_NAME": "remember_token", "REMEMBER_COOKIE_DURATION": "31536000 seconds", "REMEMBER_COOKIE_DOMAIN": "",
        "REMEMBER_COOKIE_PATH": "/", "REMEMBER_COOKIE_SECURE": "False", "REMEMBER_COOKIE_HTTPONLY": "True",
        "REMEMBER_COOKIE_SAMESITE": "", "REMEMBER_COOKIE_REFRESH_EACH_REQUEST": "False", "SESSION_PROTECTION": "basic",
        "USE_SESSION_FOR_NEXT": "False",
    },
    "csrf": {
        "WTF_CSRF_ENABLED": "True", "WTF_CSRF_FIELD_NAME": "csrf_token", "WTF_CSRF_TIME_LIMIT": "3600",
        "WTF_CSRF_METHODS": "DELETE, PATCH, POST, PUT", "WTF_CSRF_HEADERS": "X-CSRF-Token, X-CSRFToken", "WTF_CSRF_SSL_STRICT": "True",
    },
    "session": {
        "SESSION_KEY_PREFIX": "session:", "SESSION_PERMANENT": "True", "SESSION_USE_SIGNER": "False", "SESSION_ID_LENGTH": "32",
        "SESSION_SERIALIZATION_FORMAT": "msgpack",
    },
}


def load(name):
    from flask import cli

    cli.load_dotenv()
    return cli.ScriptInfo(app_import_path=name or None).load_app()


def text_of(value):
    """The text of a setting, as both sides of a comparison write it."""
    if hasattr(value, "total_seconds"):
        return f"{value.total_seconds():.0f} seconds"
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(sorted(map(str, value)))
    return str(value)


def describe_settings(app):
    """The settings that must agree, and the defaults of those that extensions read."""
    defaults = {}
    for extension in describe_extensions(app):
        defaults.update(EXTENSION_SETTINGS.get(extension, {}))
    settings = {name: text_of(app.config[name]) for name in SETTINGS if name in app.config}
    for name, default in defaults.items():
        settings[name] = text_of(app.config.get(name, default))
    if "SESSION_PROTECTION" in settings and "SESSION_PROTECTION" not in app.config:
        settings["SESSION_PROTECTION"] = text_of(app.login_manager.session_protection)
    return settings, defaults


def fingerprint(key):
    """Tells two keys apart without telling one."""
    if key is None:
        return ""
    return hashlib.sha256(b"decant port" + (key.encode() if isinstance(key, str) else key)).hexdigest()[:8]


def describe(app):
    views = {}
    for endpoint, function in app.view_functions.items():
        views[endpoint] = describe_view(app, endpoint, function)
    standard = type(app)("decant_port").jinja_env
    settings, defaults = describe_settings(app)
    return {
        "name": app.name,
        "rules": [describe_rule(app, rule) for rule in app.url_map.iter_rules()],
        "converters": describe_converters(app),
        "host_matching": app.url_map.host_matching,
        "subdomain_matching": bool(getattr(app, "subdomain_matching", False)),
        "blueprints": {name: blueprint.url_prefix or "" for name, blueprint in app.blueprints.items()},
        "hooks": describe_hooks(app),
        "error_handlers": describe_error_handlers(app),
        "settings": settings,
        "defaults": defaults,
        "own_settings": sorted(set(app.config) - set(app.default_config) - set(settings)),
        "key": fingerprint(app.secret_key),
        "fallback_keys": [fingerprint(key) for key in app.config.get("SECRET_KEY_FALLBACKS") or []],
        "filters": sorted(set(app.jinja_env.filters) - set(standard.filters)),
        "tests": sorted(set(app.jinja_env.tests) - set(standard.tests)),
        "globals": sorted(set(app.jinja_env.globals) - set(standard.globals) - {"csrf_token"}),
        "extensions": sorted(describe_extensions(app)),
        "views": views,
    }


def describe_rule(app, rule):
    return {
        "rule": rule.rule,
        "endpoint": rule.endpoint,
        "methods": sorted(rule.methods or []),
        "defaults": {name: value for name, value in (rule.defaults or {}).items()
                     if isinstance(value, (str, int, float, bool, type(None)))},
        "domain": (rule.host if app.url_map.host_matching else rule.subdomain) or "",
        "strict_slashes": rule.strict_slashes is not False,
        "merge_slashes": rule.merge_slashes is not False,
        "build_only": rule.build_only,
        "websocket": bool(getattr(rule, "websocket", False)),
    }


def describe_converters(app):
    found = {}
    standard = type(app.url_map).default_converters
    for name, converter in app.url_map.converters.items():
        if standard.get(name) is not converter:
            found[name] = {
                "class": f"{converter.__module__}.{converter.__qualname__}",
                "pattern": converter.regex if isinstance(converter.regex, str) else "",
                "weight": int(converter.weight),
            }
    return found


def place_of(function):
    function = plain(function)
    try:
        path = os.path.relpath(inspect.getsourcefile(function))
        if path.startswith(os.pardir) or "site-packages" in path:
            return f"the module {function.__module__}"
        return f"{path}:{inspect.getsourcelines(function)[1]}"
    except (OSError, TypeError, ValueError):
        return ""


def describe_hooks(app):
    kinds = {
        "before_request": app.before_request_funcs, "after_request": app.after_request_funcs,
        "teardown_request": app.teardown_request_funcs, "context_processor": app.template_context_processors,
        "url_value_preprocessor": app.url_value_preprocessors, "url_defaults": app.url_default_functions,
    }
    hooks = [
        {"kind": kind, "blueprint": scope or "", "name": getattr(function, "__qualname__", repr(function)), "place": place_of(function)}
        for kind, scopes in kinds.items() for scope, functions in scopes.items() for function in functions
        if not getattr(function, "__module__", "").startswith(("flask.", "flask_"))
    ]
    hooks += [{"kind": "teardown_appcontext", "blueprint": "", "name": f.__qualname__, "place": place_of(f)}
              for f in app.teardown_appcontext_funcs if hasattr(f, "__qualname__")]
    return hooks


def describe_error_handlers(app):
    return [
        {"what": str(code) if code is not None else kind.__name__, "blueprint": scope or "",
         "name": getattr(function, "__qualname__", repr(function)), "place": place_of(function)}
        for scope, codes in app.error_handler_spec.items() for code, kinds in codes.items() for kind, function in kinds.items()
    ]


def describe_extensions(app):
    names = set(app.extensions)
    if hasattr(app, "login_manager"):
        names.add("login")
    if type(app.session_interface).__module__.startswith("flask_session"):
        names.add("session")
    return names


def plain(function):
    """The function below decorators, as far as they tell it."""
    function = inspect.unwrap(function)
    module = getattr(function, "__module__", "") or ""
    for cell in getattr(function, "__closure__", None) or ():
        inner = cell.cell_contents if cell_has_contents(cell) else None
        if inspect.isfunction(inner) and inner.__module__ != module:
            return plain(inner)
    return function


def cell_has_contents(cell):
    try:
        cell.cell_contents
    except ValueError:
        return False
    return True


def parse(function):
    lines, first = inspect.getsourcelines(function)
    source = textwrap.dedent("".join(lines))
    return ast.parse(source).body[0], source, first, len(lines)


def describe_view(app, endpoint, function):
    rules = list(app.url_map.iter_rules(endpoint))
    kind = getattr(function, "view_class", None)
    parts = [("", plain(function))]
    if kind and not issubclass_of_method_view(kind):
        parts, kind = [("", kind.dispatch_request)], None
    view = {"endpoint": endpoint, "place": "", "lines": 0, "facts": {}, "skeleton": "", "class": kind.__name__ if kind else ""}
    if endpoint == "static" or endpoint.endswith(".static"):
        return view
    if kind:
        methods = sorted(set().union(*(rule.methods or [] for rule in rules)) - PROTOCOL_METHODS)
        parts = [(method, getattr(kind, method.lower())) for method in methods if hasattr(kind, method.lower())]
    facts, skeletons = Facts(), []
    for method, part in parts:
        try:
            tree, source, first, lines = parse(plain(part))
        except (OSError, TypeError, SyntaxError, IndexError, ValueError):
            continue
        if not isinstance(tree, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        view["place"] = view["place"] or place_of(part)
        view["lines"] += lines
        facts.read(tree)
        skeletons.append(Skeleton(endpoint, rules, tree, source, place_of(part), kind.__name__ if kind else "", method).text())
    view["facts"] = facts.answer()
    view["skeleton"] = "\n".join(skeletons)
    return view


def issubclass_of_method_view(kind):
    from flask.views import MethodView

    return issubclass(kind, MethodView)


def dotted(node):
    """The name of an expression such as request.form.get, or ""."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def constant(node, kind=str):
    return node.value if isinstance(node, ast.Constant) and type(node.value) is kind else None


class Facts(ast.NodeVisitor):
    """What views touch."""

    def __init__(self):
        self.found = {}

    def answer(self):
        return {kind: sorted(values) for kind, values in self.found.items()}

    def read(self, function):
        for decorator in function.decorator_list:
            name = dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
            if name.rpartition(".")[2] not in ("route", "get", "post", "put", "patch", "delete"):
                self.add("decorators", name)
        for statement in function.body:
            self.visit(statement)

    def add(self, kind, value):
        if value is not None and value != "":
            self.found.setdefault(kind, set()).add(value if isinstance(value, str) else str(value))

    def visit_Call(self, node):
        name = dotted(node.func)
        short = name.rpartition(".")[2]
        first = constant(node.args[0]) if node.args else None
        if short in ("render_template", "stream_template"):
            self.add("templates", first)
        elif short == "url_for":
            self.add("endpoints", first)
        elif short == "abort" and node.args:
            self.add("aborts", constant(node.args[0], int) or ast.unparse(node.args[0]))
        elif short in ("get", "getlist", "pop", "setdefault"):
            self.add_key(name.rpartition(".")[0], first)
        elif short == "get_json":
            self.add("json", "yes")
        elif short == "flash":
            self.add("flashes", first or ast.unparse(node.args[0]) if node.args else None)
        self.generic_visit(node)

    def visit_Subscript(self, node):
        self.add_key(dotted(node.value), constant(node.slice))
        self.generic_visit(node)

    def visit_Compare(self, node):
        if isinstance(node.ops[0], (ast.In, ast.NotIn)):
            self.add_key(dotted(node.comparators[0]), constant(node.left))
        self.generic_visit(node)

    def visit_Attribute(self, node):
        name = dotted(node)
        if name.startswith("g."):
            self.add("g", name[2:])
        elif name == "request.json":
            self.add("json", "yes")
        elif name.startswith("current_user."):
            self.add("current_user", name[13:])
        self.generic_visit(node)

    def add_key(self, owner, key):
        kinds = {"session": "session", "flask.session": "session", "request.form": "form", "request.args": "args",
                 "request.values": "form", "request.files": "files", "request.cookies": "cookies", "request.headers": "headers",
                 "current_app.config": "settings", "app.config": "settings"}
        if owner in kinds:
            self.add(kinds[owner], key)


GO_WORDS = set("""break case chan const continue default defer else fallthrough for func go goto if import interface map
package range return select struct switch type var any append bool byte cap close copy error false float64 int len make
max min new nil panic print println recover rune string true c decant err fmt""".split())


def go_name(name, upper=False):
    words = [word for word in re.split(r"[^0-9A-Za-z]+", name) if word] or ["x"]
    words = [("ID" if word == "id" and i + upper else word[:1].upper() + word[1:]) if i or upper else word[:1].lower() + word[1:]
             for i, word in enumerate(words)]
    result = "".join(words)
    if result[0].isdigit():
        result = "x" + result
    return result + "Value" if result in GO_WORDS else result


def quoted(text):
    """A string literal of Go."""
    return json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False).replace("\x7f", "\\x7f")


class Unknown(Exception):
    """There is no translation."""


class Skeleton:
    """One view as a function of Go.

    What has no translation is a comment. What comes after it may depend on it, as a
    login does on the check of a password, so from there on the view changes no
    session and returns nothing but a 501.
    """

    def __init__(self, endpoint, rules, function, source, place, kind, method):
        self.endpoint, self.rules, self.function, self.source = endpoint, rules, function, source
        self.place, self.kind, self.method = place, kind, method
        self.types = {}  # of the local variables, by their names in Python
        self.uses_error = False
        self.before = []  # lines before the statement at hand
        self.lines = []
        self.is_incomplete = False
        self.final = self.last(function.body)

    def last(self, body):
        """The statement that would end the function, which becomes a comment above the 501."""
        while body and isinstance(body[-1], ast.If) and body[-1].orelse:
            body = body[-1].orelse
        return body[-1] if body and isinstance(body[-1], (ast.Return, ast.Raise)) else None

    def text(self):
        self.parameters()
        self.block(self.function.body, 1)
        name = go_name(self.endpoint) if not self.kind else go_name(self.method.title() or "Get", True)
        receiver = f"({go_name(self.kind)}) " if self.kind else ""
        head = [f"// {name} is the view of the endpoint {quoted(self.endpoint)}: {self.function.name} at {self.place}."]
        head += ["//"] + [f"//	{line}" for line in self.registration()] if self.registration() else []
        head.append(f"func {receiver}{name}(c *decant.Context) (any, error) {{")
        body = []
        if self.uses_error:
            body.append("\tvar err error")
        for variable, kind in self.types.items():
            body.append(f"\tvar {go_name(variable)} {kind}")
        if self.types:
            blanks = ", ".join("_" for _ in self.types)
            body.append(f"\t{blanks} = {', '.join(go_name(v) for v in self.types)}")
        tail = [f"\treturn nil, decant.NewHTTPError(501, {quoted(self.endpoint + ' has not moved yet')})", "}"]
        return "\n".join(head + body + self.lines + tail) + "\n"

    def registration(self):
        if self.kind and not self.first_of_class():
            return []
        lines = []
        for rule in self.rules:
            options = [f"decant.Endpoint({quoted(self.endpoint)})"]
            for name, value in (rule.defaults or {}).items():
                if isinstance(value, (str, int)) and not isinstance(value, bool):
                    options.append(f"decant.Defaults({quoted(name)}, {quoted(value) if isinstance(value, str) else value})")
            if self.kind:
                lines.append(f"app.MethodView({quoted(rule.rule)}, {go_name(self.kind)}{{}}, {', '.join(options)})")
                continue
            methods = ", ".join(map(quoted, sorted(set(rule.methods or []) - PROTOCOL_METHODS)))
            lines.append(f"app.Route({quoted(rule.rule)}, {go_name(self.endpoint)}, decant.Methods({methods}), {', '.join(options)})")
        return lines

    def first_of_class(self):
        methods = set().union(*(rule.methods or [] for rule in self.rules)) - PROTOCOL_METHODS
        return not self.method or not methods or self.method == min(methods)

    def parameters(self):
        """Reads the view arguments with the types of their converters."""
        from werkzeug.routing import FloatConverter, IntegerConverter

        kinds = {}
        for rule in self.rules:
            for name, converter in (getattr(rule, "_converters", None) or {}).items():
                kinds[name] = "int" if isinstance(converter, IntegerConverter) else "float64" if isinstance(converter, FloatConverter) else "string"
            for name, value in (rule.defaults or {}).items():
                kinds.setdefault(name, "string" if isinstance(value, str) else "any")
        readers = {"int": "ParamInt", "float64": "ParamFloat", "string": "Param", "any": "ParamValue"}
        for name in [a.arg for a in self.function.args.args if a.arg in kinds]:
            self.types[name] = kinds[name]
            self.lines.append(f"\t{go_name(name)} = c.{readers[kinds[name]]}({quoted(name)})")

    # Statements

    def block(self, statements, depth):
        for statement in statements:
            self.statement(statement, depth)

    def put(self, depth, line):
        self.lines.append("\t" * depth + line)

    def comment(self, depth, text):
        for line in text.splitlines():
            self.put(depth, ("// " + line).rstrip())

    def statement(self, node, depth):
        self.before, translated = [], None
        saved = dict(self.types)
        translate = getattr(self, "on_" + type(node).__name__, None)
        try:
            translated = translate(node, depth) if translate else None
        except (Unknown, IndexError):
            self.types = saved
        if translated is None:
            self.leave_out(node, depth)
            return
        for line in self.before:
            self.put(depth, line)
        is_return = isinstance(node, ast.Return)
        if node is self.final or self.is_incomplete and (is_return or self.changes_session(translated)):
            for line in translated:
                self.comment(depth, line)
        else:
            for line in translated:
                self.put(depth, line)
            return
        if is_return and node is not self.final:
            self.put(depth, "return nil, decant.NewHTTPError(501)")

    def leave_out(self, node, depth):
        """Writes a statement that has no translation as a comment."""
        self.is_incomplete = True
        lines = (ast.get_source_segment(self.source, node) or ast.unparse(node)).splitlines()
        self.comment(depth, "\n".join(lines[:1] + [line.removeprefix(" " * node.col_offset) for line in lines[1:]]))
        if isinstance(node, (ast.Return, ast.Raise)) and node is not self.final:
            self.put(depth, "return nil, decant.NewHTTPError(501)")

    def changes_session(self, lines):
        return any(line.startswith(("c.Session.", "c.Flash(")) for line in lines)

    def on_Pass(self, node, depth):
        return []

    def on_Expr(self, node, depth):
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            return ["// " + line.strip() for line in node.value.value.strip().splitlines() if line.strip()]
        call = node.value
        if not isinstance(call, ast.Call):
            raise Unknown
        name = dotted(call.func)
        if name in ("flash", "flask.flash"):
            return [f"c.Flash({', '.join(self.strings(call.args + [k.value for k in call.keywords if k.arg == 'category']))})"]
        if name in ("abort", "flask.abort") and constant(call.args[0], int):
            status = constant(call.args[0], int)
            if status not in (400, 401, 403, 404, 405, 406, 409, 410, 411, 412, 413, 414, 415, 422, 429, 500, 501, 502, 503, 504):
                raise Unknown
            return [f"decant.Abort({', '.join([str(status)] + self.strings(call.args[1:]))})"]
        if name == "session.clear":
            return ["c.Session.Clear()"]
        if name == "session.pop" and constant(call.args[0]):
            return [f"c.Session.Pop({quoted(constant(call.args[0]))})"]
        raise Unknown

    def strings(self, nodes):
        result = []
        for node in nodes:
            code, kind = self.expression(node)
            if kind != "string":
                raise Unknown
            result.append(code)
        return result

    def on_Assign(self, node, depth):
        if len(node.targets) != 1:
            raise Unknown
        target = node.targets[0]
        if isinstance(target, ast.Subscript) and dotted(target.value) == "session" and constant(target.slice):
            code, _ = self.expression(node.value)
            return [f"c.Session.Set({quoted(constant(target.slice))}, {code})"]
        if isinstance(target, ast.Attribute) and dotted(target) == "session.permanent":
            code, kind = self.expression(node.value)
            if kind == "bool":
                return [f"c.Session.SetPermanent({code})"]
        if not isinstance(target, ast.Name):
            raise Unknown
        required = self.required(node.value)
        if required:
            self.declare(target.id, "string")
            self.uses_error = True
            return [f"if {go_name(target.id)}, err = {required}; err != nil {{", "\treturn nil, err", "}"]
        code, kind = self.expression(node.value)
        if kind == "none":
            kind = self.types.get(target.id, "string")
            code = {"string": '""', "int": "0", "float64": "0", "bool": "false"}.get(kind, "nil")
        self.declare(target.id, kind)
        return [f"{go_name(target.id)} = {code}"]

    def declare(self, name, kind):
        others = [other for other in self.types if go_name(other) == go_name(name) and other != name]
        if self.types.setdefault(name, kind) != kind or others or keyword.iskeyword(name) or name == "_":
            raise Unknown

    def on_Delete(self, node, depth):
        lines = []
        for target in node.targets:
            if not (isinstance(target, ast.Subscript) and dotted(target.value) == "session" and constant(target.slice)):
                raise Unknown
            lines.append(f"c.Session.Delete({quoted(constant(target.slice))})")
        return lines

    def on_If(self, node, depth):
        condition = self.test_of(node)
        for line in self.before:
            self.put(depth, line)
        self.before = []
        self.put(depth, f"if {condition}")
        self.block(node.body, depth + 1)
        rest = node.orelse
        while len(rest) == 1 and isinstance(rest[0], ast.If):
            known = dict(self.types)
            condition = self.test_of(rest[0])
            if self.before:  # it has to be read before the test
                self.types = known
                break
            self.put(depth, f"}} else if {condition}")
            self.block(rest[0].body, depth + 1)
            rest = rest[0].orelse
        if rest:
            self.put(depth, "} else {")
            self.block(rest, depth + 1)
        self.put(depth, "}")
        self.before = []
        return []

    def test_of(self, node):
        """The condition of an if with its brace: false, and a comment, if it is not known."""
        self.before = []
        known = dict(self.types)
        try:
            return self.truth(node.test) + " {"
        except (Unknown, IndexError):
            self.before, self.types, self.is_incomplete = [], known, True
            return "false { // " + " ".join(ast.unparse(node.test).split())

    def on_With(self, node, depth):
        self.is_incomplete = True
        self.comment(depth, f"with {', '.join(ast.unparse(item) for item in node.items)}:")
        self.block(node.body, depth)
        self.before = []
        return []

    def on_Try(self, node, depth):
        self.is_incomplete = True
        self.comment(depth, "try:")
        self.block(node.body, depth)
        for handler in node.handlers:
            self.comment(depth, ast.unparse(handler))
        self.block(node.orelse + node.finalbody, depth)
        self.before = []
        return []

    def on_Return(self, node, depth):
        value, status = node.value, None
        if isinstance(value, ast.Tuple) and len(value.elts) == 2 and constant(value.elts[1], int):
            value, status = value.elts[0], constant(value.elts[1], int)
        if isinstance(value, ast.Call):
            name = dotted(value.func).rpartition(".")[2]
            if name == "redirect" and status is None:
                statuses = [str(constant(k.value, int)) for k in value.keywords if k.arg == "code" and constant(k.value, int)]
                location = self.strings(value.args[:1])
                statuses += [str(constant(a, int)) for a in value.args[1:2] if constant(a, int)]
                return [f"return c.Redirect({', '.join(location + statuses)})"]
            if name == "render_template" and constant(value.args[0] if value.args else None):
                call = self.render(value)
                if status is None:
                    return self.before_of(call) + [f"return c.Render({call[0]})"]
                raise Unknown
            if name == "jsonify" and not value.args and not [k for k in value.keywords if k.arg is None]:
                value = ast.Dict(keys=[ast.Constant(k.arg) for k in value.keywords], values=[k.value for k in value.keywords])
            elif name == "jsonify" and len(value.args) == 1:
                value = value.args[0]
        code, kind = self.expression(value)
        if kind == "none":
            raise Unknown
        if status is not None:
            return [f"return c.MakeResponse({code}, {status}), nil"]
        return [f"return {code}, nil"]

    def render(self, call):
        """The arguments of Render, and the variables that could not be translated."""
        pairs, left = [], []
        for word in call.keywords:
            if word.arg is None:
                left.append(f"**{ast.unparse(word.value)}")
                continue
            try:
                pairs.append(f"{quoted(word.arg)}: {self.expression(word.value)[0]}")
            except Unknown:
                left.append(f"{word.arg}={ast.unparse(word.value)}")
        arguments = quoted(constant(call.args[0]))
        if pairs:
            arguments += f", decant.H{{{', '.join(pairs)}}}"
        return arguments, left

    def before_of(self, call):
        return [f"// {line}" for variable in call[1] for line in f"the template needs {variable}".splitlines()]

    # Expressions: each gives the code and the type, or raises Unknown.

    def expression(self, node):
        method = getattr(self, "of_" + type(node).__name__, None)
        if method is None:
            raise Unknown
        return method(node)

    def of_Constant(self, node):
        value = node.value
        if value is None:
            return "nil", "none"
        if isinstance(value, bool):
            return str(value).lower(), "bool"
        if isinstance(value, str):
            return quoted(value), "string"
        if isinstance(value, int) and abs(value) < 1 << 63:
            return str(value), "int"
        raise Unknown

    def of_Name(self, node):
        if node.id not in self.types:
            raise Unknown
        return go_name(node.id), self.types[node.id]

    def of_Attribute(self, node):
        known = {
            "request.method": ("c.Request.Method", "string"), "request.path": ("c.Request.Path()", "string"),
            "request.url": ("c.Request.FullURL()", "string"), "request.base_url": ("c.Request.BaseURL()", "string"),
            "request.host": ("c.Request.Host", "string"), "request.remote_addr": ("c.Request.RemoteIP()", "string"),
            "request.full_path": ("c.Request.FullPath()", "string"), "request.is_json": ("c.Request.IsJSON()", "bool"),
            "request.is_secure": ("c.Request.IsSecure()", "bool"), "request.endpoint": ("c.Request.Endpoint()", "string"),
            "request.blueprint": ("c.Request.Blueprint()", "string"), "session.permanent": ("c.Session.Permanent()", "bool"),
        }
        if dotted(node) not in known:
            raise Unknown
        return known[dotted(node)]

    def required(self, node):
        """The call for request.form["key"] and kin, or None."""
        kinds = {"request.form": "Form", "request.args": "Args", "request.values": "Values"}
        if isinstance(node, ast.Subscript) and dotted(node.value) in kinds and constant(node.slice):
            return f"c.Request.{kinds[dotted(node.value)]}.Require({quoted(constant(node.slice))})"
        return None

    def of_Subscript(self, node):
        required = self.required(node)
        key = constant(node.slice)
        if required:
            name = key if key not in self.types else f"{key}_field"
            self.declare(name, "string")
            self.uses_error = True
            self.before += [f"if {go_name(name)}, err = {required}; err != nil {{", "\treturn nil, err", "}"]
            return go_name(name), "string"
        if dotted(node.value) == "session" and key:
            return f"c.Session.Get({quoted(key)})", "any"
        raise Unknown

    def of_Call(self, node):
        name = dotted(node.func)
        owner, _, short = name.rpartition(".")
        if short == "url_for" and node.args and constant(node.args[0]):
            arguments = [quoted(constant(node.args[0]))]
            for word in node.keywords:
                if word.arg is None:
                    raise Unknown
                arguments += [quoted(word.arg), self.expression(word.value)[0]]
            return f"c.URLFor({', '.join(arguments)})", "string"
        sources = {"request.form": "Request.Form", "request.args": "Request.Args", "request.values": "Request.Values",
                   "request.cookies": "Request.Cookies"}
        if short == "get" and owner in sources and constant(node.args[0]):
            return self.getter(sources[owner], node)
        if name == "session.get" and constant(node.args[0]):
            others = [self.expression(argument)[0] for argument in node.args[1:] if constant(argument, type(None)) is not None or not isinstance(argument, ast.Constant) or argument.value is not None]
            return f"c.Session.Get({', '.join([quoted(constant(node.args[0]))] + others)})", "any"
        if name == "session.pop" and constant(node.args[0]):
            return f"c.Session.Pop({quoted(constant(node.args[0]))})", "any"
        if name == "request.headers.get" and len(node.args) == 1 and constant(node.args[0]):
            return f"c.Request.Header.Get({quoted(constant(node.args[0]))})", "string"
        raise Unknown

    def getter(self, source, node):
        key = quoted(constant(node.args[0]))
        default = node.args[1] if len(node.args) > 1 else None
        kind = "string"
        for word in node.keywords:
            if word.arg == "default":
                default = word.value
            elif word.arg == "type" and dotted(word.value) in ("int", "float", "str"):
                kind = {"int": "int", "float": "float64", "str": "string"}[dotted(word.value)]
            else:
                raise Unknown
        method = {"int": "Int", "float64": "Float", "string": "Get"}[kind]
        arguments = [key]
        if default is not None and not (isinstance(default, ast.Constant) and default.value is None):
            code, given = self.expression(default)
            if given != kind:
                raise Unknown
            arguments.append(code)
        if kind != "string" and source == "Request.Cookies":
            raise Unknown
        return f"c.{source}.{method}({', '.join(arguments)})", kind

    def of_JoinedStr(self, node):
        pattern, arguments = "", []
        for part in node.values:
            if isinstance(part, ast.Constant):
                pattern += part.value.replace("%", "%%")
            elif part.format_spec is None and part.conversion == -1:
                pattern += "%v"
                arguments.append(self.expression(part.value)[0])
            else:
                raise Unknown
        if not arguments:
            return quoted(pattern.replace("%%", "%")), "string"
        return f"fmt.Sprintf({', '.join([quoted(pattern)] + arguments)})", "string"

    def of_BinOp(self, node):
        left, right = self.expression(node.left), self.expression(node.right)
        if not isinstance(node.op, ast.Add) or left[1] != right[1] or left[1] not in ("string", "int"):
            raise Unknown
        return f"{left[0]} + {right[0]}", left[1]

    def of_Dict(self, node):
        pairs = []
        for key, value in zip(node.keys, node.values):
            if key is None or constant(key) is None:
                raise Unknown
            pairs.append(f"{quoted(constant(key))}: {self.expression(value)[0]}")
        return f"decant.H{{{', '.join(pairs)}}}", "decant.H"

    def of_Compare(self, node):
        return self.condition(node), "bool"

    def of_BoolOp(self, node):
        return self.condition(node), "bool"

    def of_UnaryOp(self, node):
        return self.condition(node), "bool"

    def truth(self, node):
        """The code of a condition."""
        if isinstance(node, (ast.Compare, ast.BoolOp, ast.UnaryOp)):
            return self.condition(node)
        code, kind = self.expression(node)
        zero = {"bool": "", "string": '""', "int": "0", "float64": "0", "any": "nil"}.get(kind)
        if zero is None or isinstance(node, ast.Constant):
            raise Unknown
        return code if kind == "bool" else f"{code} != {zero}"

    def condition(self, node):
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self.truth(node.operand)
            if re.fullmatch(r'[\w.]+(\([^()]*\))? != (""|0|nil)', inner):
                return inner.replace(" != ", " == ")
            return f"!({inner})" if " " in inner else f"!{inner}"
        if isinstance(node, ast.BoolOp):
            pieces = []
            for value in node.values:
                before = len(self.before)
                code = self.truth(value)
                if len(self.before) > before and pieces:
                    raise Unknown  # it would be read even where Python does not look
                pieces.append(f"({code})" if isinstance(value, ast.BoolOp) else code)
            return (" && " if isinstance(node.op, ast.And) else " || ").join(pieces)
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            return self.comparison(node.left, node.ops[0], node.comparators[0])
        raise Unknown

    def comparison(self, left, operator, right):
        if isinstance(operator, (ast.In, ast.NotIn)):
            owners = {"session": "Session", "request.form": "Request.Form", "request.args": "Request.Args",
                      "request.files": "Request.Files", "request.cookies": "Request.Cookies"}
            if constant(left) is None or dotted(right) not in owners:
                raise Unknown
            code = f"c.{owners[dotted(right)]}.Has({quoted(constant(left))})"
            return "!" + code if isinstance(operator, ast.NotIn) else code
        signs = {ast.Eq: "==", ast.NotEq: "!=", ast.Is: "==", ast.IsNot: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
        sign = signs.get(type(operator))
        (a, kind), (b, other) = self.expression(left), self.expression(right)
        if other == "none" and sign in ("==", "!=") and kind in ("string", "any"):
            return f"{a} {sign} {chr(34) * 2 if kind == 'string' else 'nil'}"
        if sign is None or kind != other or kind not in ("string", "int", "float64", "bool"):
            raise Unknown
        if isinstance(left, ast.Constant) and isinstance(right, ast.Constant):
            raise Unknown
        return f"{a} {sign} {b}"


def main():
    answer = os.dup(1)
    os.dup2(2, 1)
    sys.path.insert(0, os.getcwd())
    try:
        described = {"app": describe(load(sys.argv[1] if len(sys.argv) > 1 else ""))}
    except BaseException as error:  # also SystemExit, which modules raise
        import traceback

        traceback.print_exc()
        described = {"error": f"{type(error).__name__}: {error}"}
    with os.fdopen(answer, "w", encoding="utf-8") as out:
        json.dump(described, out, default=str)


main()
