"""Writes python-keys.jsonl: requests, and the text and key that REMem's Python class makes of them.

    python3 make-python-keys.py > python-keys.jsonl

A row is {request, floats, canonical, key, refused?}. `floats` lists, as JSON Pointers, the integral numbers that are
floats in Python. `refused` maps pointers to numbers that JavaScript has no exact number for: big ints, NaN, infinities.
"""

import hashlib
import json
import math
import random

random.seed(20261123)

STRINGS = [
    "", "What is the capital of France?", "naïve café", "e\u0301 is not \u00e9", "日本語", "😀 astral", "\x00\x01\x1f\x7f\x80",
    "tab\tline\nreturn\rbreak\u2028\u2029", "quote \" slash / backslash \\", "lone \ud83d high", "lone \udc00 low", "\ufeffBOM", "\b\f",
]
NAMES = ["b", "a", "10", "9", "", "__proto__", "constructor", "\uffff", "😀", "é", "A", "a/b", "m~n", "𐀀x", "\ue000"]
NUMBERS = [
    0, 1, -1, 7, 2**31, 2**53 - 1, -(2**53 - 1), 0.0, -0.0, 1.0, -3.0, 0.1, 0.5, 1e-4, 1e-5, 1e-7, 5e-324, 1.5e300, 1e15, 1e16, 1e17,
    123456789.125, 1e20, 1e21, 1e22, 0.30000000000000004, 1.7976931348623157e308,
]
REFUSED = [2**53 + 1, 2**64, -(10**30), math.nan, math.inf, -math.inf]


def value(depth):
    kind = random.random()
    if depth > 0 and kind < 0.25:
        return {name: value(depth - 1) for name in random.sample(NAMES, random.randint(0, 5))}
    if depth > 0 and kind < 0.45:
        return [value(depth - 1) for _ in range(random.randint(0, 4))]
    return random.choice([random.choice(STRINGS), random.choice(NUMBERS), random.choice(NUMBERS), None, True, False])


def request(**changes):
    return {
        "messages": [{"role": "user", "content": "Hi"}],
        "model": "gpt-4o-mini",
        "seed": 0,
        "temperature": 0.0,
        "response_format": None,
        **changes,
    }


def requests():
    yield request()
    yield request(seed=None, temperature=0)
    yield dict(reversed(request().items()))
    yield request(response_format={"type": "json_object"})
    yield request(messages=[])
    for text in STRINGS:
        yield request(messages=[{"role": "user", "content": text}])
    for number in NUMBERS:
        yield request(temperature=number)
        yield request(seed=number)
    for number in REFUSED:
        yield request(seed=number)
    for _ in range(80):
        roles = random.choices(["system", "user", "assistant"], k=random.randint(1, 3))
        schema = value(4)
        yield request(
            messages=[{"role": role, "content": random.choice(STRINGS), **({"x": value(2)} if random.random() < 0.3 else {})} for role in roles],
            temperature=random.choice([0, 0.0, 0.7, 1, 1.0, None]),
            response_format={"type": "json_schema", "json_schema": schema} if random.random() < 0.8 else None,
        )


def walk(node, pointer, floats, refused):
    """The plain copy that goes into the row, and the pointers of what JSON or JavaScript cannot say about it."""
    if isinstance(node, dict):
        return {k: walk(v, f"{pointer}/{k.replace('~', '~0').replace('/', '~1')}", floats, refused) for k, v in node.items()}
    if isinstance(node, list):
        return [walk(v, f"{pointer}/{i}", floats, refused) for i, v in enumerate(node)]
    if isinstance(node, float) and not math.isfinite(node) or isinstance(node, int) and abs(node) > 2**53 - 1:
        refused[pointer] = str(node)
        return None
    if isinstance(node, float) and node.is_integer():
        floats.append(pointer)
    return node


for made in requests():
    canonical = json.dumps(made, sort_keys=True, default=str)
    floats, refused = [], {}
    row = {"request": walk(made, "", floats, refused), "floats": floats, "canonical": canonical}
    row["key"] = hashlib.sha256(canonical.encode()).hexdigest()
    print(json.dumps({**row, **({"refused": refused} if refused else {})}))
