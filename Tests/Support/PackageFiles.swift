import Foundation

/// Files of this package, so that tests use the files that users copy.
public enum PackageFiles {
    /// A file or folder, by its path from the package's root.
    public static func url(_ path: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../\(path)").standardizedFileURL
    }

    /// The text of a file.
    public static func text(_ path: String) throws -> String {
        try String(contentsOf: url(path), encoding: .utf8)
    }

    /// The sorted paths of the files in a folder that end with a suffix.
    public static func paths(in folder: String, suffix: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: url(folder).path)
            .filter { $0.hasSuffix(suffix) }.sorted().map { url("\(folder)/\($0)").path }
    }
}
