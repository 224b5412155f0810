// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "minimal",
    dependencies: [.package(name: "SpanKit", path: "../..", traits: [])],
    targets: [
        .executableTarget(name: "minimal", dependencies: [.product(name: "SpanKit", package: "SpanKit")])
    ]
)
