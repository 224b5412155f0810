import Foundation
import SpanKitTestSupport

/// A copy of the Swift runtime in which symbols have other names, as in a version of the runtime that does not have them.
///
/// The dynamic linker finds a symbol by the hash of its name. The other name has the same hash, so that nothing else in the libraries
/// has to change.
struct RuntimeCopy {
    private let folder = TemporaryFolder("runtime")

    /// The variables with which a program uses the copy.
    var environment: [String: String] { ["LD_LIBRARY_PATH": folder.path] }

    /// - Parameter names: The names of functions and variables of `libswiftCore` and `libswift_Concurrency`.
    init(without names: [String]) throws {
        let original = try Self.original()
        for name in try FileManager.default.contentsOfDirectory(atPath: original) where name.hasSuffix(".so") {
            guard ["libswiftCore.so", "libswift_Concurrency.so"].contains(name) else {
                try FileManager.default.createSymbolicLink(
                    atPath: folder.path(name),
                    withDestinationPath: "\(original)/\(name)"
                )
                continue
            }
            var library = try Data(contentsOf: URL(filePath: "\(original)/\(name)"))
            for symbol in names { Self.rename(symbol, in: &library) }
            try library.write(to: URL(filePath: folder.path(name)))
        }
    }

    func remove() { folder.remove() }

    /// The folder of the runtime that this process uses.
    private static func original() throws -> String {
        let maps = try FileHandle(forReadingFrom: URL(filePath: "/proc/self/maps")).readToEnd() ?? Data()
        let lines = String(decoding: maps, as: UTF8.self).split(separator: "\n")
        guard let path = lines.first(where: { $0.hasSuffix("/libswiftCore.so") })?.split(separator: " ").last else {
            throw CocoaError(.fileNoSuchFile)
        }
        return URL(filePath: String(path)).deletingLastPathComponent().path
    }

    private static func rename(_ symbol: String, in library: inout Data) {
        // The hash of a character is 33 times that of the one after it.
        var other = Array(symbol.utf8)
        other[other.count - 2] += 1
        other[other.count - 1] -= 33
        let (old, new) = (Data(symbol.utf8) + [0], Data(other) + [0])
        var start = library.startIndex
        while let range = library.range(of: old, in: start..<library.endIndex) {
            library.replaceSubrange(range, with: new)
            start = range.upperBound
        }
    }
}
