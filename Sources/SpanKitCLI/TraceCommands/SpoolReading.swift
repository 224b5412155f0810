import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitShipping

/// Reads the spans and the log records in a spool without removing them: those in request bodies, in the logs of processes, and open spans.
struct SpoolReading {
    let directory: String

    /// - Returns: The number of problems.
    func read<Product>(_ sink: SourceSink<Product>) throws -> Int {
        var problemCount = 0
        for folder in try folders() {
            for name in FileSystem.names(in: folder) {
                let path = "\(folder)/\(name)"
                if [".json", ".json.gz", ".pb", ".pb.gz"].contains(where: name.hasSuffix) {
                    problemCount += try SourceOptions.read(path, sink)
                } else if name == SpoolConfiguration.regionFileName {
                    problemCount += try readRegion(path, sink)
                }
            }
        }
        return problemCount
    }

    /// The folders of the processes, one for each.
    func folders() throws -> [String] {
        guard FileSystem.isDirectory(directory) else {
            throw CommandFailure(.data, "\(directory): no such directory; give the directory of a spool")
        }
        return FileSystem.names(in: directory).map { "\(directory)/\($0)" }
    }

    private func readRegion<Product>(_ path: String, _ sink: SourceSink<Product>) throws -> Int {
        let region: RegionReader
        do { region = try RegionReader(path: path, isReadOnly: true) } catch {
            if error == .unused { return 0 }
            StandardStreams.note("\(path): \(Self.describe(error))")
            return 1
        }
        let resource = Resource(attributes: region.resource)
        var spans = sink.reader.make()
        var count = 0
        var failure: (any Error)?
        for source in [region, region.openSpans] as [any SpanSource] where failure == nil {
            _ = source.read { record in
                let span = record.recordedSpan(texts: source.text(of:), scopes: source.scope(of:))
                let decoded = DecodedSpan(resource: resource, scope: span.scope ?? .init(), span: span)
                sink.reader.add(&spans, decoded)
                count += 1
                guard count % 1_000 == 0 else { return true }
                do {
                    try sink.take(spans)
                    spans = sink.reader.make()
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
        }
        if let failure { throw failure }
        try sink.take(spans)
        return 0
    }

    static func describe(_ problem: RegionReader.Problem) -> String {
        switch problem {
        case .system(let number): String(cString: strerror(number))
        case .unused: "is still empty"
        case .notARegion: "is not a SpanKit recording, or its first bytes are damaged"
        case .otherFormat(let version):
            "was written by another version of SpanKit (format \(version)); use that version to read it"
        }
    }
}
