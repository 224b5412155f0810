#!/usr/bin/env python3
"""Compiles every Swift snippet of README, docs, DocC catalogs and doc comments, and runs the commands that the pages show.

    .ci/snippets.py [compile] [run] [readme] [tests]      default: all four

A ```swift block is compiled by itself, in a package with all products of SpanKit:
- Imports come first. A block without imports gets all of SpanKit's products, swift-log, swift-metrics, swift-distributed-tracing and
  swift-service-lifecycle.
- The rest is the body of an async throwing function. A block with an `extension`, `@main`, `@Test` or `@Suite` at the start of a line
  is compiled at file scope.
- Names that a block uses without defining them are declared in .ci/snippets/*.swift.
- A block that begins with `// swift-tools-version` is a manifest. The blocks after it whose first line is `// Sources/….swift` are
  the files of its package. README's packages are built and run, and packages with a file in Tests/ are tested; manifests elsewhere are
  parsed.
- A block that begins with `.package(` or `.product(` is a list of dependencies in a manifest, which is parsed.
- ```swift no-compile is left out, and counted.

A ```console block shows commands after `$ ` and their output. Its commands run in docs/samples if all of them begin with `spankit` (after
variables such as `NO_COLOR=1`). The
output has to be the same; a line `…` stands for any number of lines, and a block without output only has to succeed.
```console no-run is left out, and counted.
"""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

root = pathlib.Path(__file__).resolve().parent.parent
output = root / ".build-snippets"
# Shared with the examples: the packages are compiled once.
scratch = root / ".build-examples"
url = re.compile(r'\.package\(\s*url: "[^"]*SpanKit[^"]*",\s*from: "[^"]*"')
problems = []


class Block:
    def __init__(self, path, line, kind, text):
        self.path, self.line, self.text = path, line, text
        self.language, _, self.note = kind.partition(" ")
        self.place = f"{path.relative_to(root)}:{line}"
        self.first = text.split("\n", 1)[0]

    @property
    def is_manifest(self):
        return self.first.startswith("// swift-tools-version")

    @property
    def file(self):
        match = re.fullmatch(r"// ((?:Sources|Tests)/\S+\.swift)", self.first)
        return match.group(1) if match else None


def blocks(path):
    """All fenced blocks of a page, or of the doc comments of a Swift file."""
    is_swift = path.suffix == ".swift"
    kind = None
    for number, line in enumerate(path.read_text().split("\n"), 1):
        if is_swift:
            comment = re.match(r"\s*/// ?(.*)", line)
            if not comment:
                kind = None
                continue
            line = comment.group(1)
        fence = re.match(r"(\s*)```(.*)", line)
        if fence and kind is None:
            kind, start, indent, lines = fence.group(2).strip(), number + 1, fence.group(1), []
        elif fence:
            yield Block(path, start, kind, "\n".join(lines))
            kind = None
        elif kind is not None:
            lines.append(line.removeprefix(indent))


def pages():
    yield root / "README.md"
    yield from sorted((root / "docs").glob("*.md"))
    yield from sorted((root / "collector-config").rglob("*.md"))
    yield from sorted((root / "Sources").rglob("*.docc/*.md"))


def sources():
    yield from sorted((root / "Sources").rglob("*.swift"))


def fail(place, text):
    problems.append(f"{place}: {text}")


def local(manifest):
    """The manifest with this checkout in place of the released version."""
    return url.sub(f'.package(name: "SpanKit", path: "{root}"', manifest)


def parse_manifest(block, number):
    folder = output / "manifests" / str(number)
    folder.mkdir(parents=True)
    text = local(block.text)
    if not block.is_manifest:
        kind = "Package" if text.startswith(".package") else "Target"
        text = f"import PackageDescription\nlet list: [{kind}.Dependency] = [\n{text}\n]\nlet package = Package(name: \"x\")"
        text = "// swift-tools-version: 6.2\n" + text
    (folder / "Package.swift").write_text(text)
    result = subprocess.run(["swift", "package", "dump-package"], cwd=folder, capture_output=True, text=True)
    if result.returncode:
        fail(block.place, "is not a manifest: " + result.stderr.strip().split("\n")[0])


