/// This release of SpanKit.
package enum Release {
    /// Semantic version.
    package static let version = "0.1.0"
}
