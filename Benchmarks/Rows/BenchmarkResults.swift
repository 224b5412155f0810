import Foundation

/// The rows of one or more runs, and where they were measured. `make bench` writes it as JSON.
package struct BenchmarkResults: Sendable, Equatable, Codable {
    /// The name and the version of the shape of the JSON.
    package static let schema = "spankit.benchmarks/1"

    package var schema = Self.schema
    /// The machine: processor, number of cores, system.
    package var machine: String
    /// The version of the compiler and the commit.
    package var build: String
    package var rows: [BenchmarkRow]

    package init(machine: String, build: String, rows: [BenchmarkRow]) {
        self.machine = machine
        self.build = build
        self.rows = rows
    }

    /// Reads a file that ``json()`` has written.
    package init(file: String) throws {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw BenchmarkError("\(file): cannot be read; make bench writes such a file")
        }
        do {
            self = try JSONDecoder().decode(Self.self, from: data)
        } catch {
            throw BenchmarkError("\(file): is not a file of benchmark results; make bench writes one")
        }
        guard schema == Self.schema else {
            throw BenchmarkError(
                "\(file): has the schema '\(schema)', but '\(Self.schema)' is needed; run make bench again"
            )
        }
        if let row = rows.first(where: { $0.samples.isEmpty }) {
            throw BenchmarkError("\(file): the row '\(row.name)' has no samples; run make bench again")
        }
    }

    /// The JSON text, with one sample on each line.
    package func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self) + Data("\n".utf8)
    }

    /// The number of runs that every row has.
    package var runCount: Int { rows.map(\.runs.count).min() ?? 0 }

    /// Adds the runs of another process with the same rows.
    package mutating func add(_ other: BenchmarkResults) throws {
        guard rows.map(\.name) == other.rows.map(\.name) else {
            throw BenchmarkError("two runs of one program have different rows")
        }
        for place in rows.indices { rows[place].add(other.rows[place]) }
    }

    /// The first name that two rows have.
    package var repeatedName: String? {
        var names: Set<String> = []
        return rows.first { !names.insert($0.name).inserted }?.name
    }
}

/// What went wrong and what to do, in one line.
package struct BenchmarkError: Error, CustomStringConvertible, Equatable {
    package let description: String

    package init(_ description: String) { self.description = description }
}
