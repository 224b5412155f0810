"""Fails when a module knows one that it may not know.

The table of modules in CONTRIBUTING.md is the rule: a module may use those in the rows above its own, and no other. What a module
uses is read from the package's own description and from the imports in its files. Modules of Base and Core use no package.
"""

import json
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
row = re.compile(r"^\| (\w*) *\| `(\w+)`")

rank, layer_of, layer = {}, {}, ""
for line in (root / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines():
    if match := row.match(line):
        layer = match[1] or layer
        rank[match[2]] = len(rank)
        layer_of[match[2]] = layer

command = ["swift", "package", "--enable-all-traits", "describe", "--type", "json"]
described = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, check=True)
# The package manager may print what it does before the JSON.
description = json.loads(described.stdout[described.stdout.index(b"{") :])
targets = {target["name"]: target for target in description["targets"] if target["path"].startswith("Sources/")}
modules = {name for name in targets if not targets[name]["path"].startswith("Sources/Traits/")}

problems = [f"CONTRIBUTING.md: `{name}` is in the table of modules, but not in Package.swift" for name in rank if name not in modules]
for name in sorted(modules):
    if name not in rank:
        problems.append(f"{targets[name]['path']}: {name} is missing in the table of modules in CONTRIBUTING.md")
        continue
    declared = set(targets[name].get("target_dependencies", [])) & modules
    for other in sorted(declared, key=lambda other: rank.get(other, 0)):
        if rank.get(other, -1) > rank[name]:
            problems.append(f"Package.swift: {name} uses {other}, which is below it in the table of modules")
    if layer_of[name] in ("Base", "Core") and (packages := targets[name].get("product_dependencies")):
        problems.append(f"Package.swift: {name} is in layer {layer_of[name]} and uses a package: {', '.join(packages)}")
    for file in sorted((root / targets[name]["path"]).rglob("*.swift")):
        imports = re.findall(r"^(?:@\w+ )?(?:package |public |internal )?import (?:\w+ )?(\w+)", file.read_text(encoding="utf-8"), re.M)
        for other in sorted((set(imports) & modules) - declared - {name}):
            problems.append(f"{file.relative_to(root)}: imports {other}, which Package.swift does not declare for {name}")

print("\n".join(problems) or f"modules: {len(modules)} in {len(set(layer_of.values()))} layers, each uses only those above it", file=sys.stderr if problems else sys.stdout)
sys.exit(1 if problems else 0)
