import Foundation
import SpanKit
import SpanKitTestSupport
import Testing

/// The files in `deploy/`, which users copy. `docs/running.md` explains them.
@Suite("The container image and the systemd unit")
struct DeploymentTests {
    private static func lines(_ file: String) throws -> [String] {
        try PackageFiles.text("deploy/\(file)").split(separator: "\n").map(String.init)
    }

    /// The values of a key of the unit, in order.
    private static func values(_ key: String) throws -> [String] {
        try lines("server.service").filter { $0.hasPrefix("\(key)=") }.map { String($0.dropFirst(key.count + 1)) }
    }

    @Test("systemd accepts the unit, and would name a mistake", .needs(.systemdAnalyze))
    func unit() async throws {
        // `verify` demands that the program exists.
        let text = try PackageFiles.text("deploy/server.service")
            .replacing("ExecStart=/usr/local/bin/server", with: "ExecStart=/usr/bin/env")
        try await withTemporaryDirectory { directory in
            let unit = directory.appending(path: "server.service")
            try text.write(to: unit, atomically: true, encoding: .utf8)
            let check = try await Command.run(.systemdAnalyze, ["verify", unit.path])
            #expect(check.status == 0 && check.error == "", "\(check.error)")
            try text.replacing("StateDirectory=", with: "StateDirectoy=").write(
                to: unit,
                atomically: true,
                encoding: .utf8
            )
            let mistake = try await Command.run(.systemdAnalyze, ["verify", unit.path])
            #expect(mistake.error.contains("StateDirectoy"))
        }
    }

    @Test("the unit's variables exist, and its spool is in a directory that the service may write")
    func variables() throws {
        let variables = try Self.values("Environment").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        let names = Set(EnvironmentVariable.all.map(\.name))
        #expect(variables.count >= 3 && variables.allSatisfy { names.contains($0[0]) })
        let configuration = TelemetryConfiguration.environment(
            Dictionary(uniqueKeysWithValues: variables.map { ($0[0], $0[1]) })
        )
        #expect(configuration.warnings.isEmpty, "\(configuration.warnings)")
        let state = try #require(Self.values("StateDirectory").first)
        #expect(configuration.spool?.directory.hasPrefix("/var/lib/\(state)/") == true)
        let stop = try #require(Self.values("TimeoutStopSec").first.flatMap(Int.init))
        #expect(.seconds(stop) > configuration.shutdownTimeout)
    }

    @Test("the image builds and runs on one distribution, and starts the program without a shell")
    func image() throws {
        let lines = try Self.lines("Dockerfile")
        let bases = lines.filter { $0.hasPrefix("FROM ") }
        #expect(bases.count == 2 && bases.allSatisfy { $0.contains("bookworm") })
        let entry = try #require(lines.first { $0.hasPrefix("ENTRYPOINT ") })
        let command = try JSONDecoder().decode([String].self, from: Data(entry.dropFirst("ENTRYPOINT ".count).utf8))
        #expect(command == ["/usr/local/bin/server"])
        let names = Set(EnvironmentVariable.all.map(\.name))
        let text = lines.joined(separator: "\n")
        for match in text.matches(of: /(?:OTEL|SPANKIT)_[A-Z_]+/) { #expect(names.contains(String(match.output))) }
    }

    @Test("the image has the headers and the libraries that the package links with")
    func libraries() throws {
        let text = try PackageFiles.text("deploy/Dockerfile")
        let stages = text.components(separatedBy: "\nFROM ")
        try #require(stages.count == 3, "a comment and two stages")
        // The libraries of SpanKit and SpanKitServer, as the manifest names their Debian packages.
        for (header, library) in [("libcurl4-openssl-dev", "libcurl4"), ("zlib1g-dev", "zlib1g")] {
            #expect(try PackageFiles.text("Package.swift").contains("\"\(header)\""))
            #expect(stages[1].contains(" \(header)") && stages[2].contains(" \(library)"))
        }
        #expect(try PackageFiles.text("docs/running.md").contains("../deploy/Dockerfile"))
    }
}
