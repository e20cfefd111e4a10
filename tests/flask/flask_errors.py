"""Errors and their handlers."""

from flask import abort, after_this_request, make_response, request
from markupsafe import escape
from werkzeug.exceptions import Forbidden, HTTPException, NotFound

from flask_hooks import Oops, SubOops


class Moved(NotFound):
    code = 410
    description = "was here once"


class Unpaid(Forbidden):
    description = "pay first"


class Wrapped(Exception):
    pass


class Pair(Exception):
    def __init__(self, left, right):
        self.left, self.right = left, right


def add_errors(app):
    @app.errorhandler(404)
    def not_found(error):
        return f"nothing at {escape(request.path)}", 404

    @app.errorhandler(403)
    def forbidden(error):
        return {"code": error.code, "name": error.name, "description": error.description}, 403

    @app.errorhandler(Oops)
    def oops(error):
        return f"oops of {error}", 409

    @app.errorhandler(Pair)
    def pair(error):
        return {"left": error.left, "right": error.right}, 400

    @app.errorhandler(423)
    def forgotten_status(error):
        @after_this_request
        def mark(response):
            response.headers["X-Handler"] = "423"
            return response

        return "the status is left out"

    @app.errorhandler(424)
    def itself(error):
        return error

    @app.errorhandler(428)
    def raises(error):
        raise ValueError("in a handler")

    @app.errorhandler(429)
    def aborts(error):
        abort(403)

    @app.errorhandler(431)
    def nothing(error):
        return None

    @app.errorhandler(451)
    def own_response(error):
        response = make_response("own response", 299)
        response.headers["X-Made"] = error.name
        return response

    @app.errorhandler(417)
    def raises_handled(error):
        raise Oops("in a handler")

    @app.route("/abort/<int:code>")
    def abort_with(code):
        abort(code)

    @app.route("/abort-response/<int:code>")
    def abort_with_response(code):
        abort(make_response("an aborted response", code))

    @app.route("/described")
    def described():
        abort(400, "<why>\nand how")

    @app.route("/described/<int:code>")
    def described_with(code):
        abort(code, request.args.get("text", "a <b> & 'c' é"))

    @app.route("/crash")
    def crash():
        raise RuntimeError("on purpose")

    @app.route("/raise/moved")
    def raise_moved():
        raise Moved()

    @app.route("/raise/unpaid")
    def raise_unpaid():
        raise Unpaid()

    @app.route("/raise/suboops")
    def raise_suboops():
        raise SubOops("view")

    @app.route("/raise/wrapped")
    def raise_wrapped():
        raise Wrapped()

    @app.route("/raise/pair")
    def raise_pair():
        raise Pair(request.args.get("left", ""), request.args.get("right"))

    @app.route("/raise/returned/<int:code>")
    def returned_error(code):
        from werkzeug.exceptions import default_exceptions

        return default_exceptions[code]()

    @app.route("/raise/caught")
    def caught():
        try:
            abort(404)
        except HTTPException as error:
            return f"caught {error.code}"
