"""The application that twin_test.go writes in Go, view for view."""

import logging
import os
import sys

from flask import Flask, abort, after_this_request, g, make_response, redirect, request, session, url_for
from markupsafe import Markup, escape
from werkzeug.serving import run_simple

app = Flask("twin")
app.secret_key = os.environ["FLASK_SECRET"]
app.logger.disabled = True  # /crash is meant to crash
logging.getLogger("werkzeug").setLevel(logging.ERROR)


@app.before_request
def first_before():
    g.order = ["before 1"]


@app.before_request
def second_before():
    g.order.append("before 2")
    if "stop" in request.args:
        return "stopped by a hook"


@app.after_request
def first_after(response):
    g.order.append("after 1")
    response.headers["X-Order"] = ", ".join(g.order)
    return response


@app.after_request
def second_after(response):
    g.order.append("after 2")
    return response


@app.errorhandler(404)
def not_found(error):
    return f"nothing at {escape(request.path)}", 404


@app.errorhandler(403)
def forbidden(error):
    return {"code": error.code, "name": error.name}, 403


@app.route("/")
def index():
    return "Hello é☃ <b>"


@app.route("/empty")
def empty():
    return ""


@app.route("/bytes")
def binary():
    return b"\x00\xff"


@app.route("/markup")
def markup():
    return Markup("<em>%s</em>") % "<é>"


@app.route("/dict")
def dictionary():
    return {"b": 1, "a": "é<☃>\u2028", "none": None, "float": 1e16, "list": [True, {}]}


@app.route("/list")
def sequence():
    return [1, "two", [3.5]]


@app.route("/made")
def made():
    response = make_response("made", 201)
    response.headers["X-Made"] = "by hand"
    return response


@app.route("/no-content")
def no_content():
    return make_response("", 204)


@app.route("/user/<name>")
def user(name):
    return f"user {escape(name)}"


@app.route("/int/<int:number>")
def integer(number):
    return f"int {number + 1}"


@app.route("/float/<float:number>")
def floating(number):
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


@app.route("/folder/")
def folder():
    return "a folder"


@app.route("/file")
def file():
    return "a file"


@app.route("/redirect")
def elsewhere():
    return redirect("/user/é☃?a=b c&d=<e>")


@app.route("/redirect/<int:code>")
def redirect_with(code):
    return redirect(url_for("index"), code)


@app.route("/abort/<int:code>")
def abort_with(code):
    abort(code)


@app.route("/described")
def described():
    abort(400, "<why>\nand how")


@app.route("/crash")
def crash():
    raise RuntimeError("on purpose")


@app.route("/method", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def method():
    return request.method


@app.route("/post-only", methods=["POST"])
def post_only():
    return "posted"


@app.route("/own-options", methods=["OPTIONS"])
def own_options():
    return "own answer"


@app.route("/form", methods=["POST"])
def form():
    return {"name": request.form["name"], "all": request.form.getlist("name")}


@app.route("/args")
def args():
    return {"q": request.args["q"], "all": request.args.getlist("q")}


@app.route("/urls")
def urls():
    return [
        url_for("index"),
        url_for("user", name="a b/é"),
        url_for("integer", number=7, q="x y&z", _anchor="top é"),
        url_for("rest", rest="a/b c/d"),
        url_for("side", side="left"),
        url_for("folder", several=["1", "2"]),
    ]


@app.route("/cookies")
def cookies():
    return {"plain": request.cookies.get("plain"), "odd": request.cookies.get("odd")}


@app.route("/cookies/set")
def set_cookies():
    response = make_response("set")
    response.set_cookie("plain", "value")
    response.set_cookie("odd", 'é; "x", \\')
    response.set_cookie("all", "1", max_age=3600, path="/cookies", secure=True, httponly=True, samesite="strict")
    return response


@app.route("/cookies/delete")
def delete_cookies():
    response = make_response("deleted")
    response.delete_cookie("plain")
    response.delete_cookie("all", path="/cookies")
    return response


@app.route("/cookies/later")
def set_later():
    @after_this_request
    def remember(response):
        response.set_cookie("later", "yes")
        return response

    return "later"


@app.route("/session")
def show_session():
    return {"name": session.get("name"), "permanent": session.permanent}


@app.route("/session/set")
def set_session():
    session["name"] = request.args["name"]
    session["pair"] = (1, "two")
    return "set"


@app.route("/session/permanent")
def keep_session():
    session.permanent = True
    session["name"] = "kept"
    return "kept"


@app.route("/session/pop")
def pop_session():
    return {"was": session.pop("name", None)}


@app.route("/session/clear")
def clear_session():
    session.clear()
    return "cleared"


@app.route("/session/bad")
def bad_session():
    session["bad"] = object()
    return "never seen"


if __name__ == "__main__":
    run_simple("127.0.0.1", int(sys.argv[1]), app, threaded=True)
