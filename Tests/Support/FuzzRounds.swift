import Foundation

/// The number of inputs of a fuzz test, which `SPANKIT_FUZZ` sets.
public enum FuzzRounds {
    private static let asked = ProcessInfo.processInfo.environment["SPANKIT_FUZZ"].flatMap { Int($0) }

    /// The number of inputs; 20,000 by default.
    public static let count = asked ?? 20_000

    /// Whether `SPANKIT_FUZZ` is not set. Slow tests can then try fewer inputs.
    public static let isUsual = asked == nil
}
