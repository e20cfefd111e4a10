"""Pages as Flask applications have them, rendered by real Flask: one JSON list of
[method, path] per line in, for one visitor, and one JSON list of the answers out.

The application is that of apppages_test.go.
"""

import gettext
import json
import sys
from datetime import datetime
from types import SimpleNamespace

import flask
from markupsafe import Markup


class User:
    is_anonymous, is_authenticated = False, True

    def __init__(self, username, about_me, last_seen):
        self.username, self.about_me, self.last_seen = username, about_me, last_seen
        self.followers, self.following = [], []

    def avatar(self, size):
        return f"/avatar/{self.username}?s={size}&d=identicon"

    def is_following(self, other):
        return other in self.following


class Anonymous:
    is_anonymous, is_authenticated = True, False
    username = ""

    def is_following(self, other):
        return False


class Pagination:
    def __init__(self, page, pages, total):
        self.page, self.pages, self.total = page, pages, total
        self.has_prev = page > 1

    def iter_pages(self, left_edge=2, left_current=1, right_current=2, right_edge=2):
        last = 0
        for n in range(1, self.pages + 1):
            if n <= left_edge or self.page - left_current <= n <= self.page + right_current or n > self.pages - right_edge:
                if last + 1 != n:
                    yield None
                yield n
                last = n


def at(text):
    return datetime.fromisoformat(text)


ann = User("ann", "I like <b>tea</b> & long walks, and writing about both of them.", at("2026-02-03T10:30:00"))
bob = User("bob<i>", "", at("2025-12-24T23:59:59"))
ann.following, bob.followers = [bob], [ann]
USERS = {"ann": ann, "bob": bob}


def post(id, title, body, timestamp, author, comments, score, size, tags, replies=()):
    return SimpleNamespace(
        id=id, title=title, body=body, timestamp=at(timestamp), author=author, comments=comments, score=score,
        size=size, tags=tags, replies=list(replies), day=timestamp[:10],
    )


reply = post(4, "Re: tea", "no <script>alert(1)</script>", "2026-02-02T08:00:00", bob, [], 0.5, 10, [])
POSTS = [
    post(1, "Tea & <biscuits>", "see https://example.com/a?b=c&d=e and www.example.org, or mail me@example.com", "2026-02-01T09:05:00", ann, ["x", "y"], 0.875, 1234, ["tea", "food"], [reply]),
    post(2, "walks", 'quoted "text" & \'more\'', "2026-02-02T18:45:30", bob, ["z"], 12.25, 999999, []),
    post(3, "Über uns", "line\nbreaks\n\nparagraph", "2026-02-02T07:00:00", ann, [], 100.0, 5, ["food", "Äpfel", "food"]),
]
MODELS = [
    {"id": 1, "kind": "a", "active": True, "note": "a rather long note & more", "extra": {"b": 2, "a": [1, None]}, "count": -5},
    {"id": 2, "kind": "a", "active": False, "note": None, "extra": ["x", {"y": 1.0}], "count": 0},
    {"id": 3, "kind": "b", "active": True, "note": "<short>", "extra": {}, "count": 2.5},
]
COLUMNS = [{"name": "id", "sort": "asc"}, {"name": "active", "label": "Is it?"}, {"name": "note", "sort": ""}, {"name": "extra"}, {"name": "count"}]

main = flask.Blueprint("main", __name__)
auth = flask.Blueprint("auth", __name__, url_prefix="/auth")
admin = flask.Blueprint("admin", __name__, url_prefix="/admin")


def pagination():
    return Pagination(flask.request.args.get("page", 1, type=int), 12, 345)


@main.route("/")
def index():
    posts = [] if flask.request.args.get("empty") else POSTS
    return flask.render_template("index.html", title="Start <here>", posts=posts, pagination=pagination())


@main.route("/explore")
def explore():
    return flask.render_template("index.html", posts=POSTS, pagination=pagination())


@main.route("/user/<username>")
def user(username):
    return flask.render_template("user.html", user=USERS.get(username) or flask.abort(404), posts=POSTS, pagination=pagination())


@main.route("/search")
@main.route("/search/<where>")
def search(where=None):
    return flask.render_template("search.html", title="", posts=POSTS)


@main.route("/edit")
def edit_profile():
    return ""


@main.route("/follow/<username>", methods=["POST"])
def follow(username):
    flask.flash(f"You follow {username}.", "success")
    flask.flash("<b>careful</b>", "error")
    flask.flash(Markup("<b>really</b>"))
    return ""


@main.route("/feed.xml")
def feed():
    return flask.render_template("feed.xml", posts=POSTS), {"Content-Type": "application/atom+xml"}


@auth.route("/login", methods=["GET", "POST"])
def login():
    flask.session["username"] = flask.request.args.get("name", "ann")
    return ""


@auth.route("/reset/<token>")
def reset_password(token):
    return flask.render_template("email/reset_password." + flask.request.args["kind"], user=ann, token=token, posts=POSTS)


@admin.route("/list")
def listing():
    return flask.render_template("admin/list.html", layout="base.html", models=MODELS, columns=COLUMNS)


app = flask.Flask(__name__, template_folder="apppages")
app.config.update(SECRET_KEY="k", SITE_NAME="My <Blog>", THEME=None)
app.jinja_env.add_extension("jinja2.ext.i18n")
app.jinja_env.add_extension("jinja2.ext.do")
app.jinja_env.add_extension("jinja2.ext.loopcontrols")
german = gettext.translation("messages", "apppages/translations", ["de"])


def translations():
    return german if flask.g.locale == "de" else gettext.NullTranslations()


app.jinja_env.install_gettext_callables(
    lambda message: translations().gettext(message),
    lambda one, many, n: translations().ngettext(one, many, n),
    newstyle=True,
    pgettext=lambda context, message: translations().pgettext(context, message),
    npgettext=lambda context, one, many, n: translations().npgettext(context, one, many, n),
)


@app.before_request
def locale():
    flask.g.locale = flask.request.args.get("lang", "en")


@app.context_processor
def user_of_session():
    return {"current_user": USERS.get(flask.session.get("username"), Anonymous())}


@app.errorhandler(404)
def not_found(error):
    return flask.render_template("errors/404.html", error=error), 404


for blueprint in main, auth, admin:
    app.register_blueprint(blueprint)

for line in sys.stdin:
    client = app.test_client()
    answers = []
    for method, path in json.loads(line):
        response = client.open(path, method=method)
        answers.append({"status": response.status_code, "type": response.headers["Content-Type"], "body": response.get_data(as_text=True)})
    print(json.dumps(answers), flush=True)
