"""Flask's side of the conversation: one JSON request per line in, one JSON
answer per line out, until the input ends.

Everything is done by Flask's and itsdangerous' own classes. Values travel as
{"t": type, "v": text or list}, because JSON cannot tell a tuple from a list or
1 from 1.0. Text is percent-encoded, so that lone surrogates survive, and floats
are the hexadecimal form of their eight bytes.
"""

import base64
import json
import os
import random
import struct
import sys
import tomllib
import traceback
import uuid
from datetime import datetime, timedelta, timezone
from unittest import mock
from urllib.parse import quote, unquote

import flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature, TimestampSigner, URLSafeTimedSerializer
from markupsafe import Markup
from werkzeug.http import dump_cookie, parse_cookie

from generate import generate_session


def quoted(text):
    return quote(text, safe="", errors="surrogatepass")


def unquoted(text):
    return unquote(text, errors="surrogatepass")


def float_bits(value):
    return "nan" if value != value else struct.pack(">d", value).hex()


def bits_float(text):
    return float("nan") if text == "nan" else struct.unpack(">d", bytes.fromhex(text))[0]


def describe(value):
    """Return the typed form of a value. Types are compared exactly: bool is an
    int to Python, and Markup a str."""
    kind = type(value)
    if kind is dict:
        pairs = sorted((quoted(key), describe(item)) for key, item in value.items())
        return {"t": "dict", "v": [list(pair) for pair in pairs]}
    if kind in (list, tuple):
        return {"t": kind.__name__, "v": [describe(item) for item in value]}
    name, text = DESCRIBERS[kind]
    return {"t": name, "v": text(value)}


DESCRIBERS = {
    type(None): ("none", lambda value: ""),
    bool: ("bool", lambda value: "true" if value else "false"),
    int: ("int", str),
    float: ("float", float_bits),
    str: ("str", quoted),
    bytes: ("bytes", lambda value: base64.b64encode(value).decode()),
    Markup: ("markup", lambda value: quoted(str(value))),
    uuid.UUID: ("uuid", str),
    datetime: ("datetime", lambda value: str(int(value.timestamp()))),
}

BUILDERS = {
    "none": lambda text: None,
    "bool": lambda text: text == "true",
    "int": int,
    "float": bits_float,
    "str": unquoted,
    "bytes": base64.b64decode,
    "markup": lambda text: Markup(unquoted(text)),
    "uuid": uuid.UUID,
    "datetime": lambda text: datetime.fromtimestamp(int(text), timezone.utc),
    "list": lambda items: [build(item) for item in items],
    "tuple": lambda items: tuple(build(item) for item in items),
    "dict": lambda items: {unquoted(key): build(item) for key, item in items},
}


def build(typed):
    """Return the value of a typed form."""
    return BUILDERS[typed["t"]](typed["v"])


class Sessions(SecureCookieSessionInterface):
    """Flask's interface, which before 3.1 has no SECRET_KEY_FALLBACKS. There
    they are handed to itsdangerous the way 3.1 does it, old keys first."""

    def get_signing_serializer(self, app):
        serializer = super().get_signing_serializer(app)
        fallbacks = app.config.get("SECRET_KEY_FALLBACKS") or []
        if len(serializer.secret_keys) == 1 + len(fallbacks):
            return serializer
        return URLSafeTimedSerializer(
            [*fallbacks, app.secret_key],
            salt=self.salt,
            serializer=self.serializer,
            signer_kwargs={
                "key_derivation": self.key_derivation,
                "digest_method": self.digest_method,
            },
        )


def flask_app(request):
    app = flask.Flask("judge")
    app.session_interface = Sessions()
    app.secret_key = request["secret"]
    app.config["SECRET_KEY_FALLBACKS"] = request.get("fallbacks") or None
    if "max_age" in request:
        app.permanent_session_lifetime = timedelta(seconds=request["max_age"])
    return app


def at(seconds):
    """Let itsdangerous sign as if it were another time."""
    if not seconds:
        return mock.MagicMock()
    return mock.patch.object(TimestampSigner, "get_timestamp", return_value=seconds)


def load_cookie(request):
    """Open a session as Flask does for a request with that cookie."""
    app = flask_app(request)
    environ = {"HTTP_COOKIE": "session=" + request["cookie"]}
    with app.app_context():
        session = app.session_interface.open_session(app, app.request_class(environ))
        return {"session": describe(dict(session))}


def sign_values(app, values):
    with app.app_context():
        return app.session_interface.get_signing_serializer(app).dumps(values)


def sign_cookie(request):
    with at(request.get("at")):
        return {"cookie": sign_values(flask_app(request), build(request["value"]))}


def generate(request):
    """Sign one random session."""
    values = generate_session(random.Random(request["seed"]))
    return {"cookie": sign_values(flask_app(request), values), "session": describe(values)}


def echo(request):
    """Build a value and describe it again, to check the two against each other."""
    return {"value": describe(build(request["value"]))}


def dumps_token(request):
    serializer = URLSafeTimedSerializer(request["secret"], salt=request["salt"])
    with at(request.get("at")):
        return {"token": serializer.dumps(build(request["value"]))}


def loads_token(request):
    serializer = URLSafeTimedSerializer(request["secret"], salt=request["salt"])
    try:
        value = serializer.loads(request.get("token", ""), max_age=request.get("max_age"))
    except BadSignature as error:
        return {"refused": type(error).__name__}
    return {"value": describe(value)}


def write_cookie(request):
    return {"header": dump_cookie(request["name"], unquoted(request["value"]))}


def read_cookie(request):
    """Read what a browser would send back for a Set-Cookie header."""
    pair = request["header"].partition(";")[0]
    cookies = parse_cookie(pair)
    return {"value": quoted(cookies[request["name"]])}


def prefixed_env(request):
    """Load environment variables, and return what begins with OWN_."""
    config = flask.Config(".")
    with mock.patch.dict(os.environ, request["value"]):
        config.from_prefixed_env("FLASK")
    return {"value": describe(config.get_namespace("OWN_"))}


def toml_file(request):
    """Load a file, and return what begins with OWN_."""
    config = flask.Config(".")
    config.from_file(request["name"], load=lambda file: tomllib.loads(file.read()))
    return {"value": describe(config.get_namespace("OWN_"))}


COMMANDS = {
    command.__name__: command
    for command in (
        load_cookie,
        sign_cookie,
        generate,
        echo,
        dumps_token,
        loads_token,
        write_cookie,
        read_cookie,
        prefixed_env,
        toml_file,
    )
}


def answer(line):
    request = json.loads(line)
    try:
        return COMMANDS[request["command"]](request)
    except Exception:  # an answer too: the caller decides whether it was expected
        return {"error": traceback.format_exc(limit=-3)}


def main():
    for line in sys.stdin:
        print(json.dumps(answer(line)), flush=True)


if __name__ == "__main__":
    main()
