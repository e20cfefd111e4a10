"""Werkzeug's side of the routing comparison: one set of rules with its requests
and builds per line in, what became of each per line out, until the input ends.

An outcome is [status, text]: the text is the endpoint and the typed view
arguments of a match, the methods of an Allow header, or the path of a redirect.
"""

import json
import sys
from urllib.parse import unquote

from judge import build, describe
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule, ValidationError
from werkzeug.routing.converters import IntegerConverter

HOST = "http://localhost"


class BoundedInteger(IntegerConverter):
    """A deliberate difference: Decant's int has 64 bits, and a number that it
    cannot hold is one that the converter refuses."""

    def to_python(self, value):
        number = super().to_python(value)
        if not -(2**63) <= number < 2**63:
            raise ValidationError()
        return number


def values_of(typed_values):
    return {name: build(value) for name, value in typed_values or []}


def rule_of(given):
    """Make a rule as Flask's add_url_rule does."""
    methods = set(given["methods"] or ["GET"])
    automatic = "OPTIONS" not in methods
    rule = Rule(
        given["text"],
        endpoint=given["endpoint"],
        methods=methods | {"OPTIONS"},
        defaults=values_of(given["defaults"]) or None,
        strict_slashes=given["strict"],
        merge_slashes=given["merge"],
    )
    rule.provide_automatic_options = automatic
    return rule


def allowed(methods):
    return ",".join(sorted(set(methods)))


def view(endpoint, arguments):
    return endpoint + " " + json.dumps(describe(arguments), separators=(",", ":"))


def match(adapter, method, path):
    """Dispatch a request as Flask does, automatic OPTIONS included."""
    try:
        rule, arguments = adapter.match(path, method, return_rule=True)
    except RequestRedirect as redirect:
        # A deliberate difference: Decant's redirect is relative to the host.
        return [redirect.code, redirect.new_url.removeprefix(HOST)]
    except MethodNotAllowed as refusal:
        return [405, allowed(refusal.valid_methods)]
    except NotFound:
        return [404, ""]
    if method == "OPTIONS" and rule.provide_automatic_options:
        return [200, allowed(adapter.allowed_methods(path))]
    return [200, view(rule.endpoint, arguments)]


def build_url(adapter, wanted):
    """Build a URL and follow it; without a URL the outcome is the exception."""
    method = wanted["method"] or None
    try:
        url = adapter.build(wanted["endpoint"], values_of(wanted["values"]), method)
    except (LookupError, ValueError, TypeError, HTTPException) as error:
        suggested = getattr(error, "suggested", None)  # that of a BuildError
        return {
            "url": "",
            "refused": type(error).__name__,
            "suggested": suggested.endpoint if suggested else "",
            "outcome": None,
        }
    path = unquote(url.partition("?")[0])
    return {"url": url, "refused": "", "outcome": match(adapter, method or "GET", path)}


def answer(batch):
    url_map = Map(
        [rule_of(given) for given in batch["rules"]],
        converters={"int": BoundedInteger},
        host_matching=False,
    )
    adapter = url_map.bind("localhost", url_scheme="http")
    return {
        "outcomes": [match(adapter, method, unquote(target)) for method, target in batch["requests"]],
        "urls": [build_url(adapter, wanted) for wanted in batch["builds"]],
    }


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
