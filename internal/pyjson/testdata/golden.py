"""Writes golden.json: what Python's json module answers, for golden_test.go.

Run in this folder: python3 golden.py
"""

import base64
import json
import random
import re
import struct

rng = random.Random(20240229)

SYNTAX = [
    b"", b" ", b"[", b"{", b"[1,]", b'{"a":1,}', b'{"a"', b'{"a":', b'{"a" 1}', b"{1:2}", b"[1 2]", b'["a"',
    b"nul", b"truefalse", b"01", b"-", b"-x", b"1.", b".5", b"1e", b"1e+", b"+1", b"0x10", b"1_000", b"1 2", b"'a'",
    b'"a', b'"a\\', b'"\\x"', b'"\\u12"', b'"\\u123g"', b'"\\u1234', b'"\\ud83d\\u12"', b'"a\nb"', b'"a\x00b"',
    b"\xef\xbb\xbf1", b"\xc2\xa01", b"\x0b1", b"[1]\x00", b"\x00", b"[1]]", b"{}}", b"-Inf", b"-nan", b"nan", b"NaNa",
    b'{"a":1 "b":2}', b'[1,\n2,\n  x]', b'{"\xc3\xa9": x}', b"/* */ 1", b"True", b"undefined",
]
ACCEPTED = [
    b"null", b"true", b"false", b"0", b"-0", b"-0.0", b"1.5e3", b"1E+2", b"1e-7", b"NaN", b"Infinity", b"-Infinity",
    b"1e999", b"-1e999", b"1e-999", b"123456789012345678901234567890", b"9223372036854775807", b"9223372036854775808",
    b"-9223372036854775808", b"-9223372036854775809", b' {"a" : 1 ,\n"b":[ ] } ', b'{"a":1,"a":2}', b'{"":""}',
    b'"\\ud83d\\ude00"', b'"\\ud83d"', b'"\\ude00\\ud83d"', b'"\\ud83dx"', b'"\\ud83d\\ud83d\\ude00"',
    b'"\\u0000\\u001f\\u007f\\u2028\\uFFFF"', b'"\\"\\\\\\/\\b\\f\\n\\r\\t"', b'"\x7f</script>&\'"',
    b'"\xf0\x9f\x98\x80\xc3\xa9"', b'[[],{},[[]],{"a":{}}]', b"[1e16,1e15,1e-4,1e-5,123456.75,5e-324]",
    b'{"b":1,"a":2,"B":3,"_":4,"\xc3\xa9":5,"\xf0\x9f\x98\x80":6,"\xef\xbf\xae":7}',
]


def text():
    letters = ["a", "b", '"', "\\", "/", "\n", "\0", "\x7f", "é", "☃", "😀", "\u2028", "\ud83d", "'", "\xad"]
    return "".join(rng.choice(letters) for _ in range(rng.randint(0, 5)))


def value(depth):
    kind = rng.randrange(8 if depth else 6)
    if kind == 0:
        return rng.choice([None, True, False])
    if kind == 1:
        return rng.randint(-300, 300)
    if kind == 2:
        return rng.randint(-(10**25), 10**25)
    if kind == 3:
        return struct.unpack("d", struct.pack("Q", rng.getrandbits(64)))[0]
    if kind < 6:
        return text()
    if kind == 6:
        return [value(depth - 1) for _ in range(rng.randint(0, 3))]
    return {text(): value(depth - 1) for _ in range(rng.randint(0, 4))}


def ordered(v):
    if isinstance(v, dict):
        return {key: ordered(v[key]) for key in sorted(v)}
    return [ordered(item) for item in v] if isinstance(v, list) else v


def raw(v):
    """The form without ASCII escapes; lone surrogates have no UTF-8 and stay escapes."""
    plain = json.dumps(v, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return re.sub("[\ud800-\udfff]", lambda match: "\\u%04x" % ord(match[0]), plain)


def case(data):
    entry = {"data": base64.b64encode(data).decode()}
    try:
        v = ordered(json.loads(data.decode()))
    except ValueError as error:
        return entry | {"error": str(error)}
    return entry | {
        "compact": json.dumps(v, sort_keys=True, separators=(",", ":")),
        "spaced": json.dumps(v, sort_keys=True),
        "raw": raw(v),
        "indented": json.dumps(v, sort_keys=True, indent=2),
        "repr": repr(v),
    }


documents = SYNTAX + ACCEPTED + [json.dumps(value(3)).encode() for _ in range(80)]
with open("golden.json", "w") as file:
    json.dump([case(data) for data in documents], file, indent=0)
    file.write("\n")
