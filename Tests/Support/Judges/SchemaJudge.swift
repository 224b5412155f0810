import Foundation

/// Validates JSON documents with the JSON Schemas of `docs/schemas`; see `Judges/schema.py`.
public enum SchemaJudge {
    /// Validates the documents in files, and finds changes of them that their schemas do not notice.
    /// - Parameters:
    ///   - paths: Files with a document, or with a document on each line (`.jsonl`). A file `X.csv` beside `X.json` has to contain the
    ///     same rows.
    ///   - folder: The folder of the schemas.
    /// - Returns: The complaints.
    public static func complaints(about paths: [String], in folder: String = "docs/schemas") async throws -> [String] {
        let program = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "schema.py").path
        let arguments = ["-I", program, PackageFiles.url(folder).path] + paths
        let run = try await Command.run(.schemas, arguments, within: .generous * 5)
        guard run.status == 0 else { throw ProtobufJudge.Failure(description: "the judge failed:\n\(run.error)") }
        return try JSONDecoder().decode([String].self, from: Data(run.output.utf8))
    }
}
