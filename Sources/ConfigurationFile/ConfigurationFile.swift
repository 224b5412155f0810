import SpanKitPlatform

/// Reads the text of a configuration file and parses it.
enum ConfigurationFile {
    /// The maximum size of a file: 1 MiB, far more than any configuration needs.
    private static let largestBytes = 1_024 * 1_024

    /// Reads a file in the format given by its file extension.
    static func read(_ path: String, _ references: VariableReferences) throws(SettingSyntaxError) -> SettingNode {
        let name = path.split(separator: "/").last ?? ""
        let ending = name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
        switch ending {
        case "json": return try JSONSettings.parse(try text(path), references)
        case "yaml", "yml":
            #if YAML
                return try YAMLSettings.parse(try text(path), references)
            #else
                throw SettingSyntaxError(
                    "is YAML, which this program cannot read. Enable the trait YAML where you depend on SpanKit "
                        + "(traits: [.defaults, \"YAML\"]), or write the file as JSON (.json)."
                )
            #endif
        case "": throw SettingSyntaxError("has no file extension; name it .json or .yaml")
        default: throw SettingSyntaxError("is neither .json nor .yaml; rename it or convert it")
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
            throw SettingSyntaxError("is not UTF-8 text; save it as UTF-8")
        }
        guard !text.allSatisfy(\.isWhitespace) else {
            throw SettingSyntaxError("is empty; start with file_format: \"1.0\"")
        }
        return text
    }
}
