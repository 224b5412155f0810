import SpanKitCLI
import SpanKitOTLP
import SpanKitPlatform
import SpanKitStore

/// What the routes of a running server share.
package struct Backend: Sendable {
    /// The spans, log records and metrics.
    package let store: Store
    /// Where requests enter the store.
    let door: Door
    /// What the receiver accepts now.
    let admission: Admission
    /// When the server started, in Unix nanoseconds.
    package let startedUnixNanoseconds: Int64

    /// The processes whose open spans are shown.
    let spools: SpoolFrames

    /// - Parameters:
    ///   - redaction: What is removed from requests before they are stored; nil for nothing.
    ///   - spools: The spools of the processes whose open spans are shown.
    package init(_ store: Store, redaction: Redaction? = nil, spools: [String] = []) {
        self.store = store
        self.spools = SpoolFrames(directories: spools)
        door = Door(store: store, redactor: redaction.map { RequestRedactor($0) })
        admission = Admission()
        startedUnixNanoseconds = UnixTime.nanoseconds()
    }
}
