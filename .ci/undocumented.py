"""Lists the public symbols of symbol graphs that have no doc comment, with file and line. Fails if there are any."""

import json
import sys

missing = []
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        symbols = json.load(file)["symbols"]
    for symbol in symbols:
        # Symbols that the compiler made have no location or are inherited. An extension is documented by its members.
        is_own = "location" in symbol and "::SYNTHESIZED::" not in symbol["identifier"]["precise"]
        if not is_own or "docComment" in symbol or symbol["kind"]["identifier"] == "swift.extension":
            continue
        place = symbol["location"]["uri"].split("/Sources/")[-1]
        line = symbol["location"]["position"]["line"] + 1
        missing.append(f"Sources/{place}:{line}: {'.'.join(symbol['pathComponents'])} is public and has no doc comment")
for line in missing:
    print(line, file=sys.stderr)
sys.exit(1 if missing else 0)
