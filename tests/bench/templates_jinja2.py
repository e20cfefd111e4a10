"""Jinja2's side of the template benchmarks: one request {"name", "n"} per line in,
the nanoseconds of n renderings and the page out."""

import json
import sys
import time

import jinja2


def url_for(endpoint, value):
    return f"/{endpoint}/{value}"


environment = jinja2.Environment(loader=jinja2.FileSystemLoader("templates"), autoescape=True)
environment.globals["url_for"] = url_for
variables = json.loads(sys.stdin.readline())
for line in sys.stdin:
    question = json.loads(line)
    template = environment.get_template(question["name"])
    page = template.render(variables)
    start = time.perf_counter_ns()
    for _ in range(question["n"]):
        template.render(variables)
    print(json.dumps([time.perf_counter_ns() - start, page]), flush=True)
