// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "library",
    dependencies: [
        .package(name: "SpanKit", path: "../.."),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.0"),
    ],
    targets: [
        // Knows nothing of SpanKit, as the libraries of the ecosystem do.
        .target(name: "Kitchen", dependencies: [.product(name: "Tracing", package: "swift-distributed-tracing")]),
        .executableTarget(
            name: "library",
            dependencies: [
                "Kitchen",
                .product(name: "SpanKitServer", package: "SpanKit"),
            ]
        ),
    ]
)
