import Foundation
import PrometheusText
import Testing

/// Compares text with a file in `Golden/`. With `SPANKIT_UPDATE_GOLDEN` set the file is written instead, to be read and
/// committed by a person.
func expectGolden(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name)")
    if ProcessInfo.processInfo.environment["SPANKIT_UPDATE_GOLDEN"] != nil {
        try Data(text.utf8).write(to: source)
        return
    }
    let golden = try #require(
        Bundle.module.url(forResource: "Golden", withExtension: nil)?.appending(path: name),
        sourceLocation: sourceLocation
    )
    let expected = try String(contentsOf: golden, encoding: .utf8)
    #expect(text == expected, "differs from Golden/\(name)", sourceLocation: sourceLocation)
}

/// The families as text.
func encoded(_ families: [MetricFamily]) throws -> String {
    String(decoding: try ExpositionText.encode(families), as: UTF8.self)
}
