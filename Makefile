# `make profile` runs the eight conversations of `spankit profile`; `make test` runs all checks. CONTRIBUTING.md lists all targets.
# ARGS are options of `spankit profile`: make profile ARGS="--scenario refinement --seed 7"

ARGS ?=
# Tests that start servers and processes. They mostly wait, so three of them run at a time; with Swift 6.2, one.
LIVE := HTTPTests|ShippingTests|SupportTests|SpanKitInputsTests|PrometheusTextTests|SpanKitCLITests|TelemetryTests|AnthropicModelTests|AnthropicModelStreamTests|TelemetryRedactionTests|DistributedTraceTests|BenchmarkTests|ServeTests
LIVE_WIDTH = $(if $(findstring maximum-parallelization-width,$(shell swift test --help-hidden 2>/dev/null)),\
	--parallel --experimental-maximum-parallelization-width 3,--no-parallel)
# Builds all products. A program that depends on SpanKit fetches only the packages of the traits it enables.
SWIFT_ALL := --enable-all-traits
SANITIZED := PlatformTests|HTTPTests|PercentilesTests|RecordingTests|OTLPTests|MetricsTests|ShippingTests|SpanKitInputsTests|RecycledScopeTests|SpanAttributesElementsTests

# Where `make bench` writes its JSON, and in how many processes it measures. A and B are the files that `make bench-compare` compares.
JSON ?= .build/benchmarks.json
RUNS ?= 3
# PREFIX is the folder that `make install` installs into. BASE is the release that `make api-breakage` compares with.
PREFIX ?= /usr/local
BASE ?= 0.2.0

.PHONY: profile serve test examples snippets build install bench bench-compare instructions instruction-baseline page-speed simulation build-cost docs api-breakage sanitize sanitize-thread sanitize-address test-portable deployment format lint deps receivers clean

profile: deps
	swift build $(SWIFT_ALL) -c release --product spankit
	.build/release/spankit profile --export --prom . $(ARGS)

# Builds and starts the local backend. ARGS are options of `spankit serve`: make serve ARGS="--port 0"
serve: deps
	swift build $(SWIFT_ALL) -c release --product spankit
	@.build/release/spankit serve $(ARGS)

test: deps receivers lint
	swift build $(SWIFT_ALL) --build-tests
	@sh .ci/swift-test $(SWIFT_ALL) --skip-build --disable-xctest --skip '$(LIVE)'
	@sh .ci/examples
	@python3 .ci/snippets.py
	@sh .ci/swift-test $(SWIFT_ALL) --skip-build --disable-xctest $(LIVE_WIDTH) --filter '$(LIVE)'

# Compiles the C code for musl and arm64, and runs tests without the instructions that only x86-64 has.
test-portable: deps
	@sh .ci/portable

# Links a program statically, and checks the libraries that it needs at run time.
deployment: deps
	@sh .ci/deployment

# Builds and runs each package in examples/, as a user would.
examples: deps
	@sh .ci/examples

# Compiles the Swift snippets of the README, the docs and the doc comments. Runs their commands and compares the output.
snippets: deps
	swift build $(SWIFT_ALL) --product spankit
	@python3 .ci/snippets.py

# Installs the command with a static Swift runtime. On the machine where it runs, it needs libcurl, zlib and SQLite.
install: deps
	swift build $(SWIFT_ALL) -c release --static-swift-stdlib --product spankit
	@sh .ci/install '$(DESTDIR)$(PREFIX)'

build: deps
	swift build $(SWIFT_ALL) -c release

# Prints ratios of two things that are timed alternately in one run. A limit is never an absolute time. ONLY selects groups of rows:
# make bench ONLY="recording tracing". It fails if a row is over its bar without a reason.
bench: deps
	swift build $(SWIFT_ALL) -c release --product spankit-benchmarks
	@rm -f '$(JSON)'; .build/release/spankit-benchmarks --runs $(RUNS) --json '$(JSON)' \
		--build "$$(git describe --always --dirty 2>/dev/null), $$(swift --version 2>/dev/null | head -n 1)" $(ONLY); \
		status=$$?; [ ! -e '$(JSON)' ] || echo "wrote $(JSON)"; exit $$status

# Says what changed between two files of `make bench`, and how sure that is.
bench-compare: deps
	@[ -e .build/release/spankit-benchmarks ] || swift build $(SWIFT_ALL) -c release --product spankit-benchmarks
	@.build/release/spankit-benchmarks compare '$(A)' '$(B)'

# Counts the instructions of the hot paths, and fails if one differs from Benchmarks/instructions.json by more than 3 %. The program is
# small, so that its release build takes a minute or two. The second target renews the file.
instructions instruction-baseline: deps receivers
	swift build $(SWIFT_ALL) -c release --product spankit-hot-paths
	@python3 .ci/instructions.py $(if $(filter instruction-baseline,$@),renew)

# Prints how fast a browser opens the page of `spankit report` for 100,000 spans and searches it, as ratios to an empty page.
page-speed: deps
	swift build $(SWIFT_ALL) -c release --product spankit
	@python3 .ci/page-speed.py .build/release/spankit

# Simulates 10,000 processes through outages of their gateways, in virtual time, prints a table and draws docs/pictures/scale.svg. The
# same SEED gives the same table. It takes some minutes of processor time. docs/scale.md explains the table.
SEED ?= 1
simulation: deps
	swift build $(SWIFT_ALL) -c release --product spankit-simulation
	@.build/release/spankit-simulation --seed $(SEED) --picture docs/pictures/scale.svg

# Prints what each product adds to a program: processor seconds of a clean build, and bytes of the executable.
build-cost: deps
	@sh .ci/build-cost

# Builds the documentation. A warning or an undocumented public symbol is an error.
docs: deps
	@sh .ci/docs

# Lists public declarations that changed since the release BASE (see RELEASING.md).
api-breakage: deps
	@sh .ci/api-breakage $(BASE)

# Tests the modules with unsafe code or their own threads. SANITIZED selects the tests.
sanitize: sanitize-thread sanitize-address

sanitize-thread: deps
	swift test $(SWIFT_ALL) --disable-xctest --no-parallel --sanitize=thread --scratch-path .build-tsan --filter '$(SANITIZED)'

sanitize-address: deps
	LSAN_OPTIONS=suppressions=$(CURDIR)/.ci/leaks.supp \
		swift test $(SWIFT_ALL) --disable-xctest --no-parallel --sanitize=address --scratch-path .build-asan --filter '$(SANITIZED)'

format:
	swift format -i -r Package.swift Sources Tests Benchmarks examples

lint:
	@python3 .ci/layers.py
	swift format lint --strict -r Package.swift Sources Tests Benchmarks examples

deps:
	@sh .ci/dependencies

# Installs the servers that tests start. Without a server, its tests are skipped.
receivers:
	@sh .ci/receivers

clean:
	rm -rf .build .build-tsan .build-asan .build-examples .build-snippets .build-portable .build-static
