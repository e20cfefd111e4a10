"""The old side of a comparison: real Flask, with a session, a flashed message, a
remember cookie of Flask-Login, a CSRF token of Flask-WTF and a token of its own.

Its clock is behind, so that no signature of it is the same as another's.
"""

import os
import time

import itsdangerous
from flask import Flask, flash, get_flashed_messages, jsonify, redirect, session
from flask_login import LoginManager, UserMixin, login_user
from flask_wtf.csrf import CSRFProtect, generate_csrf

itsdangerous.TimestampSigner.get_timestamp = lambda self: int(time.time()) - 100

app = Flask(__name__)
app.secret_key = os.environ["FLASK_SECRET"]
CSRFProtect(app)
users = LoginManager(app)


class User(UserMixin):
    id = "ann"


@users.user_loader
def load_user(name):
    return User()


def token(payload):
    return itsdangerous.URLSafeTimedSerializer(app.secret_key, salt="token").dumps(payload)


@app.get("/page/<int:id>")
def page(id):
    session["csrf_token"] = "0123456789abcdef0123456789abcdef01234567"
    session["cart"] = (1, "tea")
    login_user(User(), remember=True)
    flash("It is in the cart.")
    response = app.make_response(
        f'<!doctype html>\n<title>Page {id}</title>\n<input type=hidden name="csrf_token" value="{generate_csrf()}">\n'
        '<li>one</li><li>two</li>\n<a href="/data">data</a> <a href="/leave">leave</a>\n'
        '<a class="big" href="/a">go</a>')
    response.set_cookie("seen", "1", httponly=True)
    response.set_cookie("signed", token("ann"))
    response.headers["Cache-Control"] = "no-store"
    return response


@app.get("/messages")
def messages():
    return " ".join(get_flashed_messages())


@app.get("/data")
def data():
    return jsonify(price=1, token=token("abc"), items=["x", {"y": None}])


@app.get("/leave")
def leave():
    return redirect("/data?token=" + token("abc"))


app.run(port=int(os.environ["PORT"]), threaded=True)
