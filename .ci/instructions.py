#!/usr/bin/env python3
"""Counts the instructions of the hot paths with callgrind, and compares them with Benchmarks/instructions.json.

    .ci/instructions.py            compare: an error if a path needs 3 % more or fewer instructions than stored
    .ci/instructions.py renew      store the current counts

Unlike times, counts hardly differ between runs. They depend on the compiler, the architecture and the instructions that the
processor has. The file names the first two. With another compiler or architecture, nothing is compared, and in CI (environment variable CI) that is an error. `make instructions` and
`make instruction-baseline` build the program, Benchmarks/HotPaths, and run this script.
"""
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parent.parent
baseline = root / "Benchmarks/instructions.json"
tolerance = 0.03
product = "spankit-hot-paths"


def output(*command):
    return subprocess.run(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=True).stdout


def skip(reason):
    print(f"spankit: instructions are not counted: {reason}", file=sys.stderr)
    sys.exit(1 if os.environ.get("CI") else 0)


def count(program, path, symbol, folder):
    """The instructions of one operation of a path."""
    file = folder / "callgrind.out"
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={file}", "--collect-atstart=no", "--demangle=no"]
    environment = dict(os.environ, SWIFT_DETERMINISTIC_HASHING="1")
    run = subprocess.run(
        command + [f"--toggle-collect={symbol}", program, path], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    totals = re.findall(r"^(?:totals|summary): (\d+)", file.read_text(), re.M) if file.exists() else []
    if run.returncode != 0 or not totals or int(totals[-1]) == 0:
        sys.exit(f"spankit: callgrind did not count '{path}' (status {run.returncode}):\n{run.stderr}")
    return round(int(totals[-1]) / int(run.stdout.split()[-1]), 1)


for tool, package in [("valgrind", "valgrind"), ("objcopy", "binutils")]:
    if not shutil.which(tool):
        skip(f"{tool} is not installed; on Debian run: sudo apt-get install -y {package}")
compiler = re.search(r"Swift version (\S+)", output("swift", "--version"))[1]
stored = {"counts": {}} | (json.loads(baseline.read_text()) if baseline.exists() else {})
renews = sys.argv[1:] == ["renew"]
if not renews and (stored.get("swift"), stored.get("machine")) != (compiler, platform.machine()):
    skip(
        f"{baseline.relative_to(root)} is for Swift {stored.get('swift')} on {stored.get('machine')}, and this is Swift {compiler} on "
        f"{platform.machine()}; to renew it: make instruction-baseline"
    )

built = root / ".build/release" / product
if not built.exists():
    sys.exit(f"spankit: {built} does not exist; run make instructions, which builds it")
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    # valgrind does not read the debugging information of Swift.
    program = folder / product
    output("objcopy", "--strip-debug", str(built), str(program))
    # The start of the mangled names of `measured` and of its specializations.
    symbol = "$s17spankit_hot_paths8measured*"
    paths = output(str(program)).splitlines()
    counts = {path: count(str(program), path, symbol, folder) for path in paths}

changed = []
print(f"{'instructions of one operation':<62}{'stored':>12}{'now':>12}{'change':>10}")
for path in sorted(counts.keys() | stored["counts"].keys(), key=lambda path: (paths + [path]).index(path)):
    before, now = stored["counts"].get(path), counts.get(path)
    change = (now / before - 1) * 100 if before and now else None
    if change is None or abs(change) > tolerance * 100:
        changed.append(path)
    cells = ("–" if before is None else f"{before:,.1f}", "–" if now is None else f"{now:,.1f}")
    print(f"{path:<62}{cells[0]:>12}{cells[1]:>12}{'–' if change is None else f'{change:+.1f} %':>10}")

if renews:
    baseline.write_text(json.dumps({"swift": compiler, "machine": platform.machine(), "counts": counts}, indent=2) + "\n")
    print(f"wrote {baseline.relative_to(root)}")
elif changed:
    print(
        f"spankit: changed by more than {tolerance:.0%}: {'; '.join(changed)}. If that is intended, run make instruction-baseline, and say in "
        f"the commit what changed.",
        file=sys.stderr,
    )
    sys.exit(1)
