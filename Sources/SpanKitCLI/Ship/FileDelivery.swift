import Foundation
import OTLP
import Recording
import Shipping

/// Sends the spans of OTLP JSON files to a receiver.
struct FileDelivery {
    let files: [String]
    let shipper: DirectShipper
    let note: (String) -> Void

    /// What was read, and why reading ended early.
    struct Outcome {
        var isComplete = true
        var problemCount = 0
    }

    /// Reads and sends; the receiver's pace is the reader's.
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
                note(error.description)
                outcome.problemCount += 1
            }
        }
        return outcome
    }

    private func send(_ file: String) throws(InputBytes.Problem) -> (problems: Int, isTaken: Bool) {
        let input = try InputBytes(path: file)
        var decoder = TraceDecoder()
        var batch = Batch()
        var isTaken = true
        var problem: InputBytes.Problem?
        do {
            while isTaken, let bytes = try input.next() {
                decoder.decode(bytes) { span in
                    if isTaken { isTaken = add(span, to: &batch) }
                }
            }
        } catch {
            problem = error
        }
        decoder.finish { span in
            if isTaken { isTaken = add(span, to: &batch) }
        }
        if isTaken { isTaken = send(&batch) }
        for problem in decoder.problems.prefix(5) { note("\(file): \(problem)") }
        if decoder.problemCount > 5 { note("\(file): \(decoder.problemCount - 5) more places that cannot be read") }
        if decoder.otherSignalCount > 0 {
            note("\(file): \(decoder.otherSignalCount) objects with metrics or logs are left out; only spans are sent")
        }
        if let problem { throw problem }
        return (decoder.problemCount, isTaken)
    }

    /// Spans of one resource and scope that go out together.
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
