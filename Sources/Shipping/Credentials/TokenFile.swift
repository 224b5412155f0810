import SpanKitPlatform

/// A file with a bearer token. Only one thread may use it.
final class TokenFile: CredentialSource {
    private static let longest = 64 * 1_024

    private let path: String
    private var stamp: FileStamp?
    private var nextCheck: ContinuousClock.Instant?
    private var token = ""
    private var version = 0
    /// Whether the receiver has refused the token.
    private var isRefused = false
    private(set) var problem: String?

    init(_ path: String) {
        self.path = path
    }

    func current(_ now: ContinuousClock.Instant, waitingAtMost limit: Duration?) -> Fields? {
        // While there is no good token, requests are rare, and each one should find a new token.
        if token.isEmpty || isRefused || nextCheck.map({ $0 <= now }) ?? true {
            nextCheck = now.advanced(by: .seconds(1))
            // Before the file is read, so that a change after this is found by the next check.
            let seen = FileStamp(path)
            if seen == nil || seen != stamp {
                stamp = seen
                read()
            }
        }
        return token.isEmpty ? nil : ([("Authorization", "Bearer \(token)")], version)
    }

    func refuse(version: Int) {
        guard version == self.version else { return }
        isRefused = true
        // The time of change can be too coarse to show a change.
        read()
    }

    /// Reads the token. Keeps the last one if the file has no token.
    private func read() {
        switch FileSystem.read(path, limit: Self.longest) {
        case .failure(let failure): problem = failure.description
        case .success(let bytes):
            let text = String(decoding: bytes, as: UTF8.self).trimmingWhitespace()
            guard !text.isEmpty else {
                problem = "\(path) is empty"
                return
            }
            guard HTTPHeader(name: "Authorization", value: String(text)).isValid else {
                problem = "\(path) is not a token, because it has several lines or a control character"
                return
            }
            problem = nil
            guard text != token else { return }
            token = String(text)
            version += 1
            isRefused = false
        }
    }
}
