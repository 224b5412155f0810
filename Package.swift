// swift-tools-version: 6.2
import PackageDescription

/// A product of another package, fetched only where its trait is enabled.
func product(_ name: String, of package: String, trait: String) -> Target.Dependency {
    .product(name: name, package: package, condition: .when(traits: [trait]))
}

let package = Package(
    name: "SpanKit",
    // Linux is what it is built and tested for; on macOS it needs `Synchronization`.
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "SpanKit", targets: ["SpanKit"]),
        .library(name: "SpanKitServer", targets: ["SpanKitServer"]),
        .library(name: "SpanKitConfigurationFile", targets: ["SpanKitConfigurationFile"]),
        .library(name: "SpanKitConcurrency", targets: ["SpanKitConcurrency"]),
        .library(name: "SpanKitGenAI", targets: ["SpanKitGenAI"]),
        .library(name: "SpanKitTesting", targets: ["SpanKitTesting"]),
        .library(name: "SpanKitInputs", targets: ["SpanKitInputs"]),
        .library(name: "OKRCoach", targets: ["OKRCoach"]),
        .library(name: "SpanKitScenarios", targets: ["SpanKitScenarios"]),
        .executable(name: "spankit", targets: ["spankit"]),
    ],
    traits: [
        .default(enabledTraits: ["Server"]),
        .trait(
            name: "Server",
            description:
                "Products SpanKitServer and SpanKitTesting: swift-distributed-tracing, swift-log, swift-metrics, swift-service-lifecycle."
        ),
        .trait(name: "YAML", description: "Product SpanKitConfigurationFile reads YAML as well as JSON, by Yams."),
        .trait(
            name: "Command",
            description: "Product spankit, the command, by swift-argument-parser.",
            enabledTraits: ["YAML"]
        ),
        .trait(
            name: "Coach",
            description: "Product OKRCoach, the bundled coaching server, by GRDB. With Command: spankit profile."
        ),
        .trait(
            name: "Concurrency",
            description: "Product SpanKitConcurrency (preview, Linux): running, queued and suspended time of spans."
        ),
        .trait(name: "Serve", description: "With Command: spankit serve, the local backend, by Hummingbird and GRDB."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.0.0"),
    ],
    // Target names have to be unique in the whole graph of packages, so that each carries the name SpanKit; folders do without.
    targets: [
        // Base
        .target(name: "CSpanKit", path: "Sources/CSystem"),
        .systemLibrary(
            name: "CSpanKitCurl",
            path: "Sources/CCurl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]
        ),
        .systemLibrary(
            name: "CSpanKitZlib",
            path: "Sources/CZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]
        ),
        .target(name: "SpanKitPlatform", dependencies: ["CSpanKit"], path: "Sources/Platform"),

        // Core. A span passes Recording → OTLP → Shipping → SpanKit.
        .target(
            name: "SpanKitPercentiles",
            dependencies: ["CSpanKit", "SpanKitPlatform"],
            path: "Sources/Percentiles"
        ),
        .target(
            name: "SpanKitRecording",
            dependencies: ["CSpanKit", "SpanKitPercentiles", "SpanKitPlatform"],
            path: "Sources/Recording"
        ),
        .target(
            name: "SpanKitOTLP",
            dependencies: ["SpanKitPercentiles", "SpanKitPlatform", "SpanKitRecording"],
            path: "Sources/OTLP"
        ),
        .target(
            name: "SpanKitMetrics",
            dependencies: [
                "CSpanKit", "SpanKitOTLP", "SpanKitPercentiles", "SpanKitPlatform", "SpanKitRecording",
            ],
            path: "Sources/Metrics"
        ),
        .target(
            name: "SpanKitHTTP",
            dependencies: ["CSpanKitCurl", "SpanKitPercentiles", "SpanKitPlatform"],
            path: "Sources/HTTP"
        ),
        .target(
            name: "SpanKitShipping",
            dependencies: [
                "CSpanKit", "CSpanKitZlib", "SpanKitHTTP", "SpanKitMetrics", "SpanKitOTLP", "SpanKitPercentiles",
                "SpanKitPlatform", "SpanKitRecording",
            ],
            path: "Sources/Shipping"
        ),
        .target(
            name: "SpanKitPrometheusText",
            dependencies: ["CSpanKit", "SpanKitOTLP", "SpanKitPercentiles", "SpanKitPlatform", "SpanKitRecording"],
            path: "Sources/PrometheusText"
        ),
        .target(
            name: "SpanKitSummaries",
            dependencies: ["SpanKitPercentiles", "SpanKitPlatform"],
            path: "Sources/Summaries"
        ),
        .target(
            name: "SpanKit",
            dependencies: [
                "CSpanKit", "SpanKitMetrics", "SpanKitOTLP", "SpanKitPercentiles", "SpanKitPlatform",
                "SpanKitPrometheusText", "SpanKitRecording", "SpanKitShipping", "SpanKitSummaries",
            ]
        ),

        // Integrations
        .target(
            name: "SpanKitServer",
            dependencies: [
                "CSpanKit", "SpanKit", "SpanKitMetrics", "SpanKitOTLP", "SpanKitPlatform", "SpanKitRecording",
                "SpanKitServerTrait", "SpanKitShipping", "SpanKitSummaries",
                product("CoreMetrics", of: "swift-metrics", trait: "Server"),
                product("Logging", of: "swift-log", trait: "Server"),
                product("ServiceLifecycle", of: "swift-service-lifecycle", trait: "Server"),
                product("Tracing", of: "swift-distributed-tracing", trait: "Server"),
            ]
        ),
        .target(
            name: "SpanKitTesting",
            dependencies: [
                "SpanKit", "SpanKitMetrics", "SpanKitOTLP", "SpanKitPlatform", "SpanKitRecording", "SpanKitServer",
                product("CoreMetrics", of: "swift-metrics", trait: "Server"),
                product("Logging", of: "swift-log", trait: "Server"),
                product("Tracing", of: "swift-distributed-tracing", trait: "Server"),
            ]
        ),
        // It defines functions of the Swift runtime, so that only programs that ask for it link it.
        .target(name: "CSpanKitTaskStates", dependencies: ["CSpanKit"], path: "Sources/CTaskStates"),
        .target(
            name: "SpanKitConcurrency",
            dependencies: [
                "CSpanKit", "CSpanKitTaskStates", "SpanKit", "SpanKitConcurrencyTrait", "SpanKitMetrics",
                "SpanKitPercentiles", "SpanKitPlatform", "SpanKitRecording",
            ]
        ),
        .target(
            name: "SpanKitGenAI",
            dependencies: [
                "SpanKit", "SpanKitOTLP", "SpanKitPercentiles", "SpanKitPlatform", "SpanKitPrometheusText",
                "SpanKitRecording",
            ],
            path: "Sources/GenAI"
        ),
        .target(
            name: "SpanKitConfigurationFile",
            dependencies: [
                "SpanKit", "SpanKitOTLP", "SpanKitPlatform", "SpanKitRecording", "SpanKitShipping",
                product("Yams", of: "Yams", trait: "YAML"),
            ],
            path: "Sources/ConfigurationFile"
        ),

        // Tools: no server compiles them.
        .target(
            name: "SpanKitInputs",
            dependencies: [
                "CSpanKit", "CSpanKitZlib", "SpanKitOTLP", "SpanKitPlatform", "SpanKitPrometheusText",
                "SpanKitRecording", "SpanKitShipping",
            ]
        ),
        .target(
            name: "SpanKitReports",
            dependencies: [
                "SpanKitInputs", "SpanKitOTLP", "SpanKitPercentiles", "SpanKitPlatform", "SpanKitRecording",
                "SpanKitSummaries",
            ],
            path: "Sources/Reports"
        ),
        .target(
            name: "SpanKitCLI",
            dependencies: [
                "SpanKit", "SpanKitCommandTrait", "SpanKitConfigurationFile", "SpanKitGenAI", "SpanKitHTTP",
                "SpanKitInputs", "SpanKitOTLP", "SpanKitPercentiles", "SpanKitPlatform", "SpanKitPrometheusText",
                "SpanKitRecording", "SpanKitReports", "SpanKitShipping", "SpanKitSummaries",
                product("ArgumentParser", of: "swift-argument-parser", trait: "Command"),
            ],
            exclude: ["SQL/Files/README.md", "SQL/Files/storage.xml"],
            // SQL/Files is a link to collector-config/clickhouse. Embedded files need no bundle at run time.
            resources: [.embedInCode("SQL/Files"), .embedInCode("SQL/chdb_run.py")]
        ),

        // The local backend: a SQLite store of OTLP, and the server that fills it and shows it.
        .target(
            name: "SpanKitStore",
            dependencies: [
                "CSpanKitZlib", "SpanKitInputs", "SpanKitOTLP", "SpanKitPercentiles", "SpanKitPlatform",
                "SpanKitRecording", "SpanKitReports", "SpanKitServeTrait",
                product("GRDB", of: "GRDB.swift", trait: "Serve"),
                product("GRDBSQLite", of: "GRDB.swift", trait: "Serve"),
            ],
            path: "Sources/Store"
        ),
        .target(
            name: "SpanKitServe",
            dependencies: [
                "CSpanKitZlib", "SpanKit", "SpanKitCLI", "SpanKitCommandTrait", "SpanKitHTTP", "SpanKitInputs",
                "SpanKitOTLP", "SpanKitPercentiles", "SpanKitPlatform", "SpanKitRecording", "SpanKitReports",
                "SpanKitServeTrait", "SpanKitShipping", "SpanKitStore", "SpanKitSummaries",
                product("ArgumentParser", of: "swift-argument-parser", trait: "Command"),
                product("Hummingbird", of: "hummingbird", trait: "Serve"),
                product("Logging", of: "swift-log", trait: "Serve"),
                product("ServiceLifecycle", of: "swift-service-lifecycle", trait: "Serve"),
            ],
            path: "Sources/Serve"
        ),

        // The bundled coaching server, and the subcommand that profiles it.
        .target(
            name: "OKRCoach",
            dependencies: [
                "SpanKit", "SpanKitCoachTrait", "SpanKitGenAI", "SpanKitHTTP", "SpanKitPlatform",
                product("GRDB", of: "GRDB.swift", trait: "Coach"),
            ]
        ),
        .target(
            name: "SpanKitCoachProfiling",
            dependencies: [
                "CSpanKit", "OKRCoach", "SpanKit", "SpanKitCLI", "SpanKitCommandTrait", "SpanKitGenAI",
                "SpanKitInputs", "SpanKitOTLP", "SpanKitPercentiles", "SpanKitPlatform", "SpanKitPrometheusText",
                "SpanKitRecording", "SpanKitReports", "SpanKitShipping", "SpanKitSummaries",
                product("ArgumentParser", of: "swift-argument-parser", trait: "Command"),
            ],
            path: "Sources/CoachProfiling"
        ),
        .executableTarget(
            name: "spankit",
            dependencies: [
                .target(name: "OKRCoach", condition: .when(traits: ["Coach"])),
                .target(name: "SpanKitCoachProfiling", condition: .when(traits: ["Coach"])),
                .target(name: "SpanKitServe", condition: .when(traits: ["Serve"])), "SpanKitCLI",
            ]
        ),

        // Without its trait, a product fails here with one error that names the trait, before any of its files is compiled.
        .target(name: "SpanKitServerTrait", path: "Sources/Traits/Server"),
        .target(name: "SpanKitCommandTrait", path: "Sources/Traits/Command"),
        .target(name: "SpanKitCoachTrait", path: "Sources/Traits/Coach"),
        .target(name: "SpanKitConcurrencyTrait", path: "Sources/Traits/Concurrency"),
        .target(name: "SpanKitServeTrait", path: "Sources/Traits/Serve"),

        // Benchmarks: end-to-end scenarios of any exporter, the rows of the suite, the suite, and what CI counts instructions of.
        .target(
            name: "SpanKitScenarios",
            dependencies: [
                "CSpanKitZlib", "SpanKitServerTrait",
                product("Tracing", of: "swift-distributed-tracing", trait: "Server"),
            ],
            path: "Benchmarks/Scenarios"
        ),
        .target(name: "SpanKitBenchmarkRows", path: "Benchmarks/Rows"),
        // Fleets of processes in virtual time, and the program that simulates them.
        .target(
            name: "SpanKitFleet",
            dependencies: ["SpanKitBenchmarkRows", "SpanKitPlatform", "SpanKitShipping", "SpanKitSummaries"],
            path: "Benchmarks/Fleet"
        ),
        .executableTarget(
            name: "spankit-simulation",
            dependencies: ["SpanKitFleet"],
            path: "Benchmarks/Simulation"
        ),
        .executableTarget(
            name: "spankit-benchmarks",
            dependencies: [
                "CSpanKit", "CSpanKitAllocations", "CSpanKitCurl", "CSpanKitTaskStates", "CSpanKitZlib", "OKRCoach",
                "SpanKit", "SpanKitBenchmarkRows", "SpanKitHTTP", "SpanKitInputs", "SpanKitMetrics", "SpanKitOTLP",
                "SpanKitPercentiles", "SpanKitPlatform", "SpanKitPrometheusText", "SpanKitRecording",
                "SpanKitScenarios",
                "SpanKitServer", "SpanKitShipping", "SpanKitStore",
                product("GRDB", of: "GRDB.swift", trait: "Serve"),
                product("GRDBSQLite", of: "GRDB.swift", trait: "Serve"),
                product("Logging", of: "swift-log", trait: "Server"),
                product("Metrics", of: "swift-metrics", trait: "Server"),
                product("Tracing", of: "swift-distributed-tracing", trait: "Server"),
            ],
            path: "Benchmarks",
            exclude: ["Fleet", "HotPaths", "Rows", "Scenarios", "Simulation", "instructions.json"]
        ),
        .executableTarget(
            name: "spankit-hot-paths",
            dependencies: [
                "SpanKitInputs", "SpanKitOTLP", "SpanKitRecording", "SpanKitServer", "SpanKitShipping",
                product("Logging", of: "swift-log", trait: "Server"),
                product("Tracing", of: "swift-distributed-tracing", trait: "Server"),
            ],
            path: "Benchmarks/HotPaths"
        ),

        // Records spans until it is killed, for the tests of the spool.
        .executableTarget(
            name: "span-producer",
            dependencies: ["CSpanKitFork", "SpanKit", "SpanKitMetrics", "SpanKitPercentiles", "SpanKitPlatform"],
            path: "Tests/SpanProducer"
        ),
        // Runs tasks whose running, queued and suspended times are known.
        .executableTarget(
            name: "spankit-concurrency-cases",
            dependencies: [
                "CSpanKitForeignHook", "CSpanKitTaskStates", "SpanKitConcurrency", "SpanKitPlatform",
                "SpanKitRecording",
            ],
            path: "Tests/ConcurrencyCases"
        ),
        .target(name: "CSpanKitForeignHook", path: "Tests/CForeignHook"),
        .target(name: "CSpanKitFork", path: "Tests/CFork"),
        .target(name: "CSpanKitAllocations", path: "Tests/AllocationCounter"),
        .target(
            name: "SpanKitTestSupport",
            dependencies: ["CSpanKitZlib", "SpanKitPlatform"],
            path: "Tests/Support",
            exclude: ["Judges/otlp.py", "Judges/schema.py"]
        ),
        // Spans and metrics that the tests of several modules share.
        .target(
            name: "SpanKitTestSamples",
            dependencies: [
                "SpanKitInputs", "SpanKitOTLP", "SpanKitPrometheusText", "SpanKitRecording", "SpanKitTestSupport",
            ],
            path: "Tests/Samples"
        ),
        .testTarget(name: "SupportTests", dependencies: ["SpanKitTestSupport"]),
        .testTarget(name: "PlatformTests", dependencies: ["SpanKitPlatform", "SpanKitTestSupport"]),
        .testTarget(
            name: "PercentilesTests",
            dependencies: ["SpanKitPercentiles", "SpanKitPlatform", "SpanKitTestSupport"],
            resources: [.copy("Vectors")]
        ),
        .testTarget(
            name: "RecordingTests",
            dependencies: [
                "CSpanKit", "CSpanKitAllocations", "SpanKitPercentiles", "SpanKitPlatform", "SpanKitRecording",
                "SpanKitTestSupport", "span-producer",
            ]
        ),
        .testTarget(
            name: "OTLPTests",
            dependencies: [
                "SpanKitInputs", "SpanKitOTLP", "SpanKitPercentiles", "SpanKitPlatform", "SpanKitRecording",
                "SpanKitTestSamples", "SpanKitTestSupport",
            ],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "MetricsTests",
            dependencies: [
                "CSpanKitAllocations", "SpanKitMetrics", "SpanKitOTLP", "SpanKitPercentiles", "SpanKitPlatform",
                "SpanKitRecording", "SpanKitTestSupport", "span-producer",
            ]
        ),
        .testTarget(name: "HTTPTests", dependencies: ["SpanKitHTTP", "SpanKitTestSupport"]),
        .testTarget(
            name: "ShippingTests",
            dependencies: [
                "CSpanKit", "CSpanKitZlib", "SpanKitHTTP", "SpanKitInputs", "SpanKitMetrics", "SpanKitOTLP",
                "SpanKitPercentiles", "SpanKitPlatform", "SpanKitRecording", "SpanKitShipping", "SpanKitTestSamples",
                "SpanKitTestSupport", "span-producer",
            ]
        ),
        .testTarget(
            name: "PrometheusTextTests",
            dependencies: [
                "SpanKitGenAI", "SpanKitInputs", "SpanKitMetrics", "SpanKitOTLP", "SpanKitPercentiles",
                "SpanKitPlatform",
                "SpanKitPrometheusText", "SpanKitRecording", "SpanKitTestSamples", "SpanKitTestSupport",
            ],
            exclude: ["Oracle"],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "BenchmarkTests",
            dependencies: [
                "SpanKitBenchmarkRows", "SpanKitFleet", "SpanKitOTLP", "SpanKitRecording", "SpanKitScenarios",
                "SpanKitShipping", "SpanKitTestSupport",
            ],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "SummariesTests",
            dependencies: ["SpanKitPercentiles", "SpanKitSummaries", "SpanKitTestSupport"],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "SpanKitTests",
            dependencies: [
                "OKRCoach", "SpanKit", "SpanKitGenAI", "SpanKitMetrics", "SpanKitOTLP", "SpanKitPlatform",
                "SpanKitPrometheusText", "SpanKitRecording", "SpanKitServer", "SpanKitShipping", "SpanKitTestSupport",
                product("InMemoryLogging", of: "swift-log", trait: "Server"),
                product("Logging", of: "swift-log", trait: "Server"),
                product("Tracing", of: "swift-distributed-tracing", trait: "Server"),
            ]
        ),
        .testTarget(
            name: "ConfigurationFileTests",
            dependencies: [
                "SpanKit", "SpanKitConfigurationFile", "SpanKitRecording", "SpanKitTestSupport",
            ]
        ),
        .testTarget(
            name: "SpanKitServerTests",
            dependencies: [
                "CSpanKitFork", "SpanKitMetrics", "SpanKitOTLP", "SpanKitPlatform", "SpanKitRecording",
                "SpanKitServer", "SpanKitTestSupport",
                product("InMemoryLogging", of: "swift-log", trait: "Server"),
                product("InMemoryTracing", of: "swift-distributed-tracing", trait: "Server"),
                product("Logging", of: "swift-log", trait: "Server"),
                product("Metrics", of: "swift-metrics", trait: "Server"),
                product("MetricsTestKit", of: "swift-metrics", trait: "Server"),
                product("ServiceLifecycle", of: "swift-service-lifecycle", trait: "Server"),
                product("ServiceLifecycleTestKit", of: "swift-service-lifecycle", trait: "Server"),
                product("Tracing", of: "swift-distributed-tracing", trait: "Server"),
            ]
        ),
        .testTarget(
            name: "SpanKitTestingTests",
            dependencies: [
                "SpanKitPlatform", "SpanKitRecording", "SpanKitServer", "SpanKitTestSupport", "SpanKitTesting",
                product("Logging", of: "swift-log", trait: "Server"),
                product("Metrics", of: "swift-metrics", trait: "Server"),
                product("Tracing", of: "swift-distributed-tracing", trait: "Server"),
            ]
        ),
        .testTarget(
            name: "ConcurrencyTests",
            dependencies: ["SpanKitTestSupport", "spankit", "spankit-concurrency-cases"]
        ),
        .testTarget(
            name: "GenAITests",
            dependencies: [
                "SpanKit", "SpanKitGenAI", "SpanKitInputs", "SpanKitPlatform", "SpanKitPrometheusText",
                "SpanKitReports", "SpanKitTestSupport",
            ],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "SpanKitInputsTests",
            dependencies: [
                "CSpanKit", "SpanKitInputs", "SpanKitOTLP", "SpanKitPlatform", "SpanKitPrometheusText",
                "SpanKitRecording", "SpanKitShipping", "SpanKitTestSamples", "SpanKitTestSupport",
            ],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "ReportsTests",
            dependencies: [
                "SpanKitInputs", "SpanKitOTLP", "SpanKitPercentiles", "SpanKitRecording", "SpanKitReports",
                "SpanKitSummaries", "SpanKitTestSupport",
            ],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "SpanKitCLITests",
            dependencies: [
                "OKRCoach", "SpanKit", "SpanKitCLI", "SpanKitCoachProfiling", "SpanKitInputs", "SpanKitOTLP",
                "SpanKitPlatform", "SpanKitRecording", "SpanKitReports", "SpanKitShipping", "SpanKitSummaries",
                "SpanKitTestSupport", "span-producer", "spankit",
            ],
            exclude: ["Oracle"],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "StoreTests",
            dependencies: [
                "SpanKitInputs", "SpanKitOTLP", "SpanKitPercentiles", "SpanKitPlatform", "SpanKitRecording",
                "SpanKitReports", "SpanKitStore", "SpanKitTestSupport",
                product("GRDB", of: "GRDB.swift", trait: "Serve"),
            ]
        ),
        .testTarget(
            name: "ServeTests",
            dependencies: [
                "SpanKit", "SpanKitCLI", "SpanKitInputs", "SpanKitOTLP", "SpanKitPlatform", "SpanKitRecording",
                "SpanKitReports",
                "SpanKitServe", "SpanKitShipping", "SpanKitStore", "SpanKitTestSupport", "span-producer", "spankit",
                product("GRDB", of: "GRDB.swift", trait: "Serve"),
            ],
            exclude: ["Support/mcp_client.py"]
        ),
        .testTarget(
            name: "OKRCoachTests",
            dependencies: [
                "OKRCoach", "SpanKit", "SpanKitGenAI", "SpanKitPlatform", "SpanKitTestSupport",
                product("GRDB", of: "GRDB.swift", trait: "Coach"),
            ],
            resources: [.copy("Scenarios/Golden")]
        ),
        .testTarget(
            name: "CoachProfilingTests",
            dependencies: [
                "OKRCoach", "SpanKitCoachProfiling", "SpanKitOTLP", "SpanKitPercentiles", "SpanKitReports",
                "SpanKitSummaries", "SpanKitTestSupport",
            ],
            resources: [.copy("Golden")]
        ),
    ]
)
