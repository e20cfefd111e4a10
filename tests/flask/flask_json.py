"""JSON that is read and written."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

from flask import jsonify, request
from markupsafe import Markup


def add_json(app):
    @app.route("/json", methods=["GET", "POST"])
    def read_json():
        return jsonify(request.get_json())

    @app.route("/json/force", methods=["GET", "POST"])
    def force_json():
        return jsonify(request.get_json(force=True))

    @app.route("/json/silent", methods=["GET", "POST"])
    def silent_json():
        return jsonify(request.get_json(silent=True))

    @app.route("/json/name", methods=["POST"])
    def json_name():
        value = request.get_json()
        if not isinstance(value, dict):
            return "no object", 400
        return {"name": value.get("name")}

    @app.route("/json/and-data", methods=["POST"])
    def json_and_data():
        first = request.get_json(force=True)
        return jsonify([first, request.get_data().hex(), request.get_json(force=True)])

    @app.route("/json/and-form", methods=["POST"])
    def json_and_form():
        names = sorted(request.form)
        return {"form": names, "json": request.get_json(silent=True), "is_json": request.is_json}

    @app.route("/jsonify/null")
    def jsonify_null():
        return jsonify(None)

    @app.route("/jsonify/scalars")
    def jsonify_scalars():
        return jsonify(1, "two", 3.0, True, None, 1e100, -0.0, 1e-7, 123456789012345678901234567890)

    @app.route("/jsonify/text")
    def jsonify_text():
        return jsonify("é☃😀\x7f\x00\u2028</script>&'\"\\/\t\n")

    @app.route("/jsonify/dates")
    def jsonify_dates():
        zone = timezone(timedelta(hours=5, minutes=30))
        return {
            "utc": datetime(2024, 2, 29, 12, 34, 56, 789, timezone.utc),
            "zone": datetime(2024, 2, 29, 1, 34, 56, tzinfo=zone),
            "old": datetime(1, 1, 1, tzinfo=timezone.utc),
            "date": date(1999, 12, 31),
        }

    @app.route("/jsonify/types")
    def jsonify_types():
        return {
            "uuid": UUID("12345678-1234-5678-1234-567812345678"),
            "decimal": Decimal("1.50"),
            "markup": Markup("<b>"),
            "tuple": (1, (2, 3)),
            "nested": {"z": {"y": {"x": [[], {}, [[]]]}}},
        }

    @app.route("/jsonify/numbers")
    def jsonify_numbers():
        return [float("nan"), float("inf"), float("-inf"), 0.1, 1e22, 1e21, 123456789.125, 5e-324]

    @app.route("/jsonify/keys")
    def jsonify_keys():
        return {"é": 1, "B": 2, "a": 3, "": 4, "10": 5, "2": 6, "\U0001f600": 7, "\uffff": 8}

    @app.route("/jsonify/bytes")
    def jsonify_bytes():
        return jsonify(b"\xff\x00")

    @app.route("/jsonify/impossible")
    def jsonify_impossible():
        return jsonify({1, 2})
