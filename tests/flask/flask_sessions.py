"""Cookies, sessions and flashed messages."""

from datetime import datetime, timezone
from uuid import UUID

from flask import after_this_request, flash, get_flashed_messages, jsonify, make_response, redirect, request, session
from markupsafe import Markup


def add_sessions(app):
    add_cookies(app)
    add_session_views(app)
    add_session_changes(app)
    add_flashing(app)


def add_cookies(app):
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

    @app.route("/cookies/more")
    def more_cookies():
        response = make_response("more")
        response.set_cookie("dated", "1", expires=datetime(2040, 1, 2, 3, 4, 5, tzinfo=timezone.utc))
        response.set_cookie("domain", "1", domain=".Example.com")
        response.set_cookie("pathless", "", path=None)
        response.set_cookie("split", "1", partitioned=True)
        response.set_cookie("now", "1", max_age=0)
        response.set_cookie("path", "1", path="/a b/é;x")
        return response

    @app.route("/cookies/value")
    def value_cookie():
        response = make_response("value")
        response.set_cookie("value", request.args.get("value", ""), samesite=request.args.get("samesite"))
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


def add_session_views(app):
    @app.route("/session")
    def show_session():
        return {"name": session.get("name"), "permanent": session.permanent}

    @app.route("/session/all")
    def all_session():
        session["seen"] = sorted(session)
        return session["seen"]

    @app.route("/session/has")
    def has_session():
        return {"has": "name" in session, "len": len(session)}

    @app.route("/session/lazy")
    def lazy_session():
        return {"name": session.get("name")} if "look" in request.args else "did not look"

    @app.route("/session/vary")
    def vary_session():
        response = make_response(str(session.get("name")))
        response.vary.add("Accept-Encoding")
        if "cookie" in request.args:
            response.vary.add("cookie")
        return response

    @app.route("/session/abort")
    def abort_session():
        session["name"] = "before the error"
        return app.aborter(int(request.args.get("code", 404)))

    @app.route("/session/crash")
    def crash_session():
        session["name"] = "before the crash"
        raise ValueError("with a session")

    @app.route("/session/stream")
    def stream_session():
        name = session.get("name")
        session["streamed"] = True
        return (part for part in ("name ", str(name)))

    @app.after_request
    def change_after(response):
        if "session-after" in request.args:
            session["after"] = response.status_code
        return response


def add_session_changes(app):
    @app.route("/session/set")
    def set_session():
        session["name"] = request.args["name"]
        session["pair"] = (1, "two")
        return "set"

    @app.route("/session/types")
    def types_session():
        session["bytes"] = b"\xff\x00"
        session["markup"] = Markup("<b>")
        session["uuid"] = UUID("12345678-1234-5678-1234-567812345678")
        session["date"] = datetime(2024, 2, 29, 12, 34, 56, tzinfo=timezone.utc)
        session["nested"] = {"a": [1, (2, {" t": 3})], " b": None}
        session["big"] = 2**70
        session["floats"] = [1.0, 1e16, -0.0]
        return "types"

    @app.route("/session/permanent")
    def keep_session():
        session.permanent = True
        session["name"] = "kept"
        return "kept"

    @app.route("/session/not-permanent")
    def lose_session():
        session.permanent = False
        return "lost"

    @app.route("/session/pop")
    def pop_session():
        return {"was": session.pop("name", None)}

    @app.route("/session/default")
    def default_session():
        return {"name": session.setdefault("name", "default")}

    @app.route("/session/delete")
    def delete_session():
        if "name" in session:
            del session["name"]
        return "deleted"

    @app.route("/session/clear")
    def clear_session():
        session.clear()
        return "cleared"

    @app.route("/session/login")
    def login_session():
        session.clear()
        session["user_id"] = 7
        return redirect("/session")

    @app.route("/session/nested")
    def nested_session():
        things = session.setdefault("things", [])
        things.append(len(things))
        if "mark" in request.args:
            session["things"] = things
        return {"things": len(things)}

    @app.route("/session/large")
    def large_session():
        session["large"] = "0123456789" * 150
        return "large"

    @app.route("/session/bad")
    def bad_session():
        session["bad"] = object()
        return "never seen"

    @app.route("/session/bad-status")
    def bad_status_session():
        session["bad"] = {1, 2}
        return "never seen", 201


def add_flashing(app):
    @app.route("/flash")
    def flash_one():
        flash(request.args.get("text", "Hello é"))
        return "flashed"

    @app.route("/flash/many")
    def flash_many():
        flash("one", "error")
        flash("two")
        flash(Markup("<b>three</b>"), "info")
        flash({"four": [4]}, "error")
        flash(None)
        return "flashed"

    @app.route("/flash/read")
    def read_flashes():
        return jsonify(get_flashed_messages())

    @app.route("/flash/pairs")
    def read_pairs():
        return jsonify(get_flashed_messages(with_categories=True))

    @app.route("/flash/filtered")
    def read_filtered():
        return jsonify(get_flashed_messages(category_filter=request.args.getlist("category")))

    @app.route("/flash/twice")
    def read_twice():
        first = get_flashed_messages(category_filter=["error"])
        flash("too late")
        return jsonify([first, get_flashed_messages()])

    @app.route("/flash/here")
    def flash_here():
        flash("here")
        return jsonify(get_flashed_messages())
