/// The version of SpanKit. RELEASING.md says what else changes with it.
package enum Release {
    /// A semantic version.
    package static let version = "0.2.0"
}
