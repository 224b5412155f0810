import Foundation
import SpanKitInputs

/// The spans that two processes wrote, joined by their ids into a tree, as a receiver does.
struct WrittenTrace: CustomStringConvertible {
    private var spans: [DecodedSpan] = []

    init(files: [String]) throws {
        for file in files {
            var decoder = TraceDecoder()
            let bytes = [UInt8](try Data(contentsOf: URL(filePath: file)))
            decoder.decode(bytes) { spans.append($0) }
            decoder.finish { spans.append($0) }
        }
    }

    var description: String {
        let traces = Set(spans.map(\.span.context.traceID))
        return "\(traces.count) trace of \(spans.count) spans\n" + tree(below: nil, indentation: "  ")
    }

    private func tree(below parent: SpanID?, indentation: String) -> String {
        spans.filter { $0.span.parentSpanID == parent }
            .sorted { $0.span.startUnixNanoseconds < $1.span.startUnixNanoseconds }
            .map { span in
                guard case .string(let service) = span.resource["service.name"] else { return "" }
                return "\(indentation)\(span.span.name)  (\(service), \(span.span.kind), \(span.span.duration))\n"
                    + tree(below: span.span.context.spanID, indentation: indentation + "  ")
            }
            .joined()
    }
}
