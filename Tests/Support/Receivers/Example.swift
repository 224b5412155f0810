import Foundation
import Testing

/// The programs of `examples/`, which `make examples` builds.
public enum Example: String, Sendable {
    /// An example with two processes and one trace.
    case distributed
    /// An example with a contended actor and a call that blocks its thread.
    case concurrency

    /// The executable's path; nil if it is not built.
    public var path: String? {
        let file = PackageFiles.url(".build-examples/debug/\(rawValue)").path
        return FileManager.default.isExecutableFile(atPath: file) ? file : nil
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips the test if the example is not built. In CI the test runs anyway, and fails.
    public static func needs(_ example: Example) -> Self {
        let isCI = !(ProcessInfo.processInfo.environment["CI"] ?? "").isEmpty
        return .enabled(
            if: example.path != nil || isCI,
            "examples/\(example.rawValue) is not built; run: make examples"
        )
    }
}
