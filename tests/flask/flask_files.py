"""Files: sent by name, from folders, and as content."""

from datetime import datetime, timezone
from io import BytesIO

from flask import request, send_file, send_from_directory

DATE = datetime(2024, 2, 29, 12, 34, 56, tzinfo=timezone.utc)


def add_files(app):
    @app.route("/send/plain")
    def send_plain():
        return send_file("uploads/a.txt")

    @app.route("/send/attachment")
    def send_attachment():
        return send_file("uploads/a.txt", as_attachment=True)

    @app.route("/send/named")
    def send_named():
        return send_file("uploads/a.txt", as_attachment=True, download_name=request.args.get("name", "ünï cödé ☃.txt"))

    @app.route("/send/inline")
    def send_inline():
        return send_file("uploads/a.txt", download_name="other.html")

    @app.route("/send/tag")
    def send_tag():
        return send_file("uploads/a.txt", etag="own-tag", last_modified=DATE)

    @app.route("/send/untagged")
    def send_untagged():
        return send_file("uploads/a.txt", etag=False)

    @app.route("/send/age")
    def send_age():
        return send_file("uploads/a.txt", max_age=3600)

    @app.route("/send/age-zero")
    def send_age_zero():
        return send_file("uploads/a.txt", max_age=0)

    @app.route("/send/unconditional")
    def send_unconditional():
        return send_file("uploads/a.txt", conditional=False)

    @app.route("/send/typed")
    def send_typed():
        return send_file("uploads/data.bin", mimetype="text/csv")

    @app.route("/send/missing")
    def send_missing():
        return send_file("uploads/missing.txt")

    @app.route("/send/content")
    def send_content():
        return send_file(BytesIO(b"0123456789"), mimetype="text/plain")

    @app.route("/send/content-named")
    def send_content_named():
        return send_file(BytesIO(b"0123456789"), download_name=request.args.get("name", "x.json"), as_attachment=True, etag="c", last_modified=DATE)

    @app.route("/send/nameless")
    def send_nameless():
        return send_file(BytesIO(b"0123456789"))

    @app.route("/send/untitled")
    def send_untitled():
        return send_file(BytesIO(b"0123456789"), mimetype="text/plain", as_attachment=True)

    @app.route("/send/after")
    def send_after():
        response = send_file("uploads/a.txt")
        response.headers["X-Made"] = "a file"
        return response

    @app.route("/uploads/<path:name>")
    def uploads(name):
        return send_from_directory("uploads", name, as_attachment="attachment" in request.args)

    @app.route("/favicon.ico")
    def favicon():
        return app.send_static_file("icon.ico")
