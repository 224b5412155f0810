import SpanKitPlatform

/// The folder of this process's metrics, created when it is first needed.
final class MetricFolder: Sendable {
    let root: String
    private let state = Locked<(directory: SpoolDirectory?, problem: SystemFailure?)>((nil, nil))

    init(_ root: String) {
        self.root = root
    }

    /// The folder; nil before the first instrument counts.
    var current: SpoolDirectory? { state.withLock { $0.directory } }

    /// Why the folder or the file cannot be created.
    var problem: SystemFailure? { state.withLock { $0.problem } }

    /// Creates the folder and the file for the counts.
    func makeFile() -> Int32? {
        let problem: SystemFailure
        switch SpoolDirectory.make(in: root) {
        case .success(let made):
            let path = "\(made.path)/\(MetricSpool.fileName)"
            let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            if descriptor >= 0 {
                state.withLock { $0.directory = made }
                return descriptor
            }
            problem = SystemFailure(path, errno)
            made.removeIfEmpty()
        case .failure(let failure): problem = failure
        }
        state.withLock { $0.problem = problem }
        return nil
    }

    func releaseInChild() { state.withLockIfFree { $0.directory }??.release() }
}
