# Two commands matter: `make profile` runs eight coaching conversations and shows where the time went, `make test` proves it.
# ARGS goes to `spankit profile`: make profile ARGS="--scenario refinement --seed 7"

ARGS ?=
# Tests that start servers and processes and wait for them: one at a time, so that none takes the others' time.
LIVE := HTTPTests|ShippingTests|SupportTests|SpanKitInputsTests|PrometheusTextTests|SpanKitCLITests|TelemetryTests|AnthropicModelTests|AnthropicModelStreamTests|TelemetryRedactionTests|DistributedTraceTests
# The repository builds everything; a program that depends on it gets the packages of its traits.
SWIFT_ALL := --enable-all-traits
SANITIZED := PlatformTests|HTTPTests|PercentilesTests|RecordingTests|OTLPTests|ShippingTests|RecycledScopeTests|SpanAttributesElementsTests

# Where `make install` puts the command; the release that `make api-breakage` compares with.
PREFIX ?= /usr/local
BASE ?= 0.2.0

.PHONY: profile test examples snippets build install bench build-cost docs api-breakage sanitize sanitize-thread sanitize-address format lint deps receivers clean

profile: deps
	swift build $(SWIFT_ALL) -c release --product spankit
	.build/release/spankit profile --export --prom . $(ARGS)

test: deps receivers lint
	swift build $(SWIFT_ALL) --build-tests
	swift test $(SWIFT_ALL) --skip-build --disable-xctest --skip '$(LIVE)'
	@sh .ci/examples
	@python3 .ci/snippets.py
	swift test $(SWIFT_ALL) --skip-build --disable-xctest --no-parallel --filter '$(LIVE)'

# The small packages in examples/, each built and run as its user would.
examples: deps
	@sh .ci/examples

# The Swift snippets and the commands of README, docs and doc comments: compiled, run, and their output compared.
snippets: deps
	swift build $(SWIFT_ALL) --product spankit
	@python3 .ci/snippets.py

# The command with the Swift runtime inside; it needs libcurl, zlib and SQLite where it runs.
install: deps
	swift build $(SWIFT_ALL) -c release --static-swift-stdlib --product spankit
	@sh .ci/install '$(DESTDIR)$(PREFIX)'

build: deps
	swift build $(SWIFT_ALL) -c release

# Ratios of two things timed in turn in one run; a bar is never an absolute time.
bench: deps
	swift build $(SWIFT_ALL) -c release --product spankit-benchmarks
	.build/release/spankit-benchmarks
	@sh .ci/build-cost

# What the products add to a program: processor seconds of a clean build, bytes of the executable. `make bench` prints it, too.
build-cost: deps
	@sh .ci/build-cost

# The documentation of the libraries; a warning or an undocumented public symbol is an error.
docs: deps
	@sh .ci/docs

# What changed in the public API since a release; see RELEASING.md.
api-breakage: deps
	swift package $(SWIFT_ALL) diagnose-api-breaking-changes $(BASE) --products SpanKit SpanKitServer SpanKitGenAI SpanKitInputs SpanKitConfigurationFile

# The modules with unsafe code or threads of their own. SANITIZED chooses the tests.
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

# The collectors and the nginx that tests start; without them those tests are skipped.
receivers:
	@sh .ci/receivers

clean:
	rm -rf .build .build-tsan .build-asan .build-examples .build-snippets
