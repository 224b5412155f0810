import GRDB

/// Why a store cannot be opened, written or read.
package enum StoreError: Error, CustomStringConvertible, Equatable {
    /// The file cannot be used. The text says why and what to do.
    case refused(String)
    /// A write failed, for example because the disk is full. The transaction was rolled back.
    case failed(String)
    /// The store was closed.
    case closed

    package var description: String {
        switch self {
        case .refused(let text), .failed(let text): text
        case .closed: "the store is closed"
        }
    }
}
