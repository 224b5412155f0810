"""Runs statements in chDB for `spankit sql`: {"folder": …, "statements": [{"sql": …, "parameters": {…}}]} on standard input.

Writes the rows of the last statement to standard output. Exit status: 3 if chDB is not installed, 1 if a statement fails.
"""
import json
import sys

try:
    from chdb import session
except ImportError:
    sys.exit(3)

request = json.load(sys.stdin)
database = session.Session(request["folder"])
answer = b""
for statement in request["statements"]:
    try:
        answer = database.query(statement["sql"], "JSONCompact", params=statement["parameters"]).bytes()
    except Exception as error:
        sys.exit(str(error))
sys.stdout.buffer.write(answer or b"")
