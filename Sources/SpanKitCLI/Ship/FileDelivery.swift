import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitShipping
import SpanKitSummaries

/// Sends the spans of files to a receiver as they were written.
struct FileDelivery {
    /// The largest number of spans in a request.
    private static let spanLimit = 8_192

    private let files: [String]
    private let exporter: OTLPExporter
    private let shipper: DirectShipper
    private var batch: WireBatch
    private var encoding = WireEncoding()

    /// - Parameter redaction: The redaction of the spans; `nil` for none.
    init(files: [String], _ exporter: OTLPExporter, _ redaction: Redaction?, _ shipper: DirectShipper) {
        self.files = files
        self.exporter = exporter
        self.shipper = shipper
        batch = WireBatch(exporter.encoding, redaction)
    }

    struct Outcome {
        /// Whether all spans were passed to the shipper.
        var isComplete = true
        var problemCount = 0
    }

    /// Reads the files at the pace of the receiver and sends their spans.
    mutating func run() -> Outcome {
        var outcome = Outcome()
        for file in files where outcome.isComplete {
            do {
                let (problems, isTaken) = try send(file)
                outcome.problemCount += problems
                outcome.isComplete = isTaken
            } catch {
                StandardStreams.note(error.description)
                outcome.problemCount += 1
            }
        }
        if outcome.isComplete, batch.spanCount > 0 {
            let count = batch.spanCount
            outcome.isComplete = shipper.send(batch.take(), spanCount: count)
        }
        reportLeftOut()
        return outcome
    }

    /// The receiver was unavailable for too long.
    private struct Refusal: Error {}

    private mutating func send(_ file: String) throws(InputBytes.Problem) -> (problems: Int, isTaken: Bool) {
        let input = try InputFile(file, forwards: true)
        do throws(Refusal) {
            let reading = try input.read { (span) throws(Refusal) in
                guard let wire = encoding.wire(of: span) else { return }
                try batch.add(wire, spanLimit: Self.spanLimit, byteLimit: exporter.bodyBytes) {
                    (body, count) throws(Refusal) in
                    guard shipper.send(body, spanCount: count) else { throw Refusal() }
                }
            }
            return (reading.reportProblems(), true)
        } catch {
            StandardStreams.note(
                "\(file): sending ended before the end of the file; the rest, and problems in it, are not reported"
            )
            return (0, false)
        }
    }

    private func reportLeftOut() {
        func report(_ count: Int, _ reason: String) {
            guard count > 0 else { return }
            let fields = Readable.count(count, of: "unknown field", "was left out", "were left out")
            StandardStreams.note("\(fields): \(reason)")
        }
        let (input, other) = exporter.encoding == .json ? ("protobuf", "http/protobuf") : ("JSON", "http/json")
        report(
            batch.leftOut.untranslatable,
            "their types are not known, so they cannot be translated from \(input); "
                + "to keep them, set OTEL_EXPORTER_OTLP_PROTOCOL=\(other)"
        )
        report(
            batch.leftOut.unredactable,
            "redaction cannot check them; to keep them, set SPANKIT_REDACTION=off"
        )
        if batch.removedTraceStateCount > 0 {
            let states = Readable.count(batch.removedTraceStateCount, of: "trace state", "was removed", "were removed")
            StandardStreams.note("\(states): redaction replaced a part of it, and the result would not be valid")
        }
    }
}