def source(block):
    lines = block.text.split("\n")
    imports = [line for line in lines if re.match(r"(@\S+ )?import ", line)]
    body = "\n".join("" if line in imports else line for line in lines)
    names = imports or ["import " + name for name in (
        "SpanKit", "SpanKitServer", "SpanKitGenAI", "SpanKitInputs", "SpanKitConfigurationFile", "SpanKitTesting", "Logging", "Metrics", "ServiceLifecycle", "Tracing")]
    location = f'#sourceLocation(file: "{block.path}", line: {block.line})\n'
    if re.search(r"^(extension|@main|@Test|@Suite|public|package) ?", body, re.M):
        return "\n".join(names) + "\n" + location + body + "\n"
    name = re.sub(r"\W", "_", block.place)
    return "\n".join(names) + f"\nfunc {name}() async throws {{\n{location}{body}\n#sourceLocation()\n}}\n"


def compile_snippets():
    folder = output / "Sources" / "Snippets"
    folder.mkdir(parents=True)
    count = left_out = 0
    for path in [*pages(), *sources()]:
        for block in blocks(path):
            if block.language != "swift":
                continue
            if block.note == "no-compile":
                left_out += 1
                continue
            count += 1
            if block.is_manifest or re.match(r"\.(package|product)\(", block.text):
                parse_manifest(block, count)
            elif block.file is None:
                (folder / (re.sub(r"\W", "_", block.place) + ".swift")).write_text(source(block))
    for prelude in sorted((root / ".ci" / "snippets").glob("*.swift")):
        shutil.copy(prelude, folder)
    shutil.copy(root / ".ci" / "snippets" / "Package.swift.txt", output / "Package.swift")
    result = subprocess.run(
        ["swift", "build", "--scratch-path", scratch, "-Xswiftc", "-suppress-warnings"], cwd=output, capture_output=True, text=True)
    if result.returncode:
        errors = sorted(set(re.findall(r"^(/\S+?:\d+):\d+: error: (.*)$", result.stdout + result.stderr, re.M)))
        for place, text in errors:
            fail(pathlib.Path(place.replace(str(root) + "/", "")), text)
        if not errors:
            fail("snippets", (result.stdout + result.stderr)[-2_000:])
    print(f"{count} Swift snippets compiled, {left_out} left out")


def matches(expected, actual):
    """Whether the lines are the same; `…` alone in a line stands for any number of lines."""
    if not expected:
        return not actual
    if expected[0].strip() == "…":
        return any(matches(expected[1:], actual[index:]) for index in range(len(actual) + 1))
    return bool(actual) and expected[0].rstrip() == actual[0].rstrip() and matches(expected[1:], actual[1:])


def commands(block):
    """Commands with the output shown below each."""
    found = []
    for line in block.text.split("\n"):
        if line.startswith("$ "):
            found.append((line[2:].split("  #")[0].strip(), []))
        elif found:
            found[-1][1].append(line)
    return [(command, lines) for command, lines in found]


