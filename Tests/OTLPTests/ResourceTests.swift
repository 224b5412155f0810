import SpanKitOTLP
import Testing

@Suite("A resource")
struct ResourceTests {
    @Test("uses the later value of a key that appears twice")
    func laterValueWins() {
        let resource = Resource(attributes: [.init("a", 1), .init("b", 2), .init("a", 3)])
        #expect(resource.attributes == [.init("a", 3), .init("b", 2)])
    }

    @Test("merging uses the other resource's values, even empty ones")
    func mergeTakesTheUpdate() {
        let old = Resource(attributes: [.init("service.name", "old"), .init("host", "h")], schemaURL: "x")
        let merged = old.merging(Resource(attributes: [.init("service.name", "")]))
        #expect(merged == Resource(attributes: [.init("service.name", ""), .init("host", "h")], schemaURL: "x"))
        #expect(old.merging(Resource(schemaURL: "y")).schemaURL == "")
    }

    @Test("a distribution has a name, and a version only if it is given; setting it again replaces both")
    func distribution() {
        var resource = Resource(attributes: [.init("telemetry.sdk.name", "spankit")])
        resource.setDistribution("acme-telemetry", version: "3.1")
        #expect(
            resource.attributes == [
                .init("telemetry.sdk.name", "spankit"), .init("telemetry.distro.name", "acme-telemetry"),
                .init("telemetry.distro.version", "3.1"),
            ]
        )
        resource.setDistribution("acme-telemetry-2")
        #expect(
            resource.attributes == [
                .init("telemetry.sdk.name", "spankit"), .init("telemetry.distro.name", "acme-telemetry-2"),
            ]
        )
    }
}
