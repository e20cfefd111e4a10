import sqlite3

from flask import current_app, g

SCHEMA = """
create table if not exists user (id integer primary key, username text unique not null, password text not null);
create table if not exists post (id integer primary key, author_id integer not null, title text not null, body text not null);
"""


def get_db():
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["DATABASE"])
        g.db.row_factory = sqlite3.Row
        g.db.executescript(SCHEMA)
    return g.db


def close_db(error=None):
    db = g.pop("db", None)
    if db is not None:
        db.close()


def init_app(app):
    app.teardown_appcontext(close_db)
