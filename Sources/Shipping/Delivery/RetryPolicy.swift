/// The wait between attempts: exponential backoff with full jitter, never shorter than the receiver asked for (OTLP
/// specification, "Failures"; "Exponential Backoff And Jitter", Amazon Architecture Blog).
package struct RetryPolicy: Sendable {
    /// The shortest wait, so that an exporter never retries in a tight loop.
    static let shortest = Duration.milliseconds(20)

    /// The maximum of the first wait.
    package var first = Duration.seconds(1)
    /// The maximum of later waits.
    package var longest = Duration.seconds(30)

    /// The wait after a number of failures in a row.
    /// - Parameters:
    ///   - failures: 1 or more.
    ///   - asked: the minimum that the receiver asked for. The backoff grows as well, because some receivers ask for 0.
    ///   - random: a uniform random number from 0 up to 1.
    func delay(failures: Int, asked: Duration?, random: Double) -> Duration {
        let grown = min(longest, first * (1 << min(20, max(0, failures - 1))))
        // Random, so that many exporters do not retry at the same time.
        let drawn = max(Self.shortest, grown * random)
        return asked.map { max(drawn, $0 + min(drawn, $0) * random) } ?? drawn
    }
}
