import ArgumentParser
import SpanKitInputs
import SpanKitPlatform
import SpanKitReports

/// The running server that a command reads instead of files.
struct ServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Read from a running 'spankit serve', such as \(ServerAddress.usual).",
            valueName: "url"
        )
    )
    var server: String?

    /// - Throws: ``CommandFailure`` with status 64 if it is not the address of a server.
    func address() throws(CommandFailure) -> ServerAddress? {
        guard let server else { return nil }
        return try ServerAddress(server)
    }
}

/// Reads what a running `spankit serve` has stored, in the form in which it was sent.
///
/// The server leaves out traces without a span that matches. Which spans match is decided here, as for files.
struct ServerReading {
    let server: ServerAddress
    let selection: SpanSelection

    /// - Parameter selection: What the server selects.
    init(_ server: ServerAddress, _ selection: SpanSelection = SpanSelection()) {
        (self.server, self.selection) = (server, selection)
    }

    /// - Returns: The number of problems.
    /// - Throws: ``CommandFailure`` with status 69 if the server does not answer.
    func read<Product: SourceProduct>(_ sink: SourceSink<Product>) throws -> Int {
        let signals = Product.isOfLogs ? ["logs"] : ["traces"] + sink.reader.reads.names
        let download = try ServerDownload(
            server,
            path: "/api/export",
            [("signals", signals.joined(separator: ","))] + parameters,
            accept: "application/x-protobuf"
        )
        let reading = try InputFile(download.input).read(sink.reader, sink.take)
        if let refusal = download.refusal { throw CommandFailure(.unavailable, refusal) }
        return reading.reportProblems()
    }

    private var parameters: [(name: String, value: String)] {
        [
            ("q", selection.filter.map { "\($0)" }), ("from", selection.since.map { "\($0)" }),
            ("to", selection.until.map { "\($0)" }), ("trace", selection.traceDigits),
        ]
        .compactMap { name, value in value.map { (name, $0) } }
    }
}

extension OtherSignals {
    fileprivate var names: [String] {
        (contains(.logs) ? ["logs"] : []) + (contains(.metrics) ? ["metrics"] : [])
    }
}

extension SpanSelection {
    /// Selects only spans that match another filter, too.
    mutating func narrow(to text: String) throws(CommandFailure) {
        let more: SpanFilter
        do { more = try SpanFilter(text) } catch {
            throw CommandFailure(.usage, "'\(text)': with --server, each run is a filter of spans: \(error)")
        }
        filter = filter.map { .all([$0, more]) } ?? more
    }
}
