import Foundation

extension ProfilingResults.Environment {
    /// The system and the build of this process.
    static var current: Self {
        Self(
            operatingSystem: distribution ?? ProcessInfo.processInfo.operatingSystemVersionString,
            architecture: architecture,
            processorCount: ProcessInfo.processInfo.activeProcessorCount,
            swiftVersion: swiftVersion,
            buildConfiguration: buildConfiguration
        )
    }

    /// The value of `PRETTY_NAME` in `/etc/os-release` (see os-release(5)).
    private static var distribution: String? {
        guard let text = try? String(contentsOfFile: "/etc/os-release", encoding: .utf8) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
        return line.map { $0.dropFirst("PRETTY_NAME=".count).trimmingCharacters(in: CharacterSet(charactersIn: "\"'")) }
    }

    private static var architecture: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "arm64"
        #else
            "other"
        #endif
    }

    private static var swiftVersion: String {
        #if compiler(>=6.4)
            "6.4 or later"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }

    private static var buildConfiguration: String {
        #if DEBUG
            "debug"
        #else
            "release"
        #endif
    }
}
