"""Fails when a module uses one that it may not use.

The table of modules in CONTRIBUTING.md is the rule: a module may use those in the rows above its own, and no other. What a module
uses is read from the package's own description and from the imports in its files. Modules of Base and Core use no package.

The names of targets have to be unique among all packages of a program, so each carries the name SpanKit; the table has the folders.
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
targets = {target["name"]: target for target in description["targets"]}
folders = {
    name: target["path"].removeprefix("Sources/")
    for name, target in targets.items()
    if re.fullmatch(r"Sources/\w+", target["path"])
}

problems = [
    f"Package.swift: {name} may be the name of a target in another package; name it SpanKit{name} or CSpanKit{name}"
    for name, target in targets.items()
    if target["type"] != "test" and not re.match(r"C?SpanKit|spankit|OKRCoach|span-producer", name)
]
problems += [f"CONTRIBUTING.md: `{folder}` is in the table of modules, but not in Package.swift" for folder in rank if folder not in folders.values()]
for name, folder in sorted(folders.items()):
    if folder not in rank:
        problems.append(f"{targets[name]['path']}: {folder} is missing in the table of modules in CONTRIBUTING.md")
        continue
    declared = set(targets[name].get("target_dependencies", [])) & set(folders)
    for other in sorted(declared):
        if rank.get(folders[other], -1) > rank[folder]:
            problems.append(f"Package.swift: {name} uses {other}, which is below it in the table of modules")
    if layer_of[folder] in ("Base", "Core") and (packages := targets[name].get("product_dependencies")):
        problems.append(f"Package.swift: {name} is in layer {layer_of[folder]} and uses a package: {', '.join(packages)}")
    for file in sorted((root / targets[name]["path"]).rglob("*.swift")):
        imports = re.findall(r"^(?:@\w+ )?(?:package |public |internal )?import (?:\w+ )?(\w+)", file.read_text(encoding="utf-8"), re.M)
        for other in sorted((set(imports) & set(folders)) - declared - {name}):
            problems.append(f"{file.relative_to(root)}: imports {other}, which Package.swift does not declare for {name}")

print("\n".join(problems) or f"modules: {len(folders)} in {len(set(layer_of.values()))} layers, each uses only those above it", file=sys.stderr if problems else sys.stdout)
sys.exit(1 if problems else 0)
