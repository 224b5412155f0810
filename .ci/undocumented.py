"""Fails when a public symbol of a symbol graph has no documentation of its own, and names each with its place."""

import json
import sys

missing = []
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        symbols = json.load(file)["symbols"]
    for symbol in symbols:
        # What the compiler made has no place in a file, or is inherited; what an extension is for, its members say.
        is_own = "location" in symbol and "::SYNTHESIZED::" not in symbol["identifier"]["precise"]
        if not is_own or "docComment" in symbol or symbol["kind"]["identifier"] == "swift.extension":
            continue
        place = symbol["location"]["uri"].split("/Sources/")[-1]
        line = symbol["location"]["position"]["line"] + 1
        missing.append(f"Sources/{place}:{line}: {'.'.join(symbol['pathComponents'])} is public and not documented")
for line in missing:
    print(line, file=sys.stderr)
sys.exit(1 if missing else 0)
