"""A blog with accounts: the application of Flask's tutorial, told from its description."""

import os

from flask import Flask


def create_app(test_config=None):
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="dev", DATABASE=os.environ.get("DATABASE", ":memory:"))
    app.config.from_mapping(test_config or {})

    @app.route("/hello")
    def hello():
        return "Hello, World!"

    from . import auth, blog, db

    db.init_app(app)
    app.register_blueprint(auth.bp)
    app.register_blueprint(blog.bp)
    app.add_url_rule("/", endpoint="index")
    print("flaskr prints when it is imported")
    return app
