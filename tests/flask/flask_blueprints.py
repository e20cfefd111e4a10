"""Blueprints: nested, registered twice, with hooks and error handlers."""

import os

from flask import Blueprint, abort, g, request, url_for
from werkzeug.exceptions import HTTPException

from flask_hooks import SubOops, act, note, note_teardown


def add_blueprints(app):
    shop = make_shop(os.path.join(app.root_path, "shop-files"))
    cart = make_cart()
    cart.register_blueprint(make_item())
    shop.register_blueprint(cart)
    app.register_blueprint(shop)
    app.register_blueprint(make_wide())
    pages = make_pages()
    app.register_blueprint(pages)
    app.register_blueprint(pages, name="foreign", url_prefix="/<lang>/pages", url_defaults={"style": "foreign"})
    app.register_blueprint(make_bare())
    app.register_blueprint(make_quiet())


def add_hooks(blueprint, name):
    """Hooks at each moment, which note that they ran."""

    @blueprint.url_value_preprocessor
    def preprocess(endpoint, values):
        act(f"{name}-preprocess")

    @blueprint.before_request
    def before():
        return act(f"{name}-before")

    @blueprint.after_request
    def after(response):
        act(f"{name}-after")
        response.headers.add("X-Made", name)
        return response

    @blueprint.after_request
    def after2(response):
        note(f"{name}-after2")
        return response

    @blueprint.teardown_request
    def teardown(error):
        note_teardown(name, error)


def add_view(blueprint, rule, name):
    """A view that does what the query asks for, and else tells where it is."""

    @blueprint.route(rule, methods=["GET", "POST"], endpoint="index")
    def index(**arguments):
        return act("view") or {
            "name": name,
            "blueprint": request.blueprint,
            "blueprints": request.blueprints,
            "endpoint": request.endpoint,
            "arguments": arguments,
        }


def make_shop(files):
    shop = Blueprint("shop", __name__, url_prefix="/shop", static_folder=files, static_url_path="/files")
    add_hooks(shop, "shop")
    add_view(shop, "/", "shop")

    @shop.route("/post", methods=["POST"])
    def post():
        return "posted to the shop"

    @shop.route("/number/<int:number>")
    def number(number):
        return f"shop {number}"

    @shop.route("/urls")
    def urls():
        return [
            url_for(".index"),
            url_for(".number", number=1),
            url_for(".cart.index"),
            url_for("shop.cart.item.index", item=4),
            url_for(".static", filename="a.css"),
            url_for("index"),
        ]

    @shop.route("/own-file")
    def own_file():
        return shop.send_static_file("shop.css")

    @shop.errorhandler(404)
    def not_found(error):
        return "the shop has no such thing", 404

    @shop.errorhandler(SubOops)
    def sub_oops(error):
        return f"sub oops of {error} in the shop", 422

    @shop.errorhandler(410)
    def gone(error):
        raise ValueError("in a handler of the shop")

    @shop.errorhandler(405)
    def wrong_method(error):
        return "the shop says 405", 405

    return shop


def make_cart():
    cart = Blueprint("cart", __name__, url_prefix="/cart")
    add_hooks(cart, "cart")
    add_view(cart, "", "cart")

    @cart.errorhandler(HTTPException)
    def any_status(error):
        return {"cart": error.code}, error.code

    return cart


def make_item():
    item = Blueprint("item", __name__, url_prefix="/items/<int:item>")
    add_hooks(item, "item")
    add_view(item, "/", "item")

    @item.url_value_preprocessor
    def take_item(endpoint, values):
        g.item = values.pop("item")

    @item.url_defaults
    def give_item(endpoint, values):
        if "item" in g:
            values.setdefault("item", g.item)

    @item.route("/next")
    def next_item():
        return [url_for(".index"), url_for(".next_item", item=g.item + 1), url_for("shop.index")]

    @item.errorhandler(Exception)
    def anything(error):
        code = error.code if isinstance(error, HTTPException) else 500
        return f"item caught {code}", code

    return item


def make_wide():
    """Hooks that a blueprint gives to the whole application."""
    wide = Blueprint("wide", __name__, url_prefix="/wide")
    add_view(wide, "/", "wide")

    @wide.app_url_value_preprocessor
    def preprocess(endpoint, values):
        note("wide-preprocess")

    @wide.before_app_request
    def before():
        return act("wide-before")

    @wide.after_app_request
    def after(response):
        act("wide-after")
        return response

    @wide.teardown_app_request
    def teardown(error):
        note_teardown("wide", error)

    @wide.app_errorhandler(409)
    def conflict(error):
        return f"wide conflict: {error.description}", 409

    @wide.app_errorhandler(405)
    def wrong_method(error):
        return "wide 405", 405, {"Allow": ", ".join(error.valid_methods or [])}

    @wide.app_url_defaults
    def defaults(endpoint, values):
        if endpoint == "user":
            values.setdefault("name", "of the blueprint")

    @wide.route("/link")
    def link():
        return [url_for("user"), url_for("user", name="own")]

    return wide


def make_pages():
    pages = Blueprint("pages", __name__, url_prefix="/pages", url_defaults={"style": "plain"})

    @pages.url_value_preprocessor
    def take_language(endpoint, values):
        g.lang = values.pop("lang", None)

    @pages.url_defaults
    def give_language(endpoint, values):
        if g.get("lang") and request.blueprint == "foreign":
            values.setdefault("lang", g.lang)

    @pages.route("/")
    def index(style):
        return [g.lang, style, request.blueprint, url_for(".index"), url_for(".show", name="a b")]

    @pages.route("/<name>")
    def show(name, style):
        return [g.lang, style, name, request.endpoint, url_for(".show", name=name)]

    @pages.route("/styled", defaults={"style": "own"})
    def styled(style):
        return style

    return pages


def make_bare():
    """A blueprint without a prefix."""
    bare = Blueprint("bare", __name__)
    add_view(bare, "/bare", "bare")

    @bare.route("/bare/relative/<endpoint>")
    def relative(endpoint):
        return url_for("." + endpoint)

    return bare


def make_quiet():
    """A blueprint that answers its errors with a page of its own."""
    quiet = Blueprint("quiet", __name__, url_prefix="/quiet")
    add_view(quiet, "/", "quiet")

    @quiet.errorhandler(500)
    def server_error(error):
        original = getattr(error, "original_exception", None)
        return {"original": original is not None}, 500

    @quiet.errorhandler(400)
    def bad_request(error):
        abort(404)

    @quiet.after_request
    def after(response):
        act("quiet-after")
        return response

    @quiet.route("/missing-key")
    def missing_key():
        return request.args["key"]

    return quiet
