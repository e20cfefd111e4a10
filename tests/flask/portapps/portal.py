"""An application with nested blueprints, classes of views, and what is seldom."""

from datetime import timedelta

from flask import Blueprint, Flask, abort, current_app, jsonify, redirect, request, session, url_for
from flask.views import MethodView, View
from werkzeug.routing import BaseConverter

app = Flask(__name__)
app.config.update(SECRET_KEY="k", SECRET_KEY_FALLBACKS=["older"], SESSION_COOKIE_NAME="site", SESSION_COOKIE_SAMESITE="Lax",
                  PERMANENT_SESSION_LIFETIME=timedelta(hours=2), PAGE_SIZE=20)


class ListConverter(BaseConverter):
    regex = r"\w+(?:\+\w+)*"

    def to_python(self, value):
        return value.split("+")

    def to_url(self, values):
        return "+".join(values)


app.url_map.converters["list"] = ListConverter

api = Blueprint("api", __name__, url_prefix="/api")
v1 = Blueprint("v1", __name__, url_prefix="/v1")


class ItemAPI(MethodView):
    init_every_request = False

    def __init__(self, model="item"):
        self.model = model

    def get(self, id):
        if id > 100:
            abort(404, "There is no such item.")
        return jsonify(id=id, by=session.get("user_id"))

    def delete(self, id):
        del session["item"]
        return "", 204


class Report(View):
    methods = ["GET", "POST"]

    def dispatch_request(self, type):
        limit = request.args.get("limit", 10, type=int)
        if "total" in request.args and limit != 0:
            session.permanent = True
            session["limit"] = limit
        for line in range(limit):
            current_app.logger.info(line)
        return f"{type}: {limit} of {current_app.config['PAGE_SIZE']} at 100%"


v1.add_url_rule("/items/<int:id>", view_func=ItemAPI.as_view("item"))
v1.add_url_rule("/reports/<any(day, 'week end'):type>", view_func=Report.as_view("report"))


@v1.put("/tags/<list:names>/<float:weight>")
def tag(names, weight):
    match names:
        case [name]:
            return {"name": name, "weight": weight}
    return {"names": names}, 201


@v1.errorhandler(404)
def missing(error):
    return jsonify(error=str(error)), 404


@api.before_request
def check():
    if not request.headers.get("X-Key"):
        abort(401)


api.register_blueprint(v1)
app.register_blueprint(api)


@app.get("/go/", defaults={"page": 1, "range": "all"})
@app.get("/go/<int:page>/<range>")
def go(page, range):
    """Names that mean something in Go."""
    type = func = page
    var = request.cookies.get("var")
    if var is None and not session.get("seen") or page > 3:
        err = "no"
    else:
        err = request.form["err"] + request.form["type"]
    session["seen"] = "yes\n\"é☃"
    if err == "no" or request.form["err"]:
        return redirect(url_for(".go", page=page, range=range, _anchor="top"), 303)
    elif err:
        return err, 418
    else:
        return go_on(request)


app.add_url_rule("/lambda", "lambda", lambda: "made by code")
app.add_url_rule("/no-options", "quiet", lambda: "quiet", provide_automatic_options=False)
app.add_url_rule("/lax/", "lax", lambda: "lax", strict_slashes=False, merge_slashes=False)


@app.template_filter("shout")
def shout(text):
    return text.upper()
