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
        .library(name: "SpanKitYAML", targets: ["SpanKitYAML"]),
        .library(name: "GenAI", targets: ["GenAI"]),
        .library(name: "SpanKitInputs", targets: ["SpanKitInputs"]),
        .library(name: "OKRCoach", targets: ["OKRCoach"]),
        .executable(name: "spankit", targets: ["spankit"]),
    ],
    traits: [
        .default(enabledTraits: ["Server"]),
        .trait(
            name: "Server",
            description: "Product SpanKitServer: swift-distributed-tracing, swift-log, swift-service-lifecycle."
        ),
        .trait(name: "YAML", description: "Product SpanKitYAML: configuration files in YAML, by Yams."),
        .trait(
            name: "Command",
            description: "Product spankit, the command, by swift-argument-parser.",
            enabledTraits: ["YAML"]
        ),
        .trait(
            name: "Coach",
            description: "Product OKRCoach, the bundled coaching server, by GRDB. With Command: spankit profile."
        ),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.0.0"),
    ],
    targets: [
        // Base
        .target(name: "CSpanKit"),
        .systemLibrary(
            name: "CCurl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]
        ),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .target(name: "Platform", dependencies: ["CSpanKit"]),

        // Core. The way of a span: Recording → OTLP → Shipping → SpanKit.
        .target(name: "Percentiles", dependencies: ["CSpanKit", "Platform"]),
        .target(name: "Recording", dependencies: ["CSpanKit", "Percentiles", "Platform"]),
        .target(name: "OTLP", dependencies: ["Percentiles", "Platform", "Recording"]),
        .target(name: "CurlHTTP", dependencies: ["CCurl", "Percentiles", "Platform"]),
        .target(
            name: "Shipping",
            dependencies: ["CurlHTTP", "CZlib", "OTLP", "Percentiles", "Platform", "Recording"]
        ),
        .target(name: "PrometheusText", dependencies: ["OTLP", "Percentiles", "Platform", "Recording"]),
        .target(name: "Summaries", dependencies: ["Percentiles", "Platform"]),
        .target(
            name: "SpanKit",
            dependencies: [
                "CSpanKit", "OTLP", "Percentiles", "Platform", "PrometheusText", "Recording", "Shipping",
                "Summaries",
            ]
        ),

        // Integrations
        .target(
            name: "SpanKitServer",
            dependencies: [
                "CSpanKit", "Platform", "Recording", "ServerTrait", "Shipping", "SpanKit",
                product("Logging", of: "swift-log", trait: "Server"),
                product("ServiceLifecycle", of: "swift-service-lifecycle", trait: "Server"),
                product("Tracing", of: "swift-distributed-tracing", trait: "Server"),
            ]
        ),
        .target(
            name: "GenAI",
            dependencies: [
                "OTLP", "Percentiles", "Platform", "PrometheusText", "Recording", "SpanKit",
            ]
        ),
        .target(
            name: "SpanKitYAML",
            dependencies: [
                "SpanKit", "YAMLTrait",
                product("Yams", of: "Yams", trait: "YAML"),
            ]
        ),

        // Tools: no server compiles them.
        .target(
            name: "SpanKitInputs",
            dependencies: ["CZlib", "OTLP", "Platform", "PrometheusText", "Recording", "Shipping"]
        ),
        .target(
            name: "Reports",
            dependencies: [
                "OTLP", "Percentiles", "Platform", "Recording", "SpanKitInputs", "Summaries",
            ]
        ),
        .target(
            name: "SpanKitCLI",
            dependencies: [
                "CommandTrait", "CurlHTTP", "GenAI", "OTLP", "Percentiles", "Platform", "PrometheusText",
                "Recording", "Reports", "Shipping", "SpanKit", "SpanKitInputs", "SpanKitYAML", "Summaries",
                product("ArgumentParser", of: "swift-argument-parser", trait: "Command"),
            ]
        ),

        // The bundled coaching server, and the subcommand that profiles it.
        .target(
            name: "OKRCoach",
            dependencies: [
                "CoachTrait", "CurlHTTP", "GenAI", "Platform", "SpanKit",
                product("GRDB", of: "GRDB.swift", trait: "Coach"),
            ]
        ),
        .target(
            name: "CoachProfiling",
            dependencies: [
                "CommandTrait", "CSpanKit", "GenAI", "OKRCoach", "OTLP", "Percentiles", "Platform",
                "PrometheusText", "Recording", "Reports", "Shipping", "SpanKit", "SpanKitCLI", "Summaries",
                product("ArgumentParser", of: "swift-argument-parser", trait: "Command"),
            ]
        ),
        .executableTarget(
            name: "spankit",
            dependencies: [.target(name: "CoachProfiling", condition: .when(traits: ["Coach"])), "SpanKitCLI"]
        ),

        // Without its trait, a product fails here with one error that names the trait, before any of its files is compiled.
        .target(name: "ServerTrait", path: "Sources/Traits/Server"),
        .target(name: "YAMLTrait", path: "Sources/Traits/YAML"),
        .target(name: "CommandTrait", path: "Sources/Traits/Command"),
        .target(name: "CoachTrait", path: "Sources/Traits/Coach"),

        .executableTarget(
            name: "benchmarks",
            dependencies: [
                "AllocationCounter", "CSpanKit", "CZlib", "OKRCoach", "OTLP", "Percentiles", "PrometheusText",
                "Recording", "Shipping", "SpanKit", "SpanKitInputs", "SpanKitServer",
                product("Tracing", of: "swift-distributed-tracing", trait: "Server"),
            ],
            path: "Benchmarks"
        ),

        // Records spans until it is killed, for the tests of the spool.
        .executableTarget(
            name: "span-producer",
            dependencies: ["CFork", "Percentiles", "Platform", "SpanKit"],
            path: "Tests/SpanProducer"
        ),
        .target(name: "CFork", path: "Tests/CFork"),
        .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
        .target(
            name: "TestSupport",
            dependencies: ["CZlib", "Platform"],
            path: "Tests/Support",
            exclude: ["Judges/otlp.py"]
        ),
        .testTarget(name: "SupportTests", dependencies: ["TestSupport"]),
        .testTarget(name: "PlatformTests", dependencies: ["Platform", "TestSupport"]),
        .testTarget(
            name: "PercentilesTests",
            dependencies: ["Percentiles", "Platform", "TestSupport"],
            resources: [.copy("Vectors")]
        ),
        .testTarget(
            name: "RecordingTests",
            dependencies: [
                "AllocationCounter", "CSpanKit", "Percentiles", "Platform", "Recording", "TestSupport",
                "span-producer",
            ]
        ),
        .testTarget(
            name: "OTLPTests",
            dependencies: [
                "OTLP", "Percentiles", "Platform", "Recording", "SpanKitInputs", "TestSupport",
            ],
            resources: [.copy("Golden")]
        ),
        .testTarget(name: "CurlHTTPTests", dependencies: ["CurlHTTP", "TestSupport"]),
        .testTarget(
            name: "ShippingTests",
            dependencies: [
                "CurlHTTP", "OTLP", "Percentiles", "Platform", "Recording", "Shipping", "TestSupport",
                "span-producer",
            ]
        ),
        .testTarget(
            name: "PrometheusTextTests",
            dependencies: [
                "GenAI", "OTLP", "Percentiles", "Platform", "PrometheusText", "Recording", "SpanKitInputs",
                "TestSupport",
            ],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "SummariesTests",
            dependencies: ["Percentiles", "Summaries", "TestSupport"],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "SpanKitTests",
            dependencies: [
                "GenAI", "Platform", "PrometheusText", "Recording", "SpanKit", "SpanKitServer", "SpanKitYAML",
                "TestSupport",
                product("InMemoryLogging", of: "swift-log", trait: "Server"),
                product("Logging", of: "swift-log", trait: "Server"),
                product("Tracing", of: "swift-distributed-tracing", trait: "Server"),
            ]
        ),
        .testTarget(
            name: "SpanKitServerTests",
            dependencies: [
                "Platform", "Recording", "SpanKitServer", "TestSupport",
                product("InMemoryLogging", of: "swift-log", trait: "Server"),
                product("InMemoryTracing", of: "swift-distributed-tracing", trait: "Server"),
                product("Logging", of: "swift-log", trait: "Server"),
                product("ServiceLifecycle", of: "swift-service-lifecycle", trait: "Server"),
                product("ServiceLifecycleTestKit", of: "swift-service-lifecycle", trait: "Server"),
                product("Tracing", of: "swift-distributed-tracing", trait: "Server"),
            ]
        ),
        .testTarget(
            name: "GenAITests",
            dependencies: [
                "GenAI", "Platform", "PrometheusText", "Reports", "SpanKit", "SpanKitInputs", "TestSupport",
            ],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "SpanKitInputsTests",
            dependencies: ["OTLP", "PrometheusText", "Recording", "SpanKitInputs", "TestSupport"],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "ReportsTests",
            dependencies: [
                "OTLP", "Percentiles", "Recording", "Reports", "SpanKitInputs", "Summaries", "TestSupport",
            ],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "SpanKitCLITests",
            dependencies: [
                "CoachProfiling", "OKRCoach", "OTLP", "Platform", "Recording", "Reports", "Shipping", "SpanKit",
                "SpanKitCLI", "Summaries", "TestSupport", "span-producer", "spankit",
            ],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "OKRCoachTests",
            dependencies: [
                "GenAI", "OKRCoach", "Platform", "SpanKit", "TestSupport",
                product("GRDB", of: "GRDB.swift", trait: "Coach"),
            ],
            resources: [.copy("Scenarios/Golden")]
        ),
        .testTarget(
            name: "CoachProfilingTests",
            dependencies: [
                "CoachProfiling", "OKRCoach", "OTLP", "Percentiles", "Reports", "Summaries", "TestSupport",
            ],
            resources: [.copy("Golden")]
        ),
    ]
)
