"""Writes python.json: date-times with what Python prints for them, in the C locale on Linux.

Run it as  TZ=UTC python3 generate.py > python.json
"""

import datetime
import json
import random
import sys

random.seed(13)
LAYOUTS = ["%" + flag + width + verb for flag in ["", "-", "_", "0", "^", "#"] for width in ["", "7"]
           for verb in "aAbBcCdDeFgGhHIjklmMnpPrRStTuUVwWxXyYzZ%"]
LAYOUTS = [layout for layout in LAYOUTS if layout[1:] not in {"_7n"}]
LAYOUTS += ["%f", "%s", "%Q", "a%", "", "%Y-%m-%dT%H:%M:%S.%fZ", "%Ey", "%Od", "%ED", "%E", "%d.%m.%Y, 100 %%", "é %A %Ö", "%3f", "%^#a", "%-", "%L"]
zones = [None, datetime.timezone.utc, datetime.timezone(datetime.timedelta(hours=-3, minutes=-30)),
         datetime.timezone(datetime.timedelta(hours=2, seconds=7))]
cases = []
for i in range(60):
    zone = zones[i % len(zones)]
    when = datetime.datetime(random.choice([1999, 2000, 2024, 2026, 999, 1]), random.randrange(1, 13), random.choice([1, 2, 3, 28, random.randrange(1, 29)]),
                             random.randrange(24), random.randrange(60), random.randrange(60), random.choice([0, 5, 120000, 999999]), zone)
    case = {"fields": [when.year, when.month, when.day, when.hour, when.minute, when.second, when.microsecond],
            "offset": None if zone is None else int(when.utcoffset().total_seconds()), "str": str(when), "date": str(when.date()), "formats": {}, "iso": {}}
    for layout in LAYOUTS if i < 4 else random.sample(LAYOUTS, 40):
        if zone is None or not layout.endswith("s"):  # Python forgets the zone in %s
            case["formats"][layout] = when.strftime(layout)
    for spec in ["auto", "hours", "minutes", "seconds", "milliseconds", "microseconds"]:
        case["iso"][spec] = when.isoformat("T", spec)
    cases.append(case)
json.dump(cases, sys.stdout, separators=(",", ":"))
