import Foundation

/// How many inputs a fuzz test tries: enough to find what is easily found, or as many as `SPANKIT_FUZZ` says.
public enum FuzzRounds {
    /// 20,000 unless the environment says otherwise.
    public static let count = ProcessInfo.processInfo.environment["SPANKIT_FUZZ"].flatMap { Int($0) } ?? 20_000
}
