import ArgumentParser
import Foundation
import SpanKitInputs
import SpanKitReports

/// The files or the spool that a command reads.
struct SourceOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Files of OTLP JSON lines, optionally compressed with gzip; '-' is standard input.",
            valueName: "files"
        )
    )
    var files: [String] = []

    @Option(
        help: ArgumentHelp("Read the spans and log records in a spool without removing them.", valueName: "directory")
    )
    var spool: String?

    @OptionGroup var server: ServerOptions

    /// Passes everything on, and reports on standard error what cannot be read.
    /// - Parameters:
    ///   - noun: What the command looks for, in the plural.
    ///   - acceptsResults: Whether the files may be results files.
    ///   - checkResults: Called for each results file.
    ///   - selection: What is selected afterwards. A server leaves out the rest.
    /// - Returns: The results files, each with its content.
    /// - Throws: ``CommandFailure`` with status 65 if there is nothing of what the command looks for and no results file.
    func read<Product: SourceProduct>(
        _ noun: String = "spans",
        acceptsResults: Bool = false,
        checkResults: (String) throws -> Void = { _ in },
        selecting selection: SpanSelection,
        _ sink: SourceSink<Product>
    ) throws -> [RunInput.File] {
        var count = 0
        var otherCount = 0
        let counted = sink.with { product in
            count += product.elementCount
            otherCount += product.otherCount
            try sink.take(product)
        }
        var problemCount = 0
        var results: [RunInput.File] = []
        if let server = try server.address() {
            guard files.isEmpty, spool == nil else {
                throw CommandFailure(.usage, "give only one of files, --spool and --server")
            }
            problemCount = try ServerReading(server, selection).read(counted)
            guard count == 0, problemCount == 0, !selection.isActive else { return [] }
            throw CommandFailure(.data, "\(server): has received no \(noun) yet")
        } else if let spool {
            let both = CommandFailure(.usage, "give either files or --spool, not both")
            guard files.isEmpty || acceptsResults else { throw both }
            for file in files {
                let empty = sink.with { if $0.elementCount + $0.otherCount > 0 { throw both } }
                guard case .results(let read) = try RunInput.read(file, empty) else { throw both }
                try checkResults(file)
                results.append(read)
            }
            problemCount = try SpoolReading(directory: spool).read(counted)
        } else {
            for file in try inputs {
                switch try RunInput.read(file, counted) {
                case .traces(let count): problemCount += count
                case .results(let read) where acceptsResults:
                    try checkResults(file)
                    results.append(read)
                case .results: throw Self.isResultsFile(file)
                }
            }
        }
        guard count == 0, results.isEmpty else { return results }
        let others = otherCount > 0 ? Product.otherAdvice : nil
        throw CommandFailure(
            .data,
            problemCount > 0
                ? "no \(noun) could be read; see the problems above"
                : "the input contains no \(noun); \(others ?? "give OTLP JSON lines")"
        )
    }

    /// Reads one file.
    /// - Returns: The number of problems.
    static func read<Product: SourceProduct>(_ file: String, _ sink: SourceSink<Product>) throws -> Int {
        switch try RunInput.read(file, sink) {
        case .traces(let problemCount): return problemCount
        case .results: throw isResultsFile(file)
        }
    }

    private static func isResultsFile(_ file: String) -> CommandFailure {
        let advice = "give OTLP JSON lines, or use 'spankit top'"
        return CommandFailure(.data, "\(file): is a results file, which contains no traces; \(advice)")
    }

    private var inputs: [String] {
        get throws {
            if !files.isEmpty { return files }
            guard isatty(STDIN_FILENO) == 0 else {
                throw CommandFailure(
                    .usage,
                    "there is no input; give files of OTLP JSON lines, '-', --spool DIR or --server URL"
                )
            }
            return ["-"]
        }
    }
}

/// What a command makes of a part of its input.
protocol SourceProduct: Sendable {
    /// The number of elements that the command looks for.
    var elementCount: Int { get }
    /// The number of other elements that were read.
    var otherCount: Int { get }
    /// What to do if there are only other elements.
    static var otherAdvice: String { get }
    /// Whether the command looks for log records instead of spans.
    static var isOfLogs: Bool { get }
}

extension PreparedSpans: SourceProduct {
    var elementCount: Int { count + metrics.count }
    var otherCount: Int { logCount }
    static var otherAdvice: String { "list its log records with 'spankit logs'" }
    static var isOfLogs: Bool { false }
}

/// Prepares the parts of an input on several threads, and takes them in the order of the input.
struct SourceSink<Product: Sendable> {
    let reader: ParallelReader<Product>
    let take: (Product) throws -> Void

    /// A copy that passes the products to another closure.
    func with(_ take: @escaping (Product) throws -> Void) -> SourceSink { SourceSink(reader: reader, take: take) }
}
