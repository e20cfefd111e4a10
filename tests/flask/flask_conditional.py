"""Conditional answers and the headers of caches."""

from datetime import datetime, timedelta, timezone

from flask import make_response, request

DATE = datetime(2024, 2, 29, 12, 34, 56, tzinfo=timezone.utc)


def add_conditional(app):
    @app.route("/conditional/etag")
    def conditional_etag():
        response = make_response("0123456789")
        response.add_etag()
        return response.make_conditional(request, accept_ranges=True, complete_length=10)

    @app.route("/conditional/own")
    def conditional_own():
        response = make_response("0123456789")
        response.set_etag("a")
        return response.make_conditional(request, accept_ranges=True, complete_length=10)

    @app.route("/conditional/weak")
    def conditional_weak():
        response = make_response("0123456789")
        response.set_etag("a", weak=True)
        return response.make_conditional(request, accept_ranges=True, complete_length=10)

    @app.route("/conditional/modified")
    def conditional_modified():
        response = make_response("0123456789")
        response.last_modified = DATE
        return response.make_conditional(request, accept_ranges=True, complete_length=10)

    @app.route("/conditional/both")
    def conditional_both():
        response = make_response("0123456789")
        response.last_modified = DATE
        response.set_etag("a")
        response.headers["X-Made"] = "kept"
        response.cache_control.max_age = 60
        return response.make_conditional(request, accept_ranges=True, complete_length=10)

    @app.route("/conditional/whole")
    def conditional_whole():
        response = make_response("0123456789")
        response.set_etag("a")
        return response.make_conditional(request)

    @app.route("/conditional/created")
    def conditional_created():
        response = make_response("0123456789", 201)
        response.set_etag("a")
        return response.make_conditional(request)

    @app.route("/conditional/only-etag")
    def only_etag():
        response = make_response("é")
        response.add_etag()
        return response

    @app.route("/cache/control")
    def cache_control():
        response = make_response("cached")
        response.cache_control.public = True
        response.cache_control.max_age = 300
        response.cache_control.no_transform = True
        return response

    @app.route("/cache/no-store")
    def no_store():
        response = make_response("not cached")
        response.cache_control.no_store = True
        response.cache_control.private = True
        return response

    @app.route("/cache/expires")
    def expires():
        response = make_response("expires")
        response.expires = datetime.now(timezone.utc) + timedelta(hours=1)
        return response

    @app.route("/cache/vary")
    def vary():
        response = make_response("varies")
        response.vary.add("Accept")
        response.vary.update(["Cookie", "accept"])
        return response

    @app.route("/challenge")
    def challenge():
        return "who are you?", 401, {"WWW-Authenticate": 'Basic realm="twin"'}
