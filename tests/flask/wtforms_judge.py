"""WTForms' side of the forms: one JSON request per line in, one JSON answer per
line out, until the input ends. The forms are those of forms_test.go.

Run with --version it prints the version of WTForms.
"""

import importlib.metadata
import io
import json
import sys

if "--version" in sys.argv:
    print(importlib.metadata.version("WTForms"))
    sys.exit()

import flask
import wtforms
from flask_wtf import FlaskForm
from flask_wtf.file import FileAllowed, FileField, FileRequired
from werkzeug.datastructures import MultiDict
from wtforms import validators as v

app = flask.Flask(__name__, template_folder="formpages")
app.config.update(SECRET_KEY="k", WTF_CSRF_ENABLED=False)


class Login(FlaskForm):
    username = wtforms.StringField("Username", [v.DataRequired()])
    password = wtforms.PasswordField("Password", [v.DataRequired()])
    remember_me = wtforms.BooleanField("Remember Me")
    submit = wtforms.SubmitField("Sign In")


class Registration(FlaskForm):
    username = wtforms.StringField(
        "Username",
        [v.DataRequired(), v.Length(1, 8), v.Regexp("^[A-Za-z][A-Za-z0-9_.]*$", 0, "Letters & digits only.")],
    )
    email = wtforms.EmailField("Email", [v.DataRequired(), v.Email()])
    password = wtforms.PasswordField("Password", [v.DataRequired()])
    password2 = wtforms.PasswordField("Repeat Password", [v.DataRequired(), v.EqualTo("password")])
    accept = wtforms.BooleanField("I accept <the rules>", [v.InputRequired()])
    submit = wtforms.SubmitField("Register")

    def validate_username(self, username):
        if username.data == "ann":
            raise wtforms.ValidationError("Please use a different username.")


class Profile(FlaskForm):
    about_me = wtforms.TextAreaField(validators=[v.Length(min=0, max=10)])
    born = wtforms.DateField(validators=[v.Optional()])
    age = wtforms.IntegerField(validators=[v.NumberRange(1, 10)])
    weight = wtforms.DecimalField(validators=[v.Optional(), v.NumberRange(min=0)])
    site = wtforms.URLField(validators=[v.Optional(), v.URL()])
    language = wtforms.SelectField(choices=[("de", "German"), ("fr", "French & more")])
    size = wtforms.RadioField(choices=["s", "l"], default="l")
    colors = wtforms.SelectMultipleField(choices=["red", "green"])


class Post(FlaskForm):
    post = wtforms.TextAreaField("Say something", [v.DataRequired(), v.Length(min=1, max=5)])
    seen = wtforms.DateTimeLocalField()
    at = wtforms.TimeField()
    month = wtforms.MonthField(validators=[v.Optional()])


class Address(wtforms.Form):
    street = wtforms.StringField(validators=[v.DataRequired()])
    zip = wtforms.IntegerField()


class Nested(FlaskForm):
    home = wtforms.FormField(Address)
    links = wtforms.FieldList(wtforms.StringField("Link", [v.Length(max=3)]), min_entries=1, max_entries=3)
    places = wtforms.FieldList(wtforms.FormField(Address))


class Upload(FlaskForm):
    photo = FileField(validators=[FileRequired(), FileAllowed(["png", "jpg"])])
    title = wtforms.StringField(validators=[v.InputRequired("Name it.")])


class Search(FlaskForm):
    q = wtforms.StringField("Search", [v.DataRequired()])

    def __init__(self):
        super().__init__(formdata=flask.request.args, meta={"csrf": False})


@app.route("/", endpoint="form")
def index():
    return ""


FORMS = {"login": Login, "registration": Registration, "profile": Profile, "post": Post, "nested": Nested, "upload": Upload, "search": Search}


def answer(question):
    kwargs = {"method": question["method"]}
    if question["method"] == "GET":
        kwargs["query_string"] = MultiDict(question["sent"])
    else:
        files = [(field, (io.BytesIO(text.encode()), name)) for field, name, text in question["files"]]
        kwargs["data"] = MultiDict([*question["sent"], *files])
    with app.test_request_context("/", **kwargs):
        form = FORMS[question["form"]]()
        ok = form.validate_on_submit()
        html = [str(field.label(class_="l")) + str(field(class_="c", data_x="<&>")) for field in form]
        page = flask.render_template(question["form"] + ".html", form=form)
        return {"ok": ok, "errors": form.errors, "html": html, "page": page}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