def run_commands():
    spankit = root / ".build" / "debug" / "spankit"
    if not spankit.exists():
        sys.exit("spankit: .build/debug/spankit is missing; run: swift build --enable-all-traits")
    environment = {"PATH": f"{spankit.parent}:{os.environ['PATH']}", "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    count = left_out = 0
    samples = output / "samples"
    shutil.copytree(root / "docs" / "samples", samples)
    for path in pages():
        for block in blocks(path):
            if block.language != "console":
                continue
            shown = commands(block)
            if block.note == "no-run" or not all(re.match(r"([A-Z_]+=\S+ )*spankit ", command) for command, _ in shown):
                left_out += len(shown)
                continue
            for command, expected in shown:
                if "| jq " in command and not shutil.which("jq") and not os.environ.get("CI"):
                    print(f"{block.place}: left out, because jq is not installed")
                    left_out += 1
                    continue
                count += 1
                result = subprocess.run(command, shell=True, cwd=samples, env=environment, capture_output=True, text=True, timeout=60)
                expected = "\n".join(expected).strip("\n").split("\n")
                actual = (result.stdout + result.stderr).strip("\n").split("\n")
                if expected == [""]:
                    if result.returncode:
                        fail(block.place, f"`{command}` exits with {result.returncode}: {actual[0]}")
                elif not matches(expected, actual):
                    fail(block.place, f"`{command}` prints something else:\n" + "\n".join(actual))
    print(f"{count} commands run, {left_out} left out")


def packages(path):
    """The packages of a page: a manifest, the files after it, and the console block after those."""
    found = []
    for block in blocks(path):
        if block.is_manifest:
            found.append({"manifest": block, "files": [], "console": None})
        elif block.file and found:
            found[-1]["files"].append(block)
        elif block.language == "console" and found and found[-1]["console"] is None:
            found[-1]["console"] = block
    return found


def shape(text):
    """Output without what differs from run to run: times, shares, bars, widths, and the order of rows."""
    text = re.sub(r"[█▏▎▍▌▋▊▉]+", "", text)
    text = re.sub(r"[−<]?\d[\d.,:]*( (ns|µs|ms|s|%))?", "N", text)
    return sorted(re.sub(r"[ ─]+", " ", line).strip() for line in text.strip().split("\n"))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def run_package(package, number):
    folder = output / f"readme-{number}"
    folder.mkdir(parents=True)
    manifest, console = package["manifest"], package["console"]
    (folder / "Package.swift").write_text(local(manifest.text))
    port = str(free_port())
    for block in package["files"]:
        file = folder / block.file
        file.parent.mkdir(parents=True)
        file.write_text(block.text.replace("8080", port))
    name = re.search(r'name: "(\S+)"', manifest.text).group(1)
    result = subprocess.run(["swift", "build", "--scratch-path", scratch], cwd=folder, capture_output=True, text=True)
    log = result.stdout + result.stderr
    if result.returncode or re.search(rf"{re.escape(str(folder))}\S* warning: ", log):
        lines = [line for line in log.split("\n") if "error:" in line or str(folder) in line and "warning:" in line]
        return fail(manifest.place, "does not build without a warning: " + "\n".join(lines[:5] or log.split("\n")[-10:]))
    program = scratch / "debug" / name
    environment = {"PATH": os.environ["PATH"], "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{free_port()}"}
    shown = commands(console) if console else []
    requests = [command.replace("8080", port) for command, _ in shown if command.startswith("curl ")]
    process = subprocess.Popen([program], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        answers = [answer(request) for request in requests]
        if requests:
            process.send_signal(signal.SIGTERM)
        printed, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    for command, expected in shown:
        expected = "\n".join(expected).strip()
        if not expected:
            continue
        actual = answers.pop(0) if command.startswith("curl ") else printed
        if shape(expected) != shape(actual):
            fail(console.place, f"`{command}` prints something else:\n{actual}\n{errors[-1_000:]}")
    print(f"{manifest.place}: {name} built and run")


def test_package(package, number):
    """Writes a package of a guide, and runs its tests."""
    folder = output / f"tests-{number}"
    folder.mkdir(parents=True)
    (folder / "Package.swift").write_text(local(package["manifest"].text))
    for block in package["files"]:
        file = folder / block.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text)
    result = subprocess.run(["swift", "test", "--scratch-path", scratch], cwd=folder, capture_output=True, text=True)
    log = result.stdout + result.stderr
    place = package["manifest"].place
    if result.returncode or re.search(rf"{re.escape(str(folder))}\S* warning: ", log):
        lines = [line for line in log.split("\n") if "error:" in line or "✘" in line or str(folder) in line and "warning:" in line]
        return fail(place, "does not pass without a warning: " + "\n".join(lines[:5] or log.split("\n")[-10:]))
    print(f"{place}: tests passed")


def answer(request):
    """What curl prints, as soon as the server listens."""
    for _ in range(300):
        result = subprocess.run(request, shell=True, capture_output=True, text=True)
        if result.returncode == 0:
            return result.stdout
        time.sleep(0.1)
    return result.stderr


steps = sys.argv[1:] or ["compile", "run", "readme", "tests"]
shutil.rmtree(output, ignore_errors=True)
output.mkdir()
if "compile" in steps:
    compile_snippets()
if "run" in steps:
    run_commands()
if "readme" in steps:
    for number, package in enumerate(packages(root / "README.md"), 1):
        run_package(package, number)
if "tests" in steps:
    guides = [package for path in pages() for package in packages(path)]
    for number, package in enumerate(guides, 1):
        if any(block.file.startswith("Tests/") for block in package["files"]):
            test_package(package, number)
for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(1 if problems else 0)
