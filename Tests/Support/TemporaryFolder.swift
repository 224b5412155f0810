import Foundation

/// A folder for one test, gone with the last reference to it.
public final class TemporaryFolder: Sendable {
    /// Where it is, without a slash at its end.
    public let path: String

    /// Makes it.
    /// - Parameter name: what it is for, for people who find one that was left behind.
    public init(_ name: String = "test") {
        path = FileManager.default.temporaryDirectory.appending(path: "spankit-\(name)-\(UUID().uuidString)").path
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            fatalError("no temporary folder: \(error)")
        }
    }

    deinit { remove() }

    /// The path of something in it.
    public func path(_ name: String) -> String { "\(path)/\(name)" }

    /// The names in it, sorted, hidden ones too.
    public var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    /// The content of a file in it; nil when there is no such file.
    public func content(of name: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path(name)).map { [UInt8]($0) }
    }

    /// The content of a file in it as text; empty when there is no such file.
    public func text(of name: String) -> String { String(decoding: content(of: name) ?? [], as: UTF8.self) }

    /// Puts a file into it in one step, as writers of textfiles have to.
    public func put(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(filePath: path(name)), options: .atomic)
    }

    /// Removes it with all that is in it.
    public func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
