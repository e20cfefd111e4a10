"""The blog of Flask's tutorial in Python, on the templates, the style sheet and the
schema of the Go example: flaskr_twin.py DATABASE PORT [init]"""

import functools
import os
import sqlite3
import sys
from datetime import datetime

from flask import Blueprint, Flask, abort, current_app, flash, g, redirect, render_template, request, session, url_for
from werkzeug.security import check_password_hash, generate_password_hash

EXAMPLE = os.path.abspath("../../_examples/flaskr")

sqlite3.register_converter("timestamp", lambda value: datetime.fromisoformat(value.decode()))


def get_db():
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["DATABASE"], detect_types=sqlite3.PARSE_DECLTYPES)
        g.db.row_factory = sqlite3.Row
    return g.db


def close_db(error=None):
    db = g.pop("db", None)
    if db is not None:
        db.close()


auth = Blueprint("auth", __name__, url_prefix="/auth")


@auth.before_app_request
def load_logged_in_user():
    user_id = session.get("user_id")
    g.user = None
    if user_id is not None:
        g.user = get_db().execute("SELECT * FROM user WHERE id = ?", (user_id,)).fetchone()


def login_required(view):
    @functools.wraps(view)
    def wrapped(**kwargs):
        if g.user is None:
            return redirect(url_for("auth.login"))
        return view(**kwargs)

    return wrapped


@auth.route("/register", methods=("GET", "POST"))
def register():
    if request.method == "POST":
        username, password = request.form["username"], request.form["password"]
        error = None
        if not username:
            error = "Username is required."
        elif not password:
            error = "Password is required."
        if error is None:
            try:
                get_db().execute("INSERT INTO user (username, password) VALUES (?, ?)", (username, generate_password_hash(password)))
                get_db().commit()
            except sqlite3.IntegrityError:
                error = f"User {username} is already registered."
            else:
                return redirect(url_for("auth.login"))
        flash(error)
    return render_template("auth/register.html")


@auth.route("/login", methods=("GET", "POST"))
def login():
    if request.method == "POST":
        username, password = request.form["username"], request.form["password"]
        error = None
        user = get_db().execute("SELECT * FROM user WHERE username = ?", (username,)).fetchone()
        if user is None:
            error = "Incorrect username."
        elif not check_password_hash(user["password"], password):
            error = "Incorrect password."
        if error is None:
            session.clear()
            session["user_id"] = user["id"]
            return redirect(url_for("index"))
        flash(error)
    return render_template("auth/login.html")


@auth.route("/logout")
def logout():
    session.clear()
    return redirect(url_for("index"))


blog = Blueprint("blog", __name__)
SELECT = "SELECT p.id, title, body, created, author_id, username FROM post p JOIN user u ON p.author_id = u.id"


@blog.route("/")
def index():
    posts = get_db().execute(SELECT + " ORDER BY created DESC").fetchall()
    return render_template("blog/index.html", posts=posts)


def get_post(id):
    post = get_db().execute(SELECT + " WHERE p.id = ?", (id,)).fetchone()
    if post is None:
        abort(404, f"Post id {id} doesn't exist.")
    if post["author_id"] != g.user["id"]:
        abort(403)
    return post


@blog.route("/create", methods=("GET", "POST"))
@login_required
def create():
    if request.method == "POST":
        title, body = request.form["title"], request.form["body"]
        if title:
            get_db().execute("INSERT INTO post (title, body, author_id) VALUES (?, ?, ?)", (title, body, g.user["id"]))
            get_db().commit()
            return redirect(url_for("blog.index"))
        flash("Title is required.")
    return render_template("blog/create.html")


@blog.route("/<int:id>/update", methods=("GET", "POST"))
@login_required
def update(id):
    post = get_post(id)
    if request.method == "POST":
        title, body = request.form["title"], request.form["body"]
        if title:
            get_db().execute("UPDATE post SET title = ?, body = ? WHERE id = ?", (title, body, id))
            get_db().commit()
            return redirect(url_for("blog.index"))
        flash("Title is required.")
    return render_template("blog/update.html", post=post)


@blog.route("/<int:id>/delete", methods=("POST",))
@login_required
def delete(id):
    get_post(id)
    get_db().execute("DELETE FROM post WHERE id = ?", (id,))
    get_db().commit()
    return redirect(url_for("blog.index"))


def create_app(database):
    app = Flask("flaskr", template_folder=EXAMPLE + "/templates", static_folder=EXAMPLE + "/static")
    app.config.update(SECRET_KEY=os.environ["FLASKR_SECRET_KEY"], DATABASE=database)

    @app.route("/hello")
    def hello():
        return "Hello, World!"

    app.teardown_appcontext(close_db)
    app.register_blueprint(auth)
    app.register_blueprint(blog)
    app.add_url_rule("/", endpoint="index")
    return app


if __name__ == "__main__":
    app = create_app(sys.argv[1])
    if len(sys.argv) > 3:
        with app.app_context(), open(EXAMPLE + "/schema.sql") as schema:
            get_db().executescript(schema.read())
    app.run(port=int(sys.argv[2]), threaded=True)
