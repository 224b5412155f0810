/// This release of SpanKit.
enum Release {
    /// Semantic version.
    static let version = "0.1.0"
}
