# `make profile` runs the eight conversations of `spankit profile`; `make test` runs all checks. CONTRIBUTING.md lists all targets.
# ARGS are options of `spankit profile`: make profile ARGS="--scenario refinement --seed 7"

ARGS ?=
# Tests that start servers and processes. They run one at a time, because they wait for things to happen in time.
LIVE := HTTPTests|ShippingTests|SupportTests|SpanKitInputsTests|PrometheusTextTests|SpanKitCLITests|TelemetryTests|AnthropicModelTests|AnthropicModelStreamTests|TelemetryRedactionTests|DistributedTraceTests
# Builds all products. A program that depends on SpanKit fetches only the packages of the traits it enables.
SWIFT_ALL := --enable-all-traits
SANITIZED := PlatformTests|HTTPTests|PercentilesTests|RecordingTests|OTLPTests|ShippingTests|RecycledScopeTests|SpanAttributesElementsTests

# PREFIX is the folder that `make install` installs into. BASE is the release that `make api-breakage` compares with.
PREFIX ?= /usr/local
BASE ?= 0.2.0

.PHONY: profile test examples snippets build install bench page-speed build-cost docs api-breakage sanitize sanitize-thread sanitize-address format lint deps receivers clean

profile: deps
	swift build $(SWIFT_ALL) -c release --product spankit
	.build/release/spankit profile --export --prom . $(ARGS)

test: deps receivers lint
	swift build $(SWIFT_ALL) --build-tests
	swift test $(SWIFT_ALL) --skip-build --disable-xctest --skip '$(LIVE)'
	@sh .ci/examples
	@python3 .ci/snippets.py
	swift test $(SWIFT_ALL) --skip-build --disable-xctest --no-parallel --filter '$(LIVE)'

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

# Prints ratios of two things that are timed alternately in one run. A limit is never an absolute time.
bench: deps
	swift build $(SWIFT_ALL) -c release --product spankit-benchmarks
	.build/release/spankit-benchmarks
	@$(MAKE) --no-print-directory page-speed
	@sh .ci/build-cost

# Prints how fast a browser opens the page of `spankit report` for 100,000 spans and searches it, as ratios to an empty page.
page-speed: deps
	swift build $(SWIFT_ALL) -c release --product spankit
	@python3 .ci/page-speed.py .build/release/spankit

# Prints what each product adds to a program: processor seconds of a clean build, and bytes of the executable.
build-cost: deps
	@sh .ci/build-cost

# Builds the documentation. A warning or an undocumented public symbol is an error.
docs: deps
	@sh .ci/docs

# Lists public declarations that changed since the release BASE (see RELEASING.md).
api-breakage: deps
	swift package $(SWIFT_ALL) diagnose-api-breaking-changes $(BASE) --products SpanKit SpanKitServer SpanKitGenAI SpanKitInputs SpanKitConfigurationFile

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
	rm -rf .build .build-tsan .build-asan .build-examples .build-snippets
