// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "scenarios",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "SpanKit", path: "../.."),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.0"),
    ],
    targets: [
        .executableTarget(
            name: "scenarios",
            dependencies: [
                .product(name: "SpanKitScenarios", package: "SpanKit"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]
        )
    ]
)
