"""Routes, converters, methods and URLs."""

from flask import request, url_for
from flask.views import MethodView, View
from markupsafe import escape
from werkzeug.routing import BaseConverter, ValidationError


class ListConverter(BaseConverter):
    regex = r"[^/]+"

    def to_python(self, value):
        items = value.split("+")
        if "" in items:
            raise ValidationError()
        return items

    def to_url(self, values):
        return "+".join(BaseConverter.to_url(self, value) for value in values)


class Things(MethodView):
    def get(self, id):
        return f"thing {id}"

    def put(self, id):
        return {"put": id}

    def delete(self, id):
        return "", 204


class Everything(MethodView):
    def head(self):
        return "", {"X-Made": "by head"}

    def post(self):
        return "posted"

    def options(self):
        return "own options"

    def patch(self):
        return "patched"


class Plain(View):
    methods = ["GET", "POST"]

    def dispatch_request(self):
        return f"plain {request.method}"


def add_routes(app):
    app.url_map.converters["list"] = ListConverter
    add_arguments(app)
    add_slashes(app)
    add_methods(app)
    add_urls(app)


def add_arguments(app):
    @app.route("/user/<name>")
    def user(name):
        return f"user {escape(name)}"

    @app.route("/int/<int:number>")
    def integer(number):
        return f"int {number + 1}"

    @app.route("/signed/<int(signed=True):number>")
    def signed(number):
        return f"signed {number}"

    @app.route("/digits/<int(fixed_digits=4):number>")
    def digits(number):
        return f"digits {number}"

    @app.route("/between/<int(min=3, max=7):number>")
    def between(number):
        return f"between {number}"

    @app.route("/float/<float:number>")
    def floating(number):
        return {"float": number}

    @app.route("/signed-float/<float(signed=True):number>")
    def signed_float(number):
        return {"float": number}

    @app.route("/uuid/<uuid:id>")
    def identity(id):
        return {"id": id}

    @app.route("/any/<any(left, right):side>")
    def side(side):
        return f"on the {side}"

    @app.route("/path/<path:rest>")
    def rest(rest):
        return f"path {escape(rest)}"

    @app.route("/path/<path:rest>/edit")
    def edit(rest):
        return f"edit {escape(rest)}"

    @app.route("/long/<string(minlength=2, maxlength=4):text>")
    def long(text):
        return f"text {escape(text)}"

    @app.route("/code/<string(length=2):code>")
    def code(code):
        return f"code {escape(code)}"

    @app.route("/list-of/<list:items>")
    def list_of(items):
        return items

    @app.route("/between/<left>-and-<right>")
    def two(left, right):
        return [left, right]

    @app.route("/which/<int:number>")
    def which_number(number):
        return "a number"

    @app.route("/which/<text>")
    def which_text(text):
        return "a text"

    @app.route("/which/fixed")
    def which_fixed():
        return "fixed"


def add_slashes(app):
    @app.route("/folder/")
    def folder():
        return "a folder"

    @app.route("/file")
    def file():
        return "a file"

    @app.route("/lax", strict_slashes=False)
    def lax():
        return "lax"

    @app.route("/lax/folder/", strict_slashes=False)
    def lax_folder():
        return "lax folder"

    @app.route("/page/", defaults={"page": 1})
    @app.route("/page/<int:page>")
    def page(page):
        return f"page {page}"

    @app.route("/sub/<name>/")
    def sub(name):
        return f"sub {escape(name)}"

    @app.route("/old/<int:id>", redirect_to="/int/<id>")
    def old(id):
        return "never seen"

    @app.route("/alias", alias=True, endpoint="aliased")
    @app.route("/aliased", endpoint="aliased")
    def aliased():
        return "aliased"

    @app.route("/built-only", build_only=True)
    def built_only():
        return "never seen"


def add_methods(app):
    @app.route("/method", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def method():
        return request.method

    @app.route("/post-only", methods=["POST"])
    def post_only():
        return "posted"

    @app.route("/own-options", methods=["OPTIONS"])
    def own_options():
        return "own answer"

    @app.route("/no-options", provide_automatic_options=False)
    def no_options():
        return "no options"

    @app.get("/split")
    def split_get():
        return "split get"

    @app.post("/split")
    def split_post():
        return "split post"

    @app.delete("/split")
    def split_delete():
        return "split delete"

    @app.route("/verbs", methods=["PROPFIND", "TRACE"])
    def verbs():
        return f"verb {request.method}"

    app.add_url_rule("/things/<int:id>", view_func=Things.as_view("things"))
    app.add_url_rule("/everything", view_func=Everything.as_view("everything"))
    app.add_url_rule("/plain", view_func=Plain.as_view("plain"))


TYPES = {"i": int, "f": float, "s": str, "n": lambda text: None, "t": lambda text: True, "x": lambda text: False}


def typed(text):
    """Read "i:7" as a number, and so on."""
    kind, _, value = text.partition(":")
    return TYPES[kind](value)


def add_urls(app):
    @app.route("/urls")
    def urls():
        return [
            url_for("index"),
            url_for("user", name="a b/é"),
            url_for("integer", number=7, q="x y&z", _anchor="top é"),
            url_for("rest", rest="a/b c/d"),
            url_for("side", side="left"),
            url_for("folder", several=["1", "2"]),
            url_for("list_of", items=["a b", "é"]),
            url_for("page"),
            url_for("page", page=1),
            url_for("page", page=2),
            url_for("things", id=3),
            url_for("static", filename="a b/é.css"),
        ]

    @app.route("/build/<endpoint>")
    def build(endpoint):
        values = {}
        for name, texts in request.args.lists():
            items = [typed(text) for text in texts]
            values[name] = items[0] if len(items) == 1 else items
        return url_for(endpoint, **values)

    @app.url_build_error_handlers.append
    def build_error(error, endpoint, values):
        if endpoint == "external":
            name = values.get("name")
            return "https://elsewhere.example/" + (name if isinstance(name, str) else "")
        return None
