import Foundation

/// A directory for one test, gone when the value is.
public final class ScratchDirectory: Sendable {
    /// Without a slash at its end.
    public let path: String

    /// Makes a new directory.
    public init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "spankit-test-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The names in it, sorted, hidden ones too.
    public var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    /// The content of a file in it, nil when there is none.
    public func content(of name: String) -> [UInt8]? {
        FileManager.default.contents(atPath: "\(path)/\(name)").map { [UInt8]($0) }
    }

    /// Puts a file into it at once, as writers of textfiles have to.
    public func put(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(filePath: "\(path)/\(name)"), options: .atomic)
    }
}
