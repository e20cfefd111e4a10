"""Writes python.json: numbers that Python prints and reads.  python3 generate.py > python.json"""

import json
import random
import sys

random.seed(13)
cases = []


def case(call, args, function):
    try:
        cases.append({"call": call, "args": args, "want": function()})
    except (ValueError, OverflowError, TypeError) as error:
        cases.append({"call": call, "args": args, "error": type(error).__name__})


FLOATS = ["0.0", "-0.0", "1.0", "-1.5", "0.1", "1e16", "1e15", "123456789.123", "1e-5", "0.0001", "1e22", "1e300", "inf", "-inf", "nan", "2.675",
          "99.995", "0.5", "1.5", "2.5", "1234567.0", "5e-324", "999999.5", "12345.678", "-1234.5"]
INTS = [0, 1, -1, 7, 42, 255, -255, 1000, 1234567, -1234567, 10**20, 65, 0x1F600, 2**63]
for text in FLOATS:
    case("repr", [text], lambda: repr(float(text)))
    for digits in range(-4, 5):
        case("round", [text, digits], lambda: repr(round(float(text), digits)))
for _ in range(900):
    parts = [random.choice(["", "", "*", "é", "0"]), random.choice(["", "<", ">", "^", "="]), random.choice(["", "", "+", "-", " "]), random.choice(["", "", "", "#"]),
             random.choice(["", "", "0"]), random.choice(["", "3", "8", "12", "15"]), random.choice(["", "", ",", "_"]), random.choice(["", "", ".0", ".1", ".2", ".5", ".12"]),
             random.choice(["", "", "d", "f", "e", "g", "%", "x", "X", "b", "o", "s", "c", "n", "E", "F", "G", "q"])]
    if not parts[1]:
        parts[0] = ""
    spec = "".join(parts)
    kind = random.choice(["int", "float", "str"])
    if kind == "int":
        n = random.choice(INTS)
        case("int", [str(n), spec], lambda: format(n, spec))
    elif kind == "float":
        text = random.choice(FLOATS)
        case("float", [text, spec], lambda: format(float(text), spec))
    else:
        text = random.choice(["", "abc", "żółw", "a longer text"])
        case("str", [text, spec], lambda: format(text, spec))
for text in ["1", " 42 ", "-7", "+5", "1_000", "_1", "1_", "1__0", "", " ", "0x1f", "0X_1F", "0b11", "0o17", "ff", "٣٤", "1.5", "1e3", "--1", "+-1", "0", "00", "007", "z", "1 2", "-0x10", "0x", "12abc", "9" * 30]:
    for base in [10, 16, 0, 2, 36, 8]:
        case("parseint", [text, base], lambda: str(int(text, base)))
for text in FLOATS + ["1", " 2.5 ", ".5", "5.", "1e5", "1_0.5", "1._5", "Infinity", "-iNf", "NaN", "+nan", "0x10", "1e999", "1e", "", "abc", "٣.٤", "1p3", "--1", "infinit", "1e1_0"]:
    case("parsefloat", [text], lambda: repr(float(text)))
sys.stdout.write("[" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "]\n")
