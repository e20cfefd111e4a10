"""The application that the twin_*_test.go files write in Go, view for view.

The parts are in the flask_*.py files beside it, one for each Go file. The
arguments are the port and the folder that holds the files to serve.
"""

import logging
import os
import sys

from flask import Flask
from werkzeug.serving import run_simple

from flask_answers import add_answers
from flask_blueprints import add_blueprints
from flask_conditional import add_conditional
from flask_errors import add_errors
from flask_files import add_files
from flask_hooks import add_hooks
from flask_json import add_json
from flask_requests import add_requests
from flask_routes import add_routes
from flask_sessions import add_sessions


def make_app(folder):
    app = Flask("twin", root_path=folder)
    app.secret_key = os.environ["FLASK_SECRET"]
    app.config["MAX_CONTENT_LENGTH"] = 16 << 20
    app.config["MAX_FORM_PARTS"] = 20
    app.logger.disabled = True  # /crash is meant to crash
    add_hooks(app)
    for add in (
        add_answers,
        add_errors,
        add_routes,
        add_requests,
        add_json,
        add_sessions,
        add_conditional,
        add_files,
        add_blueprints,
    ):
        add(app)
    return app


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    run_simple("127.0.0.1", int(sys.argv[1]), make_app(sys.argv[2]), threaded=True)
