import SpanKitCLI
import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitShipping

/// Adds the ended spans of processes that record into a spool, without changing the spool.
///
/// It reads the requests that wait in the spool and the memory-mapped span logs, as `spankit tree --spool` and `spankit live` do. A span
/// that is in both is stored once.
struct SpoolFollower {
    let directory: String
    private var loader: Loader
    private var places: [String: LogPlaces] = [:]
    private var loaded: Set<String> = []

    init(_ directory: String, _ door: Door) {
        self.directory = directory
        loader = Loader(door)
    }

    /// Adds what is new.
    mutating func look() async throws {
        let folders = FileSystem.names(in: directory).map { "\(directory)/\($0)" }
        var present: Set<String> = []
        for folder in folders {
            for name in FileSystem.names(in: folder) {
                let path = "\(folder)/\(name)"
                if name == SpoolConfiguration.regionFileName {
                    readRegion(path, folder)
                    try await loader.write()
                } else if [".json", ".json.gz", ".pb", ".pb.gz"].contains(where: name.hasSuffix) {
                    present.insert(path)
                    guard !loaded.contains(path) else { continue }
                    _ = try await loader.load(path)
                }
            }
        }
        loaded = present
        places = places.filter { folders.contains($0.key) }
        try await loader.write(isLast: true)
    }

    private mutating func readRegion(_ path: String, _ folder: String) {
        // A process may start or end at any moment.
        guard let region = try? RegionReader(path: path, isReadOnly: true) else { return }
        let resource = Resource(attributes: region.resource)
        var known = places[folder] ?? LogPlaces()
        region.readEnded(since: &known) { record in
            let span = record.recordedSpan(texts: region.text(of:), scopes: region.scope(of:))
            loader.add(DecodedSpan(resource: resource, scope: span.scope ?? .init(), span: span))
        }
        places[folder] = known
    }
}
