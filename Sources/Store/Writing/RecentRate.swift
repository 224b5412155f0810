/// How many elements arrived in each of the last seconds.
struct RecentRate {
    private static let seconds = 5
    private var counts: [(second: Int64, count: Int)] = []

    mutating func add(_ count: Int, second: Int64) {
        if counts.last?.second == second {
            counts[counts.count - 1].count += count
        } else {
            counts.append((second, count))
        }
        counts.removeAll { $0.second < second - Int64(Self.seconds) }
    }

    /// The average of the last five whole seconds.
    func perSecond(at second: Int64) -> Int {
        counts.filter { $0.second < second && $0.second >= second - Int64(Self.seconds) }.reduce(0) { $0 + $1.count }
            / Self.seconds
    }
}
