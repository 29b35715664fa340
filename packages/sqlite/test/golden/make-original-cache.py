"""Writes a cache file as REMem's Python class CacheOpenAI does, and next to it the requests with the answers of the class.

    python3 make-original-cache.py

gpt-4o-mini_cache.sqlite: the file. original-cache.jsonl: rows {profile, request, floats, key, hit, response?, metadata?}.
`profile` is "direct" (the constructor's defaults: seed 0, temperature 0.0) or "config" (from_experiment_config: seed None,
temperature the int 0). `floats` lists, as JSON Pointers, the integral numbers that are floats in Python.
"""

import hashlib
import json
import os
import sqlite3

PROFILES = {"direct": {"seed": 0, "temperature": 0.0}, "config": {"seed": None, "temperature": 0}}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "out", "schema": {"type": "object", "minimum": 1.0}}}

# Answers of the model: (question, response_format, text, finish_reason).
ANSWERS = [
    ("Plain?", None, "The capital of France is Paris.", "stop"),
    ("Nothing?", None, "", "stop"),
    ("Tool?", None, None, "tool_calls"),
    ("NUL?", None, "a\x00b\x00", "stop"),
    ("Astral, 日本?", None, "\ufeff😀 \u2028 café\x85", "stop"),
    ("Cut off?", None, "Once upon a", "length"),
    ("Filtered?", None, "", "content_filter"),
    ("Fence that stays?", None, '```json\n{"a": 1}\n```', "stop"),
    ("JSON?", {"type": "json_object"}, '{"a": 1}', "stop"),
    ("Fenced JSON?", {"type": "json_object"}, '```json\n{\n  "a": "\\u000b"\n}\n```', "stop"),
    ("Fence and odd blanks?", {"type": "json_object"}, '```json\n\x85{"a": 1}\x1c\n```', "stop"),
    ("Broken JSON?", {"type": "json_object"}, "no json at all", "stop"),
    ("Schema?", SCHEMA, '{"a": 1}', "stop"),
    ("Thinking?", None, "<think>\nHm.\n</think>\n\nParis.", "stop"),
    ("Long?", None, "word " * 5_000, "stop"),
]
# Unreadable rows: (question, message, metadata).
UNREADABLE = [
    ("Bare NaN?", "text", '{"prompt": [], "response": "text", "prompt_tokens": NaN}'),
    ("Half written?", "text", '{"prompt": [], "respo'),
    ("No metadata?", "text", None),
    ("A list?", "text", "[]"),
    ("Bytes?", b"\xff\xfe", '{"response": "text"}'),
]


def request_for(question, response_format, profile):
    messages = [{"role": "system", "content": "Answer."}, {"role": "user", "content": question}]
    return {"messages": messages, "model": "gpt-4o-mini", "response_format": response_format, **PROFILES[profile]}


def key_of(request):
    return hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()


def message_of(text, response_format):
    """Returns what the class returns and stores: in JSON mode without the only form of code fence that it knows."""
    json_mode = response_format is not None and response_format["type"] == "json_object"
    if json_mode and text.startswith("```json\n") and text.endswith("```"):
        return text[8:-3].strip()
    return text


def floats_in(node, pointer=""):
    if isinstance(node, dict):
        return [found for name, member in node.items() for found in floats_in(member, f"{pointer}/{name}")]
    if isinstance(node, list):
        return [found for index, item in enumerate(node) for found in floats_in(item, f"{pointer}/{index}")]
    return [pointer] if isinstance(node, float) and node.is_integer() else []


here = os.path.dirname(os.path.abspath(__file__))
path = os.path.join(here, "gpt-4o-mini_cache.sqlite")
if os.path.exists(path):
    os.remove(path)
connection = sqlite3.connect(path)
connection.execute("CREATE TABLE IF NOT EXISTS cache (key TEXT PRIMARY KEY, message TEXT, metadata TEXT)")

with open(os.path.join(here, "original-cache.jsonl"), "w") as requests:

    def put(request, profile, **expected):
        row = {"profile": profile, "request": request, "floats": floats_in(request), "key": key_of(request), **expected}
        print(json.dumps(row), file=requests)

    for profile in PROFILES:
        for number, (question, response_format, text, finish_reason) in enumerate(ANSWERS):
            request = request_for(question, response_format, profile)
            message = message_of(text, response_format)
            metadata = {
                "prompt": request["messages"],
                "response": text,
                "prompt_tokens": 20 + number,
                "completion_tokens": number,
                "finish_reason": finish_reason,
            }
            values = (key_of(request), message, json.dumps(metadata))
            connection.execute("INSERT OR REPLACE INTO cache (key, message, metadata) VALUES (?, ?, ?)", values)
            put(request, profile, hit=True, response=message or "", metadata=metadata)
        for question, message, metadata in UNREADABLE:
            request = request_for(question, None, profile)
            values = (key_of(request), message, metadata)
            connection.execute("INSERT OR REPLACE INTO cache (key, message, metadata) VALUES (?, ?, ?)", values)
            put(request, profile, hit=False)
        put(request_for("Never asked?", None, profile), profile, hit=False)

connection.commit()
connection.close()
