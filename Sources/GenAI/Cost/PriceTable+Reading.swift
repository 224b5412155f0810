import Foundation

extension PriceTable {
    /// Why a table cannot be used.
    public enum Problem: Error, Equatable, CustomStringConvertible {
        /// The file cannot be read, or is no table.
        case unusable(file: String, reason: String)

        /// One line: which file, what is wrong, what to do.
        public var description: String {
            switch self {
            case .unusable(let file, let reason): "\(file): \(reason)"
            }
        }
    }

    /// Reads a table from a file.
    public init(contentsOf path: String) throws(Problem) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .unusable(file: path, reason: "cannot be read; give a JSON file of prices")
        }
        try self.init(json: [UInt8](data), file: path)
    }

    /// Reads a table from JSON.
    /// - Parameters:
    ///   - json: the whole file.
    ///   - file: what errors call it.
    public init(json: [UInt8], file: String) throws(Problem) {
        let table: Table
        do {
            table = try JSONDecoder().decode(Table.self, from: Data(json))
        } catch {
            throw .unusable(
                file: file,
                reason: "is no table of prices; write {\"version\": \"2026-11-01\", \"currency\": \"USD\", "
                    + "\"models\": {\"NAME\": {\"input\": 3, \"output\": 15}}}, prices for one million tokens"
            )
        }
        guard !table.version.isEmpty else {
            throw .unusable(file: file, reason: "version is empty; name the table's date")
        }
        for (model, prices) in table.models.sorted(by: { $0.key < $1.key }) {
            let all = [prices.input, prices.output, prices.cache_read ?? 0, prices.cache_write ?? 0]
            guard all.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
                throw .unusable(file: file, reason: "models.\(model) has a price below 0; correct it")
            }
        }
        self.init(
            version: table.version,
            currency: table.currency,
            models: table.models.mapValues {
                Prices(input: $0.input, output: $0.output, cacheRead: $0.cache_read, cacheWrite: $0.cache_write)
            }
        )
    }

    private struct Table: Decodable {
        struct Entry: Decodable {
            var input: Double
            var output: Double
            var cache_read: Double?
            var cache_write: Double?
        }

        var version: String
        var currency: String
        var models: [String: Entry]
    }
}
