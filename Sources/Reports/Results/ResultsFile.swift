import Foundation
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitSummaries

/// Reads results files, with errors that name the position or field.
package enum ResultsFile {
    /// The maximum size. The results of all scenarios take some hundred kilobytes.
    package static let largestBytes = 256 << 20

    /// Decodes a value from JSON.
    /// - Parameter file: The name of the file in errors.
    /// - Throws: ``ResultsFileError`` for the first problem.
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
            // The version is decoded first because the rest of a newer file may have any form.
            let version = try decoder.decode(VersionOnly.self, from: data).formatVersion
            guard version <= newest else {
                throw ResultsFileError.newerVersion(file: file, version: version, newestKnown: newest)
            }
            guard version >= 1 else {
                throw ResultsFileError.invalid(
                    file: file,
                    field: "formatVersion",
                    reason: "there is no version \(version)"
                )
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

    /// Reads the bytes of a file.
    package static func bytes(of path: String) throws(ResultsFileError) -> [UInt8] {
        switch FileSystem.read(path, limit: largestBytes, mayBePipe: true) {
        case .success(let bytes): return bytes
        case .failure(let failure) where failure.code == EFBIG: throw .tooLarge(file: path, limitBytes: largestBytes)
        case .failure(let failure): throw .unreadable(file: path, reason: systemError(failure.code))
        }
    }
}

/// The system's text for an error number, such as `Permission denied`.
package func systemError(_ code: Int32) -> String { String(cString: strerror(code)) }

/// The offset of the first byte that is not valid UTF-8, if any.
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
    /// Describes an error of `JSONDecoder` in one line.
    fileprivate init(_ error: DecodingError, file: String) {
        let (path, reason): ([any CodingKey], String) =
            switch error {
            case .keyNotFound(let key, let context): (context.codingPath + [key], "this field is missing")
            case .typeMismatch(let type, let context): (context.codingPath, "is not \(Self.words(for: type))")
            case .valueNotFound(let type, let context):
                (context.codingPath, "is null, but has to be \(Self.words(for: type))")
            case .dataCorrupted(let context): (context.codingPath, lowercasedFirst(context.debugDescription))
            @unknown default: ([], "\(error)")
            }
        self = .invalid(file: file, field: Self.field(path), reason: reason)
    }

    /// Formats a path as jq does, such as `scenarios[2].messages[0].index`.
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
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is Double.Type: "a number"
        case is any BinaryInteger.Type: "a whole number"
        case is any Sequence.Type: "a list or an object"
        default: "an object"
        }
    }
}

/// Describes a syntax error with its position.
///
/// On Linux `JSONDecoder` does not report the position. `JSONSerialization` does, as a byte offset in its description.
private func syntaxError(in json: [UInt8]) -> String {
    do {
        _ = try JSONSerialization.jsonObject(with: Data(json), options: .fragmentsAllowed)
        return "it is not an object"
    } catch {
        let prose = (error as NSError).userInfo["NSDebugDescription"] as? String ?? "it is damaged"
        if prose.contains("end of file") {
            return json.isEmpty ? "it is empty" : "it is cut off at \(position(of: json.count, in: json))"
        }
        guard let match = prose.firstMatch(of: #/ around character ([0-9]+)/#), let offset = Int(match.1) else {
            return lowercasedFirst(prose)
        }
        return lowercasedFirst(String(prose[..<match.range.lowerBound])) + " at \(position(of: offset, in: json))"
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

/// The reason why a results file could not be read or written.
package enum ResultsFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The system could not open or read the file.
    case unreadable(file: String, reason: String)
    /// The file is larger than any results file.
    case tooLarge(file: String, limitBytes: Int)
    /// The file is not UTF-8.
    case notUTF8(file: String, offset: Int)
    /// The file is not JSON, or is cut off.
    case notJSON(file: String, reason: String)
    /// The file is JSON, but not a results file.
    case invalid(file: String, field: String, reason: String)
    /// The file was written by a later release.
    case newerVersion(file: String, version: Int, newestKnown: Int)
    /// The file cannot be merged with the others.
    case notMergeable(file: String, reason: String)
    /// The system could not create the file.
    case cannotWrite(directory: String, reason: String)

    package var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "\(file): cannot be read: \(reason)"
        case .tooLarge(let file, let limit):
            "\(file): is larger than \(limit >> 20) MiB; is this a file that spankit profile wrote?"
        case .notUTF8(let file, let offset):
            "\(file): the byte at offset \(offset) is not UTF-8; is this a file that spankit profile wrote?"
        case .notJSON(let file, let reason):
            "\(file): is not JSON: \(reason); was it copied completely?"
        case .invalid(let file, let field, let reason):
            "\(file): \(field.isEmpty ? "" : "\(field): ")\(reason); is this a file that spankit profile wrote?"
        case .newerVersion(let file, let version, let newest):
            "\(file): has format version \(version), but this spankit reads up to version \(newest); use a newer spankit"
        case .notMergeable(let file, let reason):
            "\(file): cannot be merged with the other files: \(reason)"
        case .cannotWrite(let directory, let reason):
            "\(directory): the results file cannot be written: \(reason); choose another directory with --out"
        }
    }
}
