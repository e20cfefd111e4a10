"""The application of the other peers in Flask, for gunicorn."""

from flask import Flask, redirect, request, session
from markupsafe import escape

app = Flask(__name__, static_folder=None)
app.secret_key = "3527d4ab78545c8d275b5f9de7925382f549a8c15a3b0cdead18b57ef384e257"


@app.get("/hello")
def hello():
    return "Hello, World!"


@app.get("/user/<name>")
def user(name):
    return f"{escape(name)}"


@app.get("/json")
def order():
    return {
        "customer": "ann@example.org",
        "id": 4711,
        "items": [
            {"count": 2, "price": 12.5, "sku": "tea-001"},
            {"count": 1, "price": 3.25, "sku": "cup-017"},
        ],
        "paid": True,
        "total": 28.25,
    }


@app.get("/write")
def write():
    session["user_id"], session["username"], session["theme"] = 4711, "ann", "dark"
    return "Hello, World!"


@app.get("/")
def read():
    user_id, name = session.get("user_id", 0), escape(session.get("username", ""))
    return f"{user_id} {name} {session.get('theme', '')}"


@app.post("/login")
def login():
    session.clear()
    session["user_id"], session["username"], session["theme"] = 4711, request.form["username"], "dark"
    return redirect("/")
