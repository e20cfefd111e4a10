"""A notebook: the part of it that is still in Flask."""

from flask import Flask, flash, jsonify, redirect, render_template, session, url_for
from flask_login import (LoginManager, UserMixin, current_user, fresh_login_required, login_required, login_user,
                         logout_user)
from flask_wtf import CSRFProtect, FlaskForm
from werkzeug.middleware.proxy_fix import ProxyFix
from wtforms import BooleanField, StringField, SubmitField
from wtforms.validators import DataRequired, Length

app = Flask(__name__)
app.config["SECRET_KEY"] = "a secret key for trying things out"
app.config.from_prefixed_env()  # FLASK_SECRET_KEY and others
app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # the Go program is in front

CSRFProtect(app)
users = LoginManager(app)
users.login_view = users.refresh_view = "login"


class Member(UserMixin):
    def __init__(self, name):
        self.id = name


@users.user_loader
def load_member(name):
    return Member(name)  # there are no passwords: everybody is who they say


class LoginForm(FlaskForm):
    name = StringField("Name", [DataRequired(), Length(max=20)])
    remember = BooleanField("Remember me")
    submit = SubmitField("Log in")


class NoteForm(FlaskForm):
    text = StringField("Note", [DataRequired(), Length(max=200)])
    submit = SubmitField("Keep it")


@app.get("/")
def index():
    return render_template("index.html", form=NoteForm())


@app.route("/login", methods=["GET", "POST"])
def login():
    form = LoginForm()
    if form.validate_on_submit():
        login_user(Member(form.name.data), remember=form.remember.data)
        flash(f"Welcome back, {current_user.id}.")
        return redirect(url_for("settings"))
    return render_template("login.html", title="Log in", form=form)


@app.post("/logout")
def logout():
    session.clear()
    logout_user()
    flash("You are logged out.")
    return redirect(url_for("index"))


@app.post("/notes")
@login_required
def add_note():
    form = NoteForm()
    if form.validate_on_submit():
        notes = session.get("notes", [])
        session["notes"] = notes + [(len(notes) + 1, form.text.data)]
        flash("Your note is kept.")
    return redirect(url_for("index"))


@app.get("/export")
@fresh_login_required
def export():
    return jsonify(member=current_user.id, notes=session.get("notes", []))


# These have moved. The rules answer nothing; they are here for url_for.
for endpoint in ("join", "settings", "leave"):
    app.add_url_rule(f"/{endpoint}", endpoint, methods=["GET", "POST"], build_only=True)
