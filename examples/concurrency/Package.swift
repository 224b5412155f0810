// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "concurrency",
    dependencies: [
        .package(name: "SpanKit", path: "../..", traits: [.defaults, "Concurrency"]),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.0.0"),
    ],
    targets: [
        .executableTarget(
            name: "concurrency",
            dependencies: [
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SpanKitConcurrency", package: "SpanKit"),
                .product(name: "SpanKitServer", package: "SpanKit"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]
        )
    ]
)
