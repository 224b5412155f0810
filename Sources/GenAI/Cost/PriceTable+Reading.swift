import Foundation

extension PriceTable {
    /// An error in a price table.
    public enum Problem: Error, Equatable, CustomStringConvertible {
        /// The file cannot be read, or is not a valid price table.
        case unusable(file: String, reason: String)

        /// The file, what is wrong with it, and what to do, in one line.
        public var description: String {
            switch self {
            case .unusable(let file, let reason): "\(file): \(reason)"
            }
        }
    }

    /// Reads a price table from a JSON file.
    public init(contentsOf path: String) throws(Problem) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .unusable(file: path, reason: "cannot be read; give the path of a JSON file with prices")
        }
        try self.init(json: [UInt8](data), file: path)
    }

    /// Reads a price table from JSON.
    /// - Parameters:
    ///   - json: the bytes of the file.
    ///   - file: the name of the file in errors.
    public init(json: [UInt8], file: String) throws(Problem) {
        let table: Table
        do {
            table = try JSONDecoder().decode(Table.self, from: Data(json))
        } catch {
            throw .unusable(
                file: file,
                reason: "is not a price table; write {\"version\": \"2026-11-01\", \"currency\": \"USD\", "
                    + "\"models\": {\"NAME\": {\"input\": 3, \"output\": 15}}}, with prices for one million tokens"
            )
        }
        guard !table.version.isEmpty else {
            throw .unusable(file: file, reason: "version is empty; write the date of the prices, such as 2026-11-01")
        }
        for (model, prices) in table.models.sorted(by: { $0.key < $1.key }) {
            let all = [prices.input, prices.output, prices.cache_read ?? 0, prices.cache_write ?? 0]
            guard all.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
                throw .unusable(
                    file: file,
                    reason: "models.\(model) has a price that is negative or not finite; write a number of 0 or more"
                )
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
