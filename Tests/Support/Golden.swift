import Foundation
import Testing

/// Files with expected texts, in the folder `Golden` next to a test. A person reads and commits each change to them.
public enum Golden {
    /// Compares a text with a file. If `SPANKIT_UPDATE_GOLDEN` is set, it writes the file instead.
    public static func expect(
        _ text: String,
        _ name: String,
        filePath: String = #filePath,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let file = file(name, filePath)
        if ProcessInfo.processInfo.environment["SPANKIT_UPDATE_GOLDEN"] != nil {
            try Data(text.utf8).write(to: file)
            return
        }
        let expected = try String(contentsOf: file, encoding: .utf8)
        #expect(text == expected, "differs from Golden/\(name)", sourceLocation: sourceLocation)
    }

    /// The text of a file.
    public static func text(_ name: String, filePath: String = #filePath) throws -> String {
        try String(contentsOf: file(name, filePath), encoding: .utf8)
    }

    private static func file(_ name: String, _ filePath: String) -> URL {
        URL(filePath: filePath).deletingLastPathComponent().appending(path: "Golden/\(name)")
    }
}
