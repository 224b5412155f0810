import Platform

/// Whether a profiler measures.
public enum ProfilingMode: Sendable {
    /// As `ENABLE_PROFILING` says: `true` or `false`; where it is not set, on in debug builds and off in release builds.
    case environment
    /// On.
    case on
    /// Off: `profile` runs its closure and does nothing else.
    case off

    func isOn(_ log: ProfilerLog) -> Bool {
        switch self {
        case .on: true
        case .off: false
        case .environment: Self.isOn(variable: environmentVariable("ENABLE_PROFILING"), log)
        }
    }

    /// What a value of the variable means. A bad one is reported and counts as not set.
    package static func isOn(variable: String?, _ log: ProfilerLog) -> Bool {
        switch variable?.lowercased() {
        case "true", "1": return true
        case "false", "0": return false
        case nil, "": return isDebugBuild
        default:
            let used = isDebugBuild ? "on: this is a debug build" : "off: this is a release build"
            log(.warning, "ENABLE_PROFILING: '\(variable ?? "")' is neither true nor false; profiling is \(used)")
            return isDebugBuild
        }
    }

    private static var isDebugBuild: Bool {
        #if DEBUG
            true
        #else
            false
        #endif
    }
}
