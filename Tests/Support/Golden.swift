import Foundation
import Testing

/// Files in the folder `Golden` beside a test: what the code is expected to say, read and committed by a person.
public enum Golden {
    /// Compares text with a file. With `SPANKIT_UPDATE_GOLDEN` set the file is written instead.
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
