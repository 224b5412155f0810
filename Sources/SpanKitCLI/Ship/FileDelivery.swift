import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitRecording
import SpanKitShipping

/// Sends the spans of OTLP JSON files to a receiver.
struct FileDelivery {
    let files: [String]
    let shipper: DirectShipper

    struct Outcome {
        /// Whether all spans were passed to the shipper.
        var isComplete = true
        var problemCount = 0
    }

    /// Reads the files at the pace of the receiver and sends their spans.
    func run() -> Outcome {
        var outcome = Outcome()
        for file in files {
            do {
                let (problems, isTaken) = try send(file)
                outcome.problemCount += problems
                guard isTaken else {
                    outcome.isComplete = false
                    return outcome
                }
            } catch {
                StandardStreams.note(error.description)
                outcome.problemCount += 1
            }
        }
        return outcome
    }

    /// The receiver was unavailable for too long.
    private struct Refusal: Error {}

    private func send(_ file: String) throws(InputBytes.Problem) -> (problems: Int, isTaken: Bool) {
        let input = try InputFile(file)
        var batch = Batch()
        do throws(Refusal) {
            let reading = try input.read { (span) throws(Refusal) in
                guard add(span, to: &batch) else { throw Refusal() }
            }
            return (reading.reportProblems(), send(&batch))
        } catch {
            return (0, false)
        }
    }

    /// Spans of one resource and scope.
    private struct Batch {
        var records = DetachedRecords()
        var resource = Resource()
        var scope = InstrumentationScope()
    }

    private func add(_ span: DecodedSpan, to batch: inout Batch) -> Bool {
        if batch.records.count > 0,
            span.resource != batch.resource || span.scope != batch.scope || batch.records.count >= 8_192
        {
            guard send(&batch) else { return false }
        }
        batch.resource = span.resource
        batch.scope = span.scope
        batch.records.append(span.span)
        return true
    }

    private func send(_ batch: inout Batch) -> Bool {
        guard batch.records.count > 0 else { return true }
        return shipper.send(batch.records, resource: batch.resource, scope: batch.scope)
    }
}
