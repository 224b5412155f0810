import Foundation

/// How many inputs a fuzz test tries: enough to find what is easily found, or as many as `SPANKIT_FUZZ` says.
public enum FuzzRounds {
    private static let asked = ProcessInfo.processInfo.environment["SPANKIT_FUZZ"].flatMap { Int($0) }

    /// 20,000 unless the environment says otherwise.
    public static let count = asked ?? 20_000

    /// Whether nobody has asked for a number of rounds: slow tests may try fewer then.
    public static let isUsual = asked == nil
}
