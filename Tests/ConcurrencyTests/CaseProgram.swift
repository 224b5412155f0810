import SpanKitTestSupport
import Testing

/// The program with the cases (`Tests/ConcurrencyCases`), which links SpanKitConcurrency. The tests do not, so that the Swift runtime
/// of all other tests stays as it is.
enum CaseProgram {
    /// Runs the program and returns the lines of its output.
    /// - Parameter program: The path of the program if it was linked in another way.
    static func run(
        _ arguments: String...,
        program: String? = nil,
        environment: [String: String] = [:]
    ) async throws -> [String] {
        let program = program ?? BuiltProducts.url("spankit-concurrency-cases").path
        let run = try await Command.run(program: program, arguments, environment: environment)
        try #require(run.status == 0, "\(arguments): status \(run.status)\n\(run.output)\(run.error)")
        return run.output.split(separator: "\n").map(String.init)
    }
}

/// The times of a span in one attempt of a case, in milliseconds.
struct CaseSpan: CustomStringConvertible {
    let name: String
    let duration: Double
    /// The time in which the task was not on a thread, as the task saw it.
    let gap: Double
    let running: Double
    let queued: Double
    let suspended: Double

    init?(_ line: String) {
        let columns = line.split(separator: "\t")
        guard columns.count == 7 else { return nil }
        let numbers = columns.dropFirst(2).compactMap { Double($0) }
        guard numbers.count == 5 else { return nil }
        name = String(columns[0])
        (duration, gap, running, queued, suspended) = (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])
    }

    var description: String {
        "\(name): \(duration) ms with a gap of \(gap), running \(running), queued \(queued), suspended \(suspended)"
    }

    /// Whether all parts are there and their sum is the duration.
    var isComplete: Bool {
        min(running, queued, suspended) >= 0 && abs(running + queued + suspended - duration) < 0.01
    }

    /// Whether the span ran whenever its task was on a thread: within 3 ms or a tenth of the duration.
    var ranOutsideOfTheGap: Bool { abs(running - (duration - gap)) <= max(3, duration / 10) }
}
