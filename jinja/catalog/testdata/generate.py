"""Writes python.json: the plural forms that Python's gettext chooses, and the languages that Werkzeug chooses.

Run it with an interpreter that has werkzeug 3.1:  python3 generate.py > python.json
The .mo files are compiled with msgfmt.
"""

import gettext
import json
import random
import sys

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

random.seed(13)
RULES = ["0", "n != 1", "n>1", "n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2",
         "(n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2)", "n==1?0:n==2?1:n<7?2:n<11?3:4", "!n", "!(n%2)", "!!n",
         "n%100==1 ? 1 : n%100==2 ? 2 : n%100==3 || n%100==4 ? 3 : 0", "n-1-1", "n*2+1", "2+n*2", "n/3", "n%3-1",
         "n==0 || n==1", "n && n", "n<5 == n>2", "(n)", "10/n", "1?2:3?4:5", "n==1 ? n==1 ? 3 : 4 : 5", "1||0&&0", "!n==0"]
BAD = ["", "n n", "n+", "(n", "n)", "m", "n = 1", "n ? 1", "n ? 1 :", "1 2", "n & 1", "n | 1", "n !", "'n'", "n;1", "()", "99999999999999999999", "n**2", "-n"]
rules = []
for rule in RULES:
    plural, values = gettext.c2py(rule), []
    for n in range(-3, 120):
        try:
            values.append(int(plural(n)))
        except ZeroDivisionError:
            values.append(None)
    rules.append({"rule": rule, "from": -3, "want": values})
for rule in BAD:
    rules.append({"rule": rule})

HEADERS = ["de", "en;q=0.8", "de-AT;q=0.9", "pt", "pt-br;q=0.7", "*;q=0.1", "*", "de;q=0", "fr", "PL", "zh-Hans-CN", "zh", "en-US,en", "pt-PT;q=0.4", "de;q=2", "x;q=a", "pl;q=0.8"]
choices = []
for _ in range(250):
    header = random.choice([",", ", "]).join(random.sample(HEADERS, random.randrange(0, 5)))
    also = random.choice([[], ["en"], ["en", "zh_Hans_CN"], ["zh_CN"]])
    accept = parse_accept_header(header, LanguageAccept)
    choices.append({"header": header, "also": also, "want": accept.best_match(["de", "pl", "pt_BR"] + also) or ""})
json.dump({"rules": rules, "choices": choices}, sys.stdout, separators=(",", ":"))
