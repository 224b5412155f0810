import Foundation
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitSummaries

/// Reads files of results, and says in one line what is wrong with one.
package enum ResultsFile {
    /// No run comes near it: a file of all scenarios has some hundred kilobytes.
    static let largestBytes = 256 << 20

    /// Reads a value from JSON.
    /// - Parameter file: what errors call the source.
    /// - Throws: ``ResultsFileError``: the first thing that is wrong, with its position or field.
    package static func decode<Value: Decodable>(
        _: Value.Type,
        _ json: [UInt8],
        file: String
    ) throws(ResultsFileError) -> Value {
        if let offset = firstInvalidUTF8(json) { throw .notUTF8(file: file, offset: offset) }
        let decoder = JSONDecoder()
        let newest = OperationsJSON.currentFormatVersion
        do {
            let data = Data(json)
            // The version alone first: what a newer file looks like beyond it is unknown.
            let version = try decoder.decode(VersionOnly.self, from: data).formatVersion
            guard version <= newest else {
                throw ResultsFileError.newerVersion(file: file, version: version, newestKnown: newest)
            }
            guard version >= 1 else {
                throw ResultsFileError.invalid(file: file, field: "formatVersion", reason: "\(version) never existed")
            }
            return try decoder.decode(Value.self, from: data)
        } catch let error as ResultsFileError {
            throw error
        } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
            throw .notJSON(file: file, reason: syntaxError(in: json))
        } catch let error as DecodingError {
            throw ResultsFileError(error, file: file)
        } catch {
            throw .notJSON(file: file, reason: "\(error)")
        }
    }

    private struct VersionOnly: Decodable {
        let formatVersion: Int
    }

    /// The bytes of a file.
    package static func bytes(of path: String) throws(ResultsFileError) -> [UInt8] {
        switch FileSystem.read(path, limit: largestBytes, mayBePipe: true) {
        case .success(let bytes): return bytes
        case .failure(let failure) where failure.code == EFBIG: throw .tooLarge(file: path, limitBytes: largestBytes)
        case .failure(let failure): throw .unreadable(file: path, reason: systemError(failure.code))
        }
    }
}

/// What the system says of an error number, such as `Permission denied`.
package func systemError(_ code: Int32) -> String { String(cString: strerror(code)) }

/// The offset of the first byte that does not belong to valid UTF-8; nil when all do.
private func firstInvalidUTF8(_ bytes: [UInt8]) -> Int? {
    if String(validating: bytes, as: UTF8.self) != nil { return nil }
    var decoder = UTF8()
    var source = bytes.makeIterator()
    var offset = 0
    while true {
        switch decoder.decode(&source) {
        case .scalarValue(let scalar): offset += UTF8.width(scalar)
        case .emptyInput, .error: return offset
        }
    }
}

extension ResultsFileError {
    /// Says in one line what `JSONDecoder` says in a tree.
    fileprivate init(_ error: DecodingError, file: String) {
        switch error {
        case .keyNotFound(let key, let context):
            self = .invalid(
                file: file,
                field: Self.field(context.codingPath + [key]),
                reason: "this field is missing"
            )
        case .typeMismatch(let type, let context):
            self = .invalid(
                file: file,
                field: Self.field(context.codingPath),
                reason: "should be \(Self.words(for: type))"
            )
        case .valueNotFound(let type, let context):
            self = .invalid(
                file: file,
                field: Self.field(context.codingPath),
                reason: "is null, should be \(Self.words(for: type))"
            )
        case .dataCorrupted(let context):
            self = .invalid(
                file: file,
                field: Self.field(context.codingPath),
                reason: lowercasedFirst(context.debugDescription)
            )
        @unknown default:
            self = .invalid(file: file, field: "", reason: "\(error)")
        }
    }

    /// `scenarios[2].messages[0].index`, as jq and others write it.
    private static func field(_ path: [any CodingKey]) -> String {
        path.reduce(into: "") { text, key in
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += (text.isEmpty ? "" : ".") + key.stringValue
            }
        }
    }

    private static func words(for type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a text"
        case is Bool.Type: "true or false"
        case is Double.Type: "a number"
        case is any BinaryInteger.Type: "a whole number"
        case is any Sequence.Type: "a list or table"
        default: "an object"
        }
    }
}

/// Where JSON goes wrong. `JSONDecoder` does not say on Linux; `JSONSerialization` does, as a byte offset in its prose.
private func syntaxError(in json: [UInt8]) -> String {
    do {
        _ = try JSONSerialization.jsonObject(with: Data(json), options: .fragmentsAllowed)
        return "it is not an object"
    } catch {
        let prose = (error as NSError).userInfo["NSDebugDescription"] as? String ?? "it is damaged"
        if prose.contains("end of file") {
            return json.isEmpty ? "it is empty" : "it ends too early, in \(position(of: json.count, in: json))"
        }
        guard let match = prose.firstMatch(of: #/ around character ([0-9]+)/#), let offset = Int(match.1) else {
            return lowercasedFirst(prose)
        }
        return lowercasedFirst(String(prose[..<match.range.lowerBound])) + " in \(position(of: offset, in: json))"
    }
}

private func position(of offset: Int, in bytes: [UInt8]) -> String {
    let before = bytes[..<min(max(0, offset), bytes.count)]
    let line = before.count { $0 == 0x0A } + 1
    let column = before.count - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
    return "line \(line), column \(column)"
}

private func lowercasedFirst(_ text: String) -> String {
    var result = text.withLowerCaseStart
    while result.hasSuffix(".") { result.removeLast() }
    return result
}
