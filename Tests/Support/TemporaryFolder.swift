import Foundation

/// A folder for one test, which is removed with the last reference to it.
public final class TemporaryFolder: Sendable {
    /// The path, without a slash at its end.
    public let path: String

    /// Creates a folder.
    /// - Parameter name: a part of its name, to recognize a folder that was left behind.
    public init(_ name: String = "test") {
        path = FileManager.default.temporaryDirectory.appending(path: "spankit-\(name)-\(UUID().uuidString)").path
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            fatalError("no temporary folder: \(error)")
        }
    }

    deinit { remove() }

    /// The path of a file in the folder.
    public func path(_ name: String) -> String { "\(path)/\(name)" }

    /// The sorted names in the folder, including hidden ones.
    public var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    /// The content of a file in the folder; nil if there is no such file.
    public func content(of name: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path(name)).map { [UInt8]($0) }
    }

    /// The content of a file in the folder as text; empty if there is no such file.
    public func text(of name: String) -> String { String(decoding: content(of: name) ?? [], as: UTF8.self) }

    /// Writes a file into the folder atomically, as writers of textfiles have to.
    public func put(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(filePath: path(name)), options: .atomic)
    }

    /// Removes the folder with everything in it.
    public func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
