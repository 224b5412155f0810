/// How long to wait between attempts: exponential backoff with full jitter, never less than the receiver asked for
/// (OTLP specification, "Failures"; "Exponential Backoff And Jitter", Amazon Architecture Blog).
struct RetryPolicy: Sendable {
    /// The least wait, which keeps an exporter from spinning.
    static let shortest = Duration.milliseconds(20)

    /// What the first wait is drawn up to.
    var first = Duration.seconds(1)
    /// What waits grow to.
    var longest = Duration.seconds(30)

    /// The wait after a number of failures in a row.
    /// - Parameters:
    ///   - failures: 1 or more.
    ///   - asked: what the receiver asked for: the floor. Some ask for nothing, so the backoff grows all the same.
    ///   - random: uniform from 0 up to 1.
    func delay(failures: Int, asked: Duration?, random: Double) -> Duration {
        let grown = min(longest, first * (1 << min(20, max(0, failures - 1))))
        // The draw keeps a hundred exporters from coming back in step.
        let drawn = max(Self.shortest, grown * random)
        return asked.map { max(drawn, $0 + min(drawn, $0) * random) } ?? drawn
    }
}
