"""Answers requests for the files of a folder as Flask does.

The folder is the only argument. Each line of the input is a JSON list of
method, path and headers; the answer is a JSON list of status, headers and body.
"""

import json
import sys

from flask import Flask

app = Flask("files", root_path=sys.argv[1])
client = app.test_client()

for line in sys.stdin:
    method, path, headers = json.loads(line)
    response = client.open(path, method=method, headers=headers)
    print(json.dumps([response.status_code, dict(response.headers), response.text]), flush=True)
