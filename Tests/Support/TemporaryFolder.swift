import Foundation

/// A folder for one test.
public struct TemporaryFolder: Sendable {
    /// Where it is.
    public let path: String

    /// Makes it.
    public init() {
        path = NSTemporaryDirectory() + "spankit-\(UUID().uuidString)"
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// The path of something in it.
    public func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Removes it with all that is in it.
    public func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
