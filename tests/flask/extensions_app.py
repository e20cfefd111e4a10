"""The Flask half of an application that is half moved: logins of Flask-Login,
forms of Flask-WTF, and sessions of Flask-Session in Redis.

The Go half answers the same requests below /go; extensions_test.go has it.
"""

import os

from flask import Flask, flash, get_flashed_messages, render_template_string, request
from flask_login import (LoginManager, UserMixin, confirm_login, current_user, fresh_login_required, login_fresh,
                         login_required, login_user, logout_user)
from flask_session import Session
from flask_wtf import CSRFProtect, FlaskForm
from redis import Redis
from werkzeug.middleware.proxy_fix import ProxyFix
from wtforms import StringField
from wtforms.validators import DataRequired

app = Flask(__name__)
app.secret_key = os.environ["FLASK_SECRET"]
app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)

host, port = os.environ["REDIS"].split(":")
app.config.update(SESSION_TYPE="redis", SESSION_REDIS=Redis(host=host, port=int(port)))
app.config["SESSION_USE_SIGNER"] = os.environ.get("SIGNER") == "yes"
Session(app)

users = LoginManager(app)
users.session_protection = os.environ.get("PROTECTION", "basic")
users.login_view = users.refresh_view = "login"
CSRFProtect(app)


class User(UserMixin):
    def __init__(self, name):
        self.id = name


@users.user_loader
def load_user(name):
    return User(name) if name in ("ann", "bob", "é☃") else None


class NoteForm(FlaskForm):
    text = StringField(validators=[DataRequired()])


@app.get("/flask/who")
def who():
    name = current_user.id if current_user.is_authenticated else "anonymous"
    return f"{name} {login_fresh() and current_user.is_authenticated}"


@app.get("/flask/form")
def form():
    return render_template_string("{{ form.hidden_tag() }}", form=NoteForm())


@app.post("/flask/save")
def save():
    form = NoteForm()
    if not form.validate_on_submit():
        return f"refused: {form.errors}", 400
    return f"saved {form.text.data}"


@app.route("/flask/login", methods=["GET", "POST"])
def login():
    if request.method == "GET":
        return "log in"
    return str(login_user(User(request.form["name"]), remember="remember" in request.form))


@app.post("/flask/logout")
def logout():
    return str(logout_user())


@app.post("/flask/confirm")
def confirm():
    confirm_login()
    return "confirmed"


@app.get("/flask/private")
@login_required
def private():
    return f"private of {current_user.id}"


@app.get("/flask/sensitive")
@fresh_login_required
def sensitive():
    return f"sensitive of {current_user.id}"


@app.post("/flask/flash")
def keep():
    flash(request.form["text"], "info")
    return "kept"


@app.get("/flask/flashes")
def flashes():
    return " ".join(f"{category}:{message}" for category, message in get_flashed_messages(with_categories=True))


@app.get("/")
def index():
    return "the Flask half"


app.run(port=int(os.environ["PORT"]), threaded=True)
