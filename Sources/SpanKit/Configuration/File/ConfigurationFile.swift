import SpanKitPlatform
import SpanKitShipping

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A configuration file as it was found.
struct ConfigurationFile {
    /// As it was given.
    let path: String
    let root: SettingNode

    /// A megabyte: more than a hundred times what any configuration takes.
    static let largestBytes = 1_024 * 1_024

    /// Reads a file in one of several formats, chosen by the ending of its name.
    init(
        path: String,
        formats: [ConfigurationFormat],
        _ references: VariableReferences
    ) throws(SettingSyntaxError) {
        self.path = path
        let name = path.split(separator: "/").last ?? ""
        let ending = name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
        guard let format = formats.first(where: { $0.fileEndings.contains(ending) }) else {
            throw SettingSyntaxError(Self.advice(ending))
        }
        let text = try Self.text(path)
        guard !text.allSatisfy(\.isWhitespace) else {
            throw SettingSyntaxError("is empty; begin with file_format: \"1.0\"")
        }
        root = try format.parse(text, references)
    }

    private static func advice(_ ending: String) -> String {
        switch ending {
        case "yaml", "yml":
            "is YAML, which this program cannot read: write it as JSON (.json), or add the product SpanKitYAML and start with "
                + ".environment(reading: .yaml)"
        case "": "has no ending that says what it is; call it .json or .yaml"
        default: "is neither .json nor .yaml"
        }
    }

    private static func text(_ path: String) throws(SettingSyntaxError) -> String {
        let bytes: [UInt8]
        switch FileSystem.read(path, limit: largestBytes, mayBePipe: true) {
        case .success(let content): bytes = content
        case .failure(let problem) where problem.code == EFBIG:
            throw SettingSyntaxError("is larger than \(largestBytes) bytes; is it a configuration file?")
        case .failure(let problem):
            throw SettingSyntaxError("cannot be read: \(FileSystem.describe(problem.code))")
        }
        let isMarked = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        guard let text = String(validating: isMarked ? bytes.dropFirst(3) : bytes[...], as: UTF8.self) else {
            throw SettingSyntaxError("is not UTF-8 text")
        }
        return text
    }
}
