import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitShipping

/// Reads the spans and the log records in a spool without removing them: those in request bodies, in the regions of processes, and open
/// spans.
struct SpoolReading {
    let directory: String

    /// - Returns: The number of problems.
    func read<Product: SourceProduct>(_ sink: SourceSink<Product>) throws -> Int {
        var problemCount = 0
        for folder in try folders() {
            let region = try? RegionReader(path: "\(folder)/\(SpoolConfiguration.regionFileName)", isReadOnly: true)
            let unfinished = region?.journal.unfinishedBatch
            for name in FileSystem.names(in: folder) {
                // The elements of other files with a temporary name are still in the region.
                if let batch = SpoolConfiguration.batch(ofUnfinishedFile: name), batch != unfinished { continue }
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

    private func readRegion<Product: SourceProduct>(_ path: String, _ sink: SourceSink<Product>) throws -> Int {
        let region: RegionReader
        do { region = try RegionReader(path: path, isReadOnly: true) } catch {
            if error == .unused { return 0 }
            StandardStreams.note("\(path): \(Self.describe(error))")
            return 1
        }
        let resource = Resource(attributes: region.resource)
        var part = Part(sink)
        for source in [region, region.openSpans] as [any SpanSource] {
            _ = source.read { record in
                let span = record.recordedSpan(texts: source.text(of:), scopes: source.scope(of:))
                return part.add {
                    sink.reader.add(&$0, DecodedSpan(resource: resource, scope: span.scope ?? .init(), span: span))
                }
            }
        }
        if let addLog = sink.reader.addLog {
            _ = region.logRecords.read { record in
                let log = DecodedLog(resource: resource, record.copy { region.text(of: $0) })
                return part.add { addLog(&$0, log) }
            }
        }
        try part.finish()
        return 0
    }

    /// The elements that were read and not passed on yet.
    private struct Part<Product: Sendable> {
        private let sink: SourceSink<Product>
        private var product: Product
        private var count = 0
        private var failure: (any Error)?

        init(_ sink: SourceSink<Product>) {
            self.sink = sink
            product = sink.reader.make()
        }

        /// Adds an element, and passes every thousand of them on.
        /// - Returns: Whether to go on: false after a failure, which ``finish()`` throws.
        mutating func add(_ element: (inout Product) -> Void) -> Bool {
            guard failure == nil else { return false }
            element(&product)
            count += 1
            guard count % 1_000 == 0 else { return true }
            do { try sink.take(product) } catch { failure = error }
            product = sink.reader.make()
            return failure == nil
        }

        func finish() throws {
            if let failure { throw failure }
            try sink.take(product)
        }
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
