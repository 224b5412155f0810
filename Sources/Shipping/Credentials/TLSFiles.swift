import SpanKitHTTP
import SpanKitPlatform

/// The certificate and key files of one receiver, which may be replaced while the program runs. Only one thread may use it.
///
/// libcurl reads the files for each new connection, so only connections that are older than the last change must not be reused.
final class TLSFiles: @unchecked Sendable {
    private let paths: [String]
    private var stamps: [FileStamp?]
    private var nextCheck = ContinuousClock.now.advanced(by: .seconds(1))
    private var lastChange: ContinuousClock.Instant?

    /// Nil without files.
    init?(_ exporter: OTLPExporter) {
        paths = [exporter.certificateFile, exporter.clientCertificateFile, exporter.clientKeyFile].compactMap { $0 }
        guard !paths.isEmpty else { return nil }
        stamps = paths.map { FileStamp($0) }
    }

    /// The maximum age of a connection that is reused, in seconds; nil for no limit. Checks the files at most once a second.
    func maximumConnectionAge(_ now: ContinuousClock.Instant = .now) -> Int? {
        if nextCheck <= now {
            nextCheck = now.advanced(by: .seconds(1))
            let seen = paths.map { FileStamp($0) }
            if seen != stamps { (stamps, lastChange) = (seen, now) }
        }
        // Rounded down, so that it is older than the change for a second at most.
        return lastChange.map { max(1, Int(clamping: $0.duration(to: now).components.seconds)) }
    }

    /// Reads an answer. If files were replaced just now, a certificate may not match its key yet, so the request is retried.
    func read(_ answer: HTTPAnswer) -> HTTPAnswer {
        guard case .settings(let text) = answer.failure else { return answer }
        _ = maximumConnectionAge()
        let now = ContinuousClock.now
        let isNew = lastChange.map { $0.duration(to: now) < .seconds(60) } ?? false
        return isNew ? HTTPAnswer(failure: .noConnection(.tls, text)) : answer
    }
}
