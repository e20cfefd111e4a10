"""Hooks of the application, and what a query can make them do."""

from collections import defaultdict

from flask import abort, after_this_request, g, request
from werkzeug.exceptions import NotFound


class Oops(Exception):
    pass


class SubOops(Oops):
    pass


class Lost(NotFound):
    pass


def note(step):
    g.setdefault("order", []).append(step)


def act(place):
    """Do what the query asks for at a place: ?before=403 aborts in the hook."""
    note(place)
    what = request.args.get(place, "")
    if what == "stop":
        return f"stopped at {place}"
    if what == "oops":
        raise Oops(place)
    if what == "suboops":
        raise SubOops(place)
    if what == "lost":
        raise Lost()
    if what == "value":
        raise ValueError(place)
    if what.isdigit():
        abort(int(what))
    return None


torn_down = defaultdict(list)


def note_teardown(step, error):
    """Keep what a teardown function saw for a later request."""
    if g.get("mark"):
        torn_down[g.mark].append(f"{step} {error is not None}")


def add_hooks(app):
    @app.url_value_preprocessor
    def preprocess(endpoint, values):
        g.mark = request.args.get("mark")  # teardown_appcontext has no request
        note(f"endpoint {endpoint}")
        act("preprocess")

    @app.before_request
    def first_before():
        return act("before")

    @app.before_request
    def second_before():
        if "later" in request.args:

            @after_this_request
            def later(response):
                act("later")
                response.headers["X-Later"] = str(response.status_code)
                return response

        return act("before2")

    @app.after_request
    def first_after(response):
        try:
            act("after")
        finally:
            response.headers["X-Order"] = ", ".join(g.order)
        return response

    @app.after_request
    def second_after(response):
        act("after2")
        if "replace" in request.args:
            response.status_code = 203
            response.set_data(b"replaced")
        return response

    @app.teardown_request
    def first_teardown(error):
        note_teardown("teardown 1", error)

    @app.teardown_request
    def second_teardown(error):
        note_teardown("teardown 2", error)

    @app.teardown_appcontext
    def last_teardown(error):
        note_teardown("context", error)

    @app.route("/torn-down")
    def show_torn_down():
        return torn_down[request.args["of"]]

    @app.route("/hooked", methods=["GET", "POST"])
    def hooked():
        return act("view") or "hooked"
