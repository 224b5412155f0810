import Foundation
import SpanKitPlatform
import SpanKitTestSupport
import Testing

@Suite("The version")
struct ReleaseTests {
    @Test("is the same in the code, the changelog, and every manifest that the documentation shows")
    func oneVersion() throws {
        let changelog = try PackageFiles.text("CHANGELOG.md")
        let released = try #require(changelog.firstMatch(of: #/\n## \[([0-9.]+)\] - /#)).1
        // Between two releases, the code has the next version with the suffix `-dev`.
        #expect(Release.version == released || Release.version.hasSuffix("-dev"))

        var manifests = 0
        let pages =
            try PackageFiles.paths(in: "docs", suffix: ".md")
            + PackageFiles.paths(in: "Sources/SpanKit/SpanKit.docc", suffix: ".md") + [
                PackageFiles.url("README.md").path
            ]
        for page in pages {
            let text = try String(contentsOfFile: page, encoding: .utf8)
            for manifest in text.matches(of: #/SpanKit(?:\.git)?",\s*from: "([^"]*)"/#) {
                manifests += 1
                #expect(manifest.1 == released, "\(page)")
            }
        }
        #expect(manifests >= 3)
    }
}
