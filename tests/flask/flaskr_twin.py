"""The blog of portapps/flaskr with the templates, the style sheet and the schema of the
example in Go: flaskr_twin.py DATABASE PORT [init]"""

import os
import sys

sys.path.insert(0, "portapps")

import flaskr
from flaskr.db import get_db

EXAMPLE = os.path.abspath("../../_examples/flaskr")

app = flaskr.create_app({"SECRET_KEY": os.environ["FLASKR_SECRET_KEY"], "DATABASE": sys.argv[1]})
app.template_folder, app.static_folder = EXAMPLE + "/templates", EXAMPLE + "/static"
if len(sys.argv) > 3:
    with app.app_context(), open(EXAMPLE + "/schema.sql") as schema:
        get_db().executescript(schema.read())
app.run(port=int(sys.argv[2]), threaded=True)
