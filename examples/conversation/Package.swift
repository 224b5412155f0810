// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "conversation",
    dependencies: [.package(name: "SpanKit", path: "../..", traits: [.defaults, "Coach"])],
    targets: [
        .executableTarget(
            name: "conversation",
            dependencies: [
                .product(name: "OKRCoach", package: "SpanKit"),
                .product(name: "SpanKit", package: "SpanKit"),
            ]
        )
    ]
)
