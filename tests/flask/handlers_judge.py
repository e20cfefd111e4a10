"""Flask's side of the comparison of error handlers: for each set of handlers, a
line with the handler that answers each of the errors.

A set is a number whose bits say which handlers there are: those of KINDS on the
application, and then on the blueprint whose views fail.
"""

import logging

from flask import Blueprint, Flask, abort
from werkzeug.exceptions import Forbidden, HTTPException


class Unpaid(Forbidden):
    pass


class Oops(Exception):
    pass


KINDS = [403, 500, Unpaid, HTTPException, Oops, Exception]
NAMES = ["403", "500", "Unpaid", "HTTPException", "Oops", "Exception"]


def fails(error):
    def view():
        raise error

    return view


def answers(text):
    return lambda error: (text, 200)


def build(handlers):
    app = Flask("app")
    blueprint = Blueprint("shop", __name__)
    for i, scope in enumerate([app, blueprint]):
        for j, kind in enumerate(KINDS):
            if handlers >> (i * len(KINDS) + j) & 1:
                scope.register_error_handler(kind, answers(f"{scope.name} {NAMES[j]}"))
    blueprint.add_url_rule("/403", "forbidden", lambda: abort(403))
    blueprint.add_url_rule("/404", "missing", lambda: abort(404))
    blueprint.add_url_rule("/unpaid", "unpaid", fails(Unpaid()))
    blueprint.add_url_rule("/oops", "oops", fails(Oops()))
    blueprint.add_url_rule("/other", "other", fails(RuntimeError()))
    app.register_blueprint(blueprint)
    return app


def answer(client, path):
    response = client.get(path)
    return response.text if response.status_code == 200 else f"the page {response.status_code}"


logging.disable()
for handlers in range(1 << 2 * len(KINDS)):
    client = build(handlers).test_client()
    print(", ".join(answer(client, path) for path in ["/403", "/404", "/unpaid", "/oops", "/other"]))
