import SpanKitPlatform
import SpanKitStore

/// The text of a position in a list. It names the query, so that the cursor of another one is refused.
enum ListCursor {
    static func text(_ cursor: TraceCursor, of query: UInt64) -> String {
        "\(cursor.key).\(cursor.number).\(query.hexadecimalDigits)"
    }

    /// - Throws: ``APIFailure`` for a text that is not a cursor of the query.
    static func read(_ text: String?, of query: UInt64) throws(APIFailure) -> TraceCursor? {
        guard let text else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let key = Int64(parts[0]), let number = Int64(parts[1]),
            parts[2].utf8.elementsEqual(query.hexadecimalDigits.utf8)
        else {
            throw .parameter("cursor", "is not a cursor of this query; leave it out to begin at the start")
        }
        return TraceCursor(key: key, number: number)
    }
}
