"""Checks which modules each module uses.

The table of modules in CONTRIBUTING.md is the rule: a module may use only the modules in the rows above its own. What a module uses is
read from the package description and from the imports in its files. Modules of the layers Base and Core must not use packages.

The files that CONTRIBUTING.md names exist. Target names must be unique among all packages of a program, so each has the prefix SpanKit. The table lists the folders.
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
# SwiftPM may print progress before the JSON.
description = json.loads(described.stdout[described.stdout.index(b"{") :])
targets = {target["name"]: target for target in description["targets"]}
folders = {
    name: target["path"].removeprefix("Sources/")
    for name, target in targets.items()
    if re.fullmatch(r"Sources/\w+", target["path"])
}

problems = [
    f"Package.swift: another package may have a target named {name}; rename it to SpanKit{name} or CSpanKit{name}"
    for name, target in targets.items()
    if target["type"] != "test" and not re.match(r"C?SpanKit|spankit|OKRCoach|span-producer", name)
]
problems += [f"CONTRIBUTING.md: the table of modules lists `{folder}`, but Package.swift has no target with this folder" for folder in rank if folder not in folders.values()]
for name, folder in sorted(folders.items()):
    if folder not in rank:
        problems.append(f"{targets[name]['path']}: add {folder} to the table of modules in CONTRIBUTING.md")
        continue
    declared = set(targets[name].get("target_dependencies", [])) & set(folders)
    for other in sorted(declared):
        if rank.get(folders[other], -1) > rank[folder]:
            problems.append(f"Package.swift: {name} must not use {other}, which is below it in the table of modules in CONTRIBUTING.md")
    if layer_of[folder] in ("Base", "Core") and (packages := targets[name].get("product_dependencies")):
        problems.append(f"Package.swift: {name} is in layer {layer_of[folder]}, which must not use packages; remove {', '.join(packages)}")
    for file in sorted((root / targets[name]["path"]).rglob("*.swift")):
        imports = re.findall(r"^(?:@\w+ )?(?:package |public |internal )?import (?:\w+ )?(\w+)", file.read_text(encoding="utf-8"), re.M)
        for other in sorted((set(imports) & set(folders)) - declared - {name}):
            problems.append(f"{file.relative_to(root)}: imports {other}; add it to the dependencies of {name} in Package.swift")

guide = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
files = [f"/{file.relative_to(root)}" for folder in ("Sources", "Tests") for file in (root / folder).rglob("*.*")]
for path in sorted(set(re.findall(r"`([\w+/]+\.(?:swift|c|h))`", guide))):
    if not any(file.endswith(f"/{path}") for file in files):
        problems.append(f"CONTRIBUTING.md: there is no file {path}")

print("\n".join(problems) or f"{len(folders)} modules in {len(set(layer_of.values()))} layers: each module uses only modules above it", file=sys.stderr if problems else sys.stdout)
sys.exit(1 if problems else 0)
