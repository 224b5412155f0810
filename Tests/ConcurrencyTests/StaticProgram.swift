import Foundation
import SpanKitTestSupport
import Testing

/// The program with the cases, linked with the static Swift runtime, from the object files of the build.
struct StaticProgram {
    private static let objects = BuiltProducts.url("spankit-concurrency-cases.product/Objects.LinkFileList").path
    private static let wraps = ["enter", "exit"].flatMap {
        ["-Xlinker", "--wrap=swift_task_\($0)ThreadLocalContext"]
    }
    /// What `swift build --static-swift-stdlib` passes to the linker besides the object files.
    private static let libraries =
        [
            "-lcurl", "-lz", "-Xlinker", "--start-group", "-lFoundation", "-lFoundationInternationalization",
            "-lFoundationEssentials", "-lCoreFoundation", "-l_FoundationICU", "-l_FoundationCShims",
            "-l_FoundationCollections", "-Xlinker", "--end-group", "-lstdc++",
            // In debug builds, SwiftPM gives the main function another name.
            "-Xlinker", "--defsym=main=spankit_concurrency_cases_main",
        ]

    private let folder = TemporaryFolder("static")
    var path: String { folder.path("cases") }

    func remove() { folder.remove() }

    /// Whether the build has left what is needed: object files and their list, and a compiler with static libraries.
    static var isPossible: Bool {
        let isCI = !(ProcessInfo.processInfo.environment["CI"] ?? "").isEmpty
        return isCI || FileManager.default.fileExists(atPath: objects)
    }

    /// Links the program.
    /// - Parameter isWrapped: Whether the linker uses SpanKit's functions in place of those of the runtime.
    init(isWrapped: Bool) async throws {
        let options = ["swiftc", "-static-stdlib", "@\(Self.objects)", "-o", path] + Self.libraries
        let run = try await Command.run(program: "/usr/bin/env", options + (isWrapped ? Self.wraps : []))
        try #require(run.status == 0, "\(run.output)\(run.error)")
    }
}
