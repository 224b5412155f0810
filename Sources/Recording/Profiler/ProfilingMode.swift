import SpanKitPlatform

/// Whether a profiler records spans.
public enum ProfilingMode: Sendable {
    /// The environment variable `ENABLE_PROFILING` decides: `true` or `false`. If it is not set, profiling is on in debug builds
    /// and off in release builds.
    case environment
    /// The profiler records spans.
    case on
    /// The profiler records nothing: `profile` only runs its closure.
    case off

    /// Why a profiler does not measure and how to turn it on; nil if it measures.
    func reasonForOff(_ log: ProfilerLog) -> String? {
        switch self {
        case .on: nil
        case .off: "the program creates its profiler with ProfilingMode.off."
        case .environment: Self.reasonForOff(variable: environmentVariable("ENABLE_PROFILING"), log)
        }
    }

    /// Why a profiler records nothing with this value of the variable; nil if it records spans. An invalid value is logged and
    /// counts as not set.
    package static func reasonForOff(
        variable: String?,
        isDebugBuild: Bool = isDebugBuild,
        _ log: ProfilerLog
    ) -> String? {
        let unset = "this is a release build and ENABLE_PROFILING is not set. Set ENABLE_PROFILING=true to turn it on."
        switch variable?.lowercased() {
        case "true", "1": return nil
        case "false", "0": return "ENABLE_PROFILING is \(variable ?? ""). Set ENABLE_PROFILING=true to turn it on."
        case nil, "": return isDebugBuild ? nil : unset
        default:
            let used = isDebugBuild ? "on: this is a debug build" : "off: this is a release build"
            log(.warning, "ENABLE_PROFILING: '\(variable ?? "")' is neither true nor false; profiling is \(used)")
            return isDebugBuild ? nil : unset
        }
    }

    package static var isDebugBuild: Bool {
        #if DEBUG
            true
        #else
            false
        #endif
    }
}
