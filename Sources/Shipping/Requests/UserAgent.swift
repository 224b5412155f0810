/// How the exporter names itself (OTLP exporter specification, "User Agent").
enum UserAgent {
    static func text(product: String?) -> String {
        let own = "OTel-OTLP-Exporter-Swift/\(ShippingRelease.version) SpanKit/\(ShippingRelease.version)"
        guard let product, !product.isEmpty, product.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { return own }
        return "\(product) \(own)"
    }
}

/// The version that goes out with every request and every resource.
package enum ShippingRelease {
    /// Semantic version.
    package static let version = "0.1.0"
}
