"""Writes cases.json: what python-dotenv reads of .env files, some chosen and some random."""

import io
import json
import logging
import os
import random
import sys

import dotenv

logging.disable()
ENVIRONMENT = {"HOME": "/home/ann", "EMPTY": "", "PORT": "80"}
CHOSEN = [
    "", "\n", "# nothing", "A=1", "A=1\nB=2\n", "A=1\r\nB=2\r\n", "A=1\rB=2", "export A=1", "export\tA=1", "exportA=1",
    "A", "A=", "A =1", "A= 1", " A = 1 # one", "A=1#one", "A=1 #one", "A='1 # one' # two", "A=\"x\\ny\"", "A='x\\ny'",
    "A='it\\'s'", "A=\"say \\\"hi\\\"\"", "A=\"two\nlines\"\nB=1", "A='open\nB=2", "A=\"open\nB=2", "'A B'=1", "A.B=1", "1A=1",
    "A=$HOME", "A=${HOME}", "A=${HOME}/x", "A='${HOME}'", "A=\"${HOME}\"", "A=${NONE}", "A=${NONE:-x}", "A=${EMPTY:-x}", "A=${A:-x}",
    "A=1\nB=${A}\nA=2\nC=${A}", "A\nB=${A:-x}", "A=1\nA\nB=${A}", "PORT=1\nB=${PORT}", "A=pa$$word", "A=a=b", "A==", "=1", "A:1",
    "A=\"x\" y", "A='x'y", "A=x'y'", "A=\"\\u00e9\"", "A=é", "É=1", "A=\u00a01", "A=1\u00a0#x", "A=\\n", "A='\\\\'", "A=\"\\\\\"", "A='a\\'",
    "a b=1\nC=1", "A=1\n\n\n?=2", "-A=1", "A=\"\\t\\a\\b\\f\\v\\r\\q\"", "A=${X:Y}", "A=${HOME", "A=${}", "A=${:-x}", "A=\ufeff", "\ufeffA=1", "A=1;B=2",
]
PIECES = ["A", "B", "=", "=", "=", "\n", "\n", " ", "'", '"', "\\", "#", "$", "${A}", "${B:-x}", "${HOME}", "export ", "x", "1", "\r", "\t", "é", ":", "{", "}", "n"]


def case(text):
    unreadable = sum(b.error for b in dotenv.parser.parse_stream(io.StringIO(text, newline="")))
    values = dotenv.dotenv_values(stream=io.StringIO(text, newline=""))
    return {"text": text, "values": values, "unreadable": unreadable}


os.environ.clear()
os.environ.update(ENVIRONMENT)
choose = random.Random(7)
texts = CHOSEN + ["".join(choose.choices(PIECES, k=choose.randrange(1, 25))) for _ in range(600)]
json.dump({"environment": ENVIRONMENT, "cases": [case(text) for text in texts]}, sys.stdout, indent=0)
