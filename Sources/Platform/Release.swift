/// The version of SpanKit. RELEASING.md says what else changes with it.
package enum Release {
    /// The semantic version of this release.
    package static let version = "0.2.0"
}
