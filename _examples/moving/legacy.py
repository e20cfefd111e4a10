"""A small wiki: the part of it that is still in Flask.

SECRET_KEY must be the one that the Go program has.
"""

import os

from flask import Flask, flash, get_flashed_messages, redirect, request, session, url_for
from markupsafe import Markup, escape

app = Flask(__name__)
app.config["SECRET_KEY"] = os.environ.get("SECRET_KEY", "a secret key for trying things out")


@app.get("/")
def index():
    if "username" not in session:
        return page("Not signed in", Markup('<p><a href="/login">Sign in</a> or <a href="/join">join</a>'))
    return page(
        f"Signed in as {session['username']}",
        Markup(
            "<p>Your colour is <b>%s</b>, and you have written <b>%s</b> notes."
            '<p><a href="/settings">Settings</a>'
            '<form action="/notes" method="post"><input name="text"><button>Add a note</button></form>'
            '<form action="/logout" method="post"><button>Sign out</button></form>'
        )
        % (session.get("colour", "grey"), len(session.get("notes", []))),
    )


@app.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "POST":
        session.clear()
        session["username"] = request.form["username"]
        flash(f"Welcome back, {session['username']}.")
        return redirect("/settings")
    return page("Sign in", Markup('<form method="post"><input name="username"><button>Sign in</button></form>'))


@app.post("/notes")
def add_note():
    notes = session.get("notes", [])
    notes.append((len(notes) + 1, request.form["text"]))
    session["notes"] = notes
    flash("Your note is kept.")
    return redirect("/settings")


@app.post("/logout")
def logout():
    session.clear()
    return redirect(url_for("index"))


def page(heading, body):
    messages = Markup("").join(Markup('<p class="flash">%s') % message for message in get_flashed_messages())
    return Markup("<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n<title>Wiki</title>\n<h1>%s</h1>\n%s%s\n") % (
        escape(heading),
        messages,
        body,
    )
