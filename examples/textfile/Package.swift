// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "textfile",
    dependencies: [
        .package(name: "SpanKit", path: "../.."),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    ],
    targets: [
        .executableTarget(
            name: "textfile",
            dependencies: [
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "SpanKitServer", package: "SpanKit"),
            ]
        )
    ]
)
