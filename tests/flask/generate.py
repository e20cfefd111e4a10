"""Random sessions of everything that Flask's cookie can hold."""

import uuid
from datetime import datetime, timezone

from markupsafe import Markup

# The tags of the format, and what it writes to tell a key from a tag.
KEYS_LIKE_TAGS = [" t", " b", " m", " u", " d", " di", " di__", " t__", "__", ""]

TEXTS = ["", "é☃", "𝄞😀", "\x00\x1f\x7f", '"\\/', "<b>&'", "\u2028\u2029", "\ud800", "a" * 700]

FLOATS = [0.0, -0.0, 1e16, 1e15, 1e-5, 0.1, 5e-324, 1.7976931348623157e308, float("nan"), float("inf"), -float("inf")]

CHARACTERS = "abcXYZ 09_.-~<>&\"'\\\t\né☃ß\x00\x1f\x80\ufeff\uffff𝄞😀"

FIRST_SECOND = int(datetime(1000, 1, 1, tzinfo=timezone.utc).timestamp())
LAST_SECOND = int(datetime(9999, 12, 30, tzinfo=timezone.utc).timestamp())


def text(rng):
    if rng.random() < 0.3:
        return rng.choice(TEXTS)
    return "".join(rng.choice(CHARACTERS) for _ in range(rng.randrange(12)))


def key(rng):
    return rng.choice(KEYS_LIKE_TAGS) if rng.random() < 0.25 else text(rng)


def integer(rng):
    return rng.choice([1, -1]) * rng.getrandbits(rng.choice([1, 8, 31, 53, 63, 64, 200]))


def number(rng):
    return rng.choice(FLOATS) if rng.random() < 0.5 else rng.gauss(0, 1) * 10 ** rng.randrange(-30, 30)


def date(rng):
    return datetime.fromtimestamp(rng.randrange(FIRST_SECOND, LAST_SECOND), timezone.utc)


LEAVES = [
    lambda rng: None,
    lambda rng: rng.random() < 0.5,
    integer,
    number,
    text,
    lambda rng: rng.randbytes(rng.randrange(40)),
    lambda rng: Markup(text(rng)),
    lambda rng: uuid.UUID(int=rng.getrandbits(128)),
    date,
]


def mapping(rng, depth, least=0):
    return {key(rng): value(rng, depth) for _ in range(rng.randrange(least, 4))}


def items(rng, depth):
    return [value(rng, depth) for _ in range(rng.randrange(4))]


def value(rng, depth):
    choice = rng.randrange(15 if depth else len(LEAVES))
    if choice < len(LEAVES):
        return LEAVES[choice](rng)
    if choice < 11:
        return items(rng, depth - 1)
    if choice < 13:
        return tuple(items(rng, depth - 1))
    return mapping(rng, depth - 1)


def generate_session(rng):
    return mapping(rng, 4, least=1)
