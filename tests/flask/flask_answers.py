"""What views may return."""

from io import BytesIO

from flask import Response, after_this_request, make_response, redirect, request, stream_with_context, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as PlainResponse


def add_answers(app):
    add_bodies(app)
    add_made(app)
    add_mistakes(app)
    add_streams(app)
    add_redirects(app)


def add_bodies(app):
    @app.route("/")
    def index():
        return "Hello é☃ <b>"

    @app.route("/empty")
    def empty():
        return ""

    @app.route("/bytes")
    def binary():
        return b"\x00\xff"

    @app.route("/markup")
    def markup():
        return Markup("<em>%s</em>") % "<é>"

    @app.route("/dict")
    def dictionary():
        return {"b": 1, "a": "é<☃>\u2028", "none": None, "float": 1e16, "list": [True, {}]}

    @app.route("/list")
    def sequence():
        return [1, "two", [3.5]]

    @app.route("/empty-dict")
    def empty_dict():
        return {}

    @app.route("/empty-list")
    def empty_list():
        return []

    @app.route("/large")
    def large():
        return "0123456789" * 10_000


def add_made(app):
    @app.route("/made")
    def made():
        response = make_response("made", 201)
        response.headers["X-Made"] = "by hand"
        return response

    @app.route("/no-content")
    def no_content():
        return make_response("", 204)

    @app.route("/status/<int:code>")
    def status(code):
        return "with a status", code

    @app.route("/json-status/<int:code>")
    def json_status(code):
        return {"code": code}, code

    @app.route("/headers-tuple")
    def headers_tuple():
        return "with headers", {"X-Made": "a tuple", "Content-Type": "text/plain"}

    @app.route("/three-tuple")
    def three_tuple():
        return "three", 202, [("X-Made", "one"), ("X-Made", "two")]

    @app.route("/json-headers")
    def json_headers():
        return {"a": 1}, 200, {"Content-Type": "application/problem+json"}

    @app.route("/response-tuple")
    def response_tuple():
        return make_response("inner", 201), 203, {"X-Made": "outer"}

    @app.route("/made/nothing")
    def made_nothing():
        return make_response()

    @app.route("/made/json")
    def made_json():
        return make_response({"made": [1, 2]}, 418)

    @app.route("/made/mimetype")
    def made_mimetype():
        return Response("a,b\n1,é\n", mimetype="text/csv")

    @app.route("/made/data")
    def made_data():
        response = make_response("first")
        response.set_data(response.get_data() + b" and second")
        response.status_code = 202
        return response

    @app.route("/made/removed-type")
    def removed_type():
        response = make_response("typeless")
        del response.headers["Content-Type"]
        return response

    @app.route("/made/repeated")
    def repeated():
        response = make_response("repeated")
        response.headers.add("X-Made", "one")
        response.headers.add("X-Made", "two, three")
        return response

    @app.route("/made/line-break")
    def line_break():
        response = make_response("never seen")
        response.headers["X-Made"] = request.args.get("value", "a\r\nb")
        return response

    @app.route("/made/not-modified")
    def not_modified():
        return make_response("left out", 304)

    @app.route("/callable")
    def a_callable():
        def application(environ, start_response):
            start_response("203 Fine", [("Content-Type", "text/x-own"), ("X-Made", environ["REQUEST_METHOD"])])
            return [b"by an application"]

        return application

    @app.route("/foreign")
    def foreign():
        return PlainResponse("foreign", 202, mimetype="text/plain")

    @app.route("/later")
    def several_later():
        for number in (1, 2, 3):

            @after_this_request
            def append(response, number=number):
                response.headers["X-Made"] = response.headers.get("X-Made", "") + str(number)
                return response

        return "later"


def add_mistakes(app):
    @app.route("/mistake/none")
    def answer_none():
        return None

    @app.route("/mistake/int")
    def answer_int():
        return 7

    @app.route("/mistake/bool")
    def answer_bool():
        return True

    @app.route("/mistake/float")
    def answer_float():
        return 1.5

    @app.route("/mistake/none-status")
    def answer_none_status():
        return None, 204

    @app.route("/mistake/unserialisable")
    def answer_unserialisable():
        return {"a": object()}


def add_streams(app):
    @app.route("/stream/text")
    def stream_text():
        return (f"{number} é\n" for number in range(5))

    @app.route("/stream/bytes")
    def stream_bytes():
        return iter([b"\x00", b"", b"\xff\xfe"])

    @app.route("/stream/empty")
    def stream_empty():
        return iter([])

    @app.route("/stream/context")
    def stream_context():
        @stream_with_context
        def generate():
            yield request.path
            yield " "
            yield request.args.get("word", "nothing")

        return generate()

    @app.route("/stream/made")
    def stream_made():
        response = make_response((part for part in ("a", "b")), 202)
        response.headers["X-Made"] = str(response.is_streamed)
        response.content_type = "text/plain; charset=utf-8"
        return response

    @app.route("/stream/length")
    def stream_length():
        response = make_response(part for part in ("abc", "def"))
        response.content_length = 6
        return response

    @app.route("/stream/csv")
    def stream_csv():
        return (f"{row},{row * row}\n" for row in range(100)), {"Content-Type": "text/csv"}

    @app.route("/stream/reader")
    def stream_reader():
        return BytesIO(b"read from a file")


def add_redirects(app):
    @app.route("/redirect")
    def elsewhere():
        return redirect("/user/é☃?a=b c&d=<e>")

    @app.route("/redirect/<int:code>")
    def redirect_with(code):
        return redirect(url_for("index"), code)

    @app.route("/redirect-to", methods=["GET", "POST"])
    def redirect_to():
        return redirect(request.args["to"], request.args.get("code", 302, type=int))

    @app.route("/redirect-cookie")
    def redirect_cookie():
        response = redirect("/")
        response.set_cookie("seen", "yes")
        return response
