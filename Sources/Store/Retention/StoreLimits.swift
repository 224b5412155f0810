/// How much a store keeps.
package struct StoreLimits: Sendable, Equatable {
    /// The largest size of the content in bytes. The file does not shrink, but its free pages are used again.
    package var bytes: Int
    /// How long something is kept after its arrival.
    package var age: Duration
    /// The number of its latest traces that each service keeps, whatever other services send, until they are too old.
    package var tracesPerService = 50

    package init(bytes: Int = 2_000_000_000, age: Duration = .seconds(7 * 86_400)) {
        self.bytes = bytes
        self.age = age
    }
}
