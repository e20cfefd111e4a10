"""What a request says about itself, forms and uploads."""

from datetime import timezone

from flask import Response, g, request
from werkzeug.utils import secure_filename


def grouped(pairs):
    """The values of each name, in order."""
    groups = {}
    for name, value in pairs:
        groups.setdefault(name or "", []).append(value)
    return groups


def add_requests(app):
    add_about(app)
    add_headers(app)
    add_forms(app)
    add_uploads(app)
    add_data(app)


def add_about(app):
    @app.route("/about/urls", methods=["GET", "POST"])
    @app.route("/about/urls/<path:rest>", methods=["GET", "POST"])
    def about_urls(rest=None):
        return {
            "url": request.url,
            "base_url": request.base_url,
            "root_url": request.root_url,
            "host_url": request.host_url,
            "full_path": request.full_path,
            "path": request.path,
            "query_string": request.query_string.decode("latin-1"),
            "host": request.host,
            "scheme": request.scheme,
            "script_root": request.script_root,
            "is_secure": request.is_secure,
            "method": request.method,
        }

    @app.route("/about/match/<int:number>/<text>", methods=["GET", "POST"])
    def about_match(number, text):
        return {
            "endpoint": request.endpoint,
            "blueprint": request.blueprint or "",
            "blueprints": request.blueprints,
            "rule": request.url_rule.rule,
            "view_args": request.view_args,
        }

    @app.before_request
    def before_match():
        g.routing = type(request.routing_exception).__name__ if request.routing_exception else ""

    @app.after_request
    def after_match(response):
        routing = g.get("routing")
        if "routing" in request.args and routing in ("", "NotFound", "MethodNotAllowed"):
            response.headers["X-Routing"] = f"{routing} {request.endpoint or ''}"
        return response

    @app.route("/args")
    def args():
        return {"q": request.args["q"], "all": request.args.getlist("q")}

    @app.route("/args/all")
    def all_args():
        return grouped(request.args.items(multi=True))

    @app.route("/args/typed")
    def typed_args():
        return {
            "int": request.args.get("int", -1, type=int),
            "float": request.args.get("float", -1.5, type=float),
            "text": request.args.get("text"),
            "has": "text" in request.args,
        }


def date(value):
    return value.astimezone(timezone.utc).replace(tzinfo=None).isoformat(" ") if value else None


def add_headers(app):
    @app.route("/about/accept")
    def about_accept():
        return {
            "best": request.accept_mimetypes.best_match(["text/html", "application/json", "text/plain"]),
            "json": float(request.accept_mimetypes["application/json"]),
            "html": float(request.accept_mimetypes["text/html"]),
            "all": [[value, float(quality)] for value, quality in request.accept_mimetypes],
            "language": request.accept_languages.best_match(["en", "de", "fr-CH"]),
            "encoding": request.accept_encodings.best_match(["gzip", "br"]),
            "charset": request.accept_charsets.best_match(["utf-8", "latin-1"]),
        }

    @app.route("/about/authorization")
    def about_authorization():
        auth = request.authorization
        if auth is None:
            return {"there": False}
        return {
            "there": True,
            "type": auth.type,
            "username": (auth.username or "") if auth.type == "basic" else "",
            "password": (auth.password or "") if auth.type == "basic" else "",
            "token": auth.token or "",
            "parameters": {} if auth.type == "basic" else auth.parameters,
        }

    @app.route("/about/headers")
    def about_headers():
        return {
            "user_agent": request.user_agent.string,
            "referrer": request.referrer or "",
            "origin": request.origin or "",
            "own": request.headers.get("X-Own", ""),
            "own_list": request.headers.getlist("X-Own"),
            "date": date(request.date),
        }

    @app.route("/about/type", methods=["GET", "POST"])
    def about_type():
        return {
            "content_type": request.content_type or "",
            "mimetype": request.mimetype,
            "params": request.mimetype_params,
            "is_json": request.is_json,
            "content_length": request.content_length or 0,
        }

    @app.route("/about/conditions")
    def about_conditions():
        piece = request.range.range_for_length(100) if request.range else None
        return {
            "range": list(piece) if piece else None,
            "none_match": request.if_none_match.contains("a"),
            "none_match_weak": request.if_none_match.contains_weak("a"),
            "match": request.if_match.contains("a"),
            "modified": date(request.if_modified_since),
            "unmodified": date(request.if_unmodified_since),
        }

    @app.route("/about/cache")
    def about_cache():
        control = request.cache_control
        return {"no_cache": "no-cache" in control, "no_store": "no-store" in control, "max_age": control.get("max-age") or ""}

    @app.route("/about/cookies")
    def about_cookies():
        return grouped(request.cookies.items(multi=True))


def add_forms(app):
    @app.route("/form", methods=["POST"])
    def form():
        return {"name": request.form["name"], "all": request.form.getlist("name")}

    @app.route("/form/all", methods=["GET", "POST", "PUT"])
    def all_form():
        return grouped(request.form.items(multi=True))

    @app.route("/form/values", methods=["GET", "POST", "PUT"])
    def values():
        return {"first": request.values.get("name", ""), "all": request.values.getlist("name")}

    @app.route("/form/typed", methods=["POST"])
    def typed_form():
        return {"int": request.form.get("int", 0, type=int), "float": request.form.get("float", 0.5, type=float)}


def described(file):
    return [secure_filename(file.filename or ""), file.filename or "", file.content_type or "", file.read().hex()]


def add_uploads(app):
    @app.route("/upload", methods=["POST"])
    def upload():
        files = [[name or "", *described(file)] for name, file in request.files.items(multi=True)]
        return {
            "files": sorted(files, key=lambda file: file[0]),
            "form": grouped(request.form.items(multi=True)),
        }

    @app.route("/upload/one", methods=["POST"])
    def upload_one():
        return described(request.files["file"])

    @app.route("/upload/header", methods=["POST"])
    def upload_header():
        file = request.files.get("file")
        return {"header": file.headers.get("X-Own", "") if file is not None else None}


def add_data(app):
    @app.route("/data", methods=["GET", "POST", "PUT", "DELETE"])
    def data():
        return Response(request.get_data(), mimetype="application/octet-stream")

    @app.route("/data/then-form", methods=["POST"])
    def data_then_form():
        return {"data": len(request.get_data()), "form": grouped(request.form.items(multi=True))}

    @app.route("/data/after-form", methods=["POST"])
    def data_after_form():
        return {"form": grouped(request.form.items(multi=True)), "data": len(request.get_data())}

    @app.route("/data/twice", methods=["POST"])
    def data_twice():
        return [request.get_data().hex(), request.get_data().hex()]

    @app.route("/limit/<int:limit>", methods=["POST"])
    def limited(limit):
        request.max_content_length = limit
        return {"form": grouped(request.form.items(multi=True)), "data": len(request.get_data())}

    @app.route("/limit/memory/<int:limit>", methods=["POST"])
    def limited_memory(limit):
        request.max_form_memory_size = limit
        return grouped(request.form.items(multi=True))

    @app.route("/limit/parts/<int:limit>", methods=["POST"])
    def limited_parts(limit):
        request.max_form_parts = limit
        return {"form": len(list(request.form.items(multi=True))), "files": len(list(request.files.items(multi=True)))}
