// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "textfile",
    dependencies: [.package(name: "SpanKit", path: "../..", traits: [])],
    targets: [
        .executableTarget(name: "textfile", dependencies: [.product(name: "SpanKit", package: "SpanKit")])
    ]
)
