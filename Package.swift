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
            description:
                "Product OKRCoach, the bundled coaching server, by GRDB; with it, spankit has the command profile.",
            enabledTraits: ["Server"]
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
        // The way of a span, left to right: CClock → Percentiles → Recording → OTLP → Shipping → SpanKit.
        .target(name: "CClock"),
        .systemLibrary(
            name: "CCurl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]
        ),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .target(name: "Threads", dependencies: ["CClock"]),
        .target(name: "Percentiles", dependencies: ["CClock"]),
        .target(name: "Recording", dependencies: ["CClock", "Percentiles"]),
        .target(name: "OTLP", dependencies: ["Percentiles", "Recording"]),
        .target(
            name: "Shipping",
            dependencies: ["CClock", "CCurl", "CZlib", "OTLP", "Percentiles", "Recording", "Threads"]
        ),
        .target(name: "PrometheusText", dependencies: ["Percentiles", "Threads"]),
        .target(name: "Summaries", dependencies: ["Percentiles"]),
        .target(
            name: "SpanKit",
            dependencies: [
                "CClock", "OTLP", "Percentiles", "PrometheusText", "Recording", "Shipping", "Summaries", "Threads",
            ]
        ),
        .target(
            name: "SpanKitServer",
            dependencies: [
                "Percentiles", "Recording", "ServerTrait", "Shipping", "SpanKit",
                product("Logging", of: "swift-log", trait: "Server"),
                product("ServiceLifecycle", of: "swift-service-lifecycle", trait: "Server"),
                product("Tracing", of: "swift-distributed-tracing", trait: "Server"),
            ]
        ),

        // Without its trait, a product fails here with one error that names the trait, before any of its files is compiled.
        .target(name: "ServerTrait", path: "Sources/Traits/Server"),
        .target(name: "YAMLTrait", path: "Sources/Traits/YAML"),
        .target(name: "CommandTrait", path: "Sources/Traits/Command"),
        .target(name: "CoachTrait", path: "Sources/Traits/Coach"),

        .target(name: "GenAI", dependencies: ["SpanKit"]),
        .target(
            name: "SpanKitYAML",
            dependencies: ["SpanKit", "YAMLTrait", product("Yams", of: "Yams", trait: "YAML")]
        ),

        // The server core that is profiled, and the command that profiles it.
        .target(
            name: "OKRCoach",
            dependencies: [
                "CCurl", "CoachTrait", "GenAI", "SpanKit", "SpanKitServer",
                product("GRDB", of: "GRDB.swift", trait: "Coach"),
                product("Logging", of: "swift-log", trait: "Server"),
            ]
        ),
        .target(name: "Reports", dependencies: ["OTLP", "Percentiles", "Recording", "Summaries"]),
        .target(
            name: "SpanKitCLI",
            dependencies: [
                "CClock", "CommandTrait", "GenAI", "OKRCoach", "OTLP", "Percentiles", "PrometheusText", "Recording",
                "Reports", "Shipping", "SpanKit", "SpanKitServer", "SpanKitYAML", "Summaries",
                product("ArgumentParser", of: "swift-argument-parser", trait: "Command"),
                product("Logging", of: "swift-log", trait: "Server"),
            ]
        ),
        .executableTarget(name: "spankit", dependencies: ["SpanKitCLI"]),

        .executableTarget(
            name: "benchmarks",
            dependencies: [
                "AllocationCounter", "CClock", "CZlib", "OKRCoach", "OTLP", "Percentiles", "PrometheusText",
                "Recording", "Shipping", "SpanKit", "SpanKitServer",
                product("Tracing", of: "swift-distributed-tracing", trait: "Server"),
            ],
            path: "Benchmarks"
        ),

        // Records spans until it is killed, for the tests of the spool.
        .executableTarget(name: "span-producer", dependencies: ["CFork", "SpanKit"], path: "Tests/SpanProducer"),
        .target(name: "CFork", path: "Tests/CFork"),
        .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
        .target(
            name: "TestSupport",
            dependencies: ["CZlib", "Threads"],
            path: "Tests/Support",
            exclude: ["Judges/otlp.py"]
        ),
        .testTarget(name: "SupportTests", dependencies: ["TestSupport"]),
        .testTarget(
            name: "PercentilesTests",
            dependencies: ["Percentiles", "TestSupport"],
            resources: [.copy("Vectors")]
        ),
        .testTarget(
            name: "RecordingTests",
            dependencies: ["AllocationCounter", "CClock", "Percentiles", "Recording", "TestSupport", "span-producer"]
        ),
        .testTarget(
            name: "OTLPTests",
            dependencies: ["OTLP", "Percentiles", "Recording", "TestSupport"],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "ShippingTests",
            dependencies: [
                "CClock", "OTLP", "Percentiles", "Recording", "Shipping", "TestSupport", "Threads", "span-producer",
            ]
        ),
        .testTarget(
            name: "PrometheusTextTests",
            dependencies: ["Percentiles", "PrometheusText", "TestSupport"],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "SummariesTests",
            dependencies: ["Percentiles", "Summaries", "TestSupport"],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "ReportsTests",
            dependencies: ["OTLP", "Percentiles", "Recording", "Reports", "Summaries", "TestSupport"],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "SpanKitTests",
            dependencies: [
                "SpanKit", "SpanKitServer", "SpanKitYAML", "TestSupport",
                product("InMemoryLogging", of: "swift-log", trait: "Server"),
                product("Tracing", of: "swift-distributed-tracing", trait: "Server"),
            ]
        ),
        .testTarget(
            name: "SpanKitServerTests",
            dependencies: [
                "Recording", "SpanKit", "SpanKitServer", "TestSupport",
                product("InMemoryLogging", of: "swift-log", trait: "Server"),
                product("ServiceLifecycle", of: "swift-service-lifecycle", trait: "Server"),
                product("ServiceLifecycleTestKit", of: "swift-service-lifecycle", trait: "Server"),
                product("InMemoryTracing", of: "swift-distributed-tracing", trait: "Server"),
                product("Tracing", of: "swift-distributed-tracing", trait: "Server"),
            ]
        ),
        .testTarget(name: "GenAITests", dependencies: ["GenAI", "PrometheusText", "Reports", "TestSupport"]),
        .testTarget(
            name: "OKRCoachTests",
            dependencies: ["OKRCoach", "TestSupport"],
            resources: [.copy("Scenarios/Golden")]
        ),
        .testTarget(
            name: "SpanKitCLITests",
            dependencies: [
                "OKRCoach", "OTLP", "Percentiles", "Reports", "Shipping", "SpanKitCLI", "Summaries", "TestSupport",
                "span-producer",
                "spankit",
            ],
            resources: [.copy("Golden")]
        ),
    ]
)
