// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "SpanKit",
    products: [
        .library(name: "SpanKit", targets: ["SpanKit"]),
        .library(name: "SpanKitTracing", targets: ["SpanKitTracing"]),
        .library(name: "SpanKitYAML", targets: ["SpanKitYAML"]),
        .library(name: "GenAI", targets: ["GenAI"]),
        .library(name: "Inputs", targets: ["Inputs"]),
        .library(name: "OKRCoach", targets: ["OKRCoach"]),
        .executable(name: "spankit", targets: ["spankit"]),
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
        .target(name: "PrometheusText", dependencies: ["OTLP", "Percentiles", "Recording", "Threads"]),
        .target(name: "Summaries", dependencies: ["Percentiles"]),
        .target(
            name: "SpanKit",
            dependencies: [
                "CClock", "OTLP", "Percentiles", "PrometheusText", "Recording", "Shipping", "Summaries", "Threads",
            ]
        ),
        .target(
            name: "SpanKitTracing",
            dependencies: [
                "SpanKit",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]
        ),

        .target(name: "GenAI", dependencies: ["OTLP", "Percentiles", "PrometheusText", "Recording", "SpanKit"]),
        .target(name: "SpanKitYAML", dependencies: ["SpanKit", .product(name: "Yams", package: "Yams")]),

        // The server core that is profiled, and the command that profiles it.
        .target(
            name: "OKRCoach",
            dependencies: [
                "CCurl", "GenAI", "SpanKit", "SpanKitTracing",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        // What only the command needs; no server compiles it.
        .target(name: "Inputs", dependencies: ["CZlib", "OTLP", "PrometheusText", "Recording", "Shipping"]),
        .target(name: "Reports", dependencies: ["Inputs", "OTLP", "Percentiles", "Recording", "Summaries"]),
        .target(
            name: "SpanKitCLI",
            dependencies: [
                "CClock", "GenAI", "Inputs", "OKRCoach", "OTLP", "Percentiles", "PrometheusText", "Recording",
                "Reports", "Shipping", "SpanKit", "SpanKitTracing", "SpanKitYAML", "Summaries",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .executableTarget(name: "spankit", dependencies: ["SpanKitCLI"]),

        .executableTarget(
            name: "benchmarks",
            dependencies: [
                "AllocationCounter", "CClock", "CZlib", "Inputs", "OKRCoach", "OTLP", "Percentiles",
                "PrometheusText", "Recording", "Shipping", "SpanKit", "SpanKitTracing",
                .product(name: "Tracing", package: "swift-distributed-tracing"),
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
            dependencies: ["Inputs", "OTLP", "Percentiles", "Recording", "TestSupport"],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "InputsTests",
            dependencies: ["Inputs", "OTLP", "PrometheusText", "Recording", "TestSupport"],
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
            dependencies: [
                "GenAI", "Inputs", "OTLP", "Percentiles", "PrometheusText", "Recording", "TestSupport",
            ],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "SummariesTests",
            dependencies: ["Percentiles", "Summaries", "TestSupport"],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "ReportsTests",
            dependencies: ["Inputs", "OTLP", "Percentiles", "Recording", "Reports", "Summaries", "TestSupport"],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "SpanKitTests",
            dependencies: [
                "GenAI", "SpanKit", "SpanKitTracing", "SpanKitYAML", "TestSupport",
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]
        ),
        .testTarget(
            name: "SpanKitTracingTests",
            dependencies: [
                "Recording", "SpanKit", "SpanKitTracing", "TestSupport",
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]
        ),
        .testTarget(
            name: "GenAITests",
            dependencies: ["GenAI", "Inputs", "OTLP", "PrometheusText", "Reports", "TestSupport"],
            resources: [.copy("Golden")]
        ),
        .testTarget(
            name: "OKRCoachTests",
            dependencies: ["OKRCoach", "TestSupport"],
            resources: [.copy("Scenarios/Golden")]
        ),
        .testTarget(
            name: "SpanKitCLITests",
            dependencies: [
                "Inputs", "OKRCoach", "OTLP", "Percentiles", "Recording", "Reports", "Shipping", "SpanKitCLI",
                "Summaries", "TestSupport", "span-producer",
                "spankit",
            ],
            resources: [.copy("Golden")]
        ),
    ]
)
