import SpanKitPlatform

/// The colour of each service on the HTML page.
///
/// A service has the same colour on every page, unless two services of a page would share one.
enum ServicePalette {
    /// The number of colours in the style sheet: `--s0`, `--s1` and so on.
    static let count = 12

    /// The number of each service's colour; `nil` for spans without a service.
    static func colours(of services: [String]) -> [Int?] {
        var taken: Set<Int> = []
        var colours = [Int?](repeating: nil, count: services.count)
        let order = services.indices.sorted { ByteText(services[$0]) < ByteText(services[$1]) }
        for place in order where !services[place].isEmpty {
            let preferred = Int(hash(services[place]) % UInt64(count))
            let free = (0..<count).map { (preferred + $0) % count }.first { !taken.contains($0) }
            colours[place] = free ?? preferred
            taken.insert(free ?? preferred)
        }
        return colours
    }

    /// FNV-1a, because Swift's own hashes differ between processes.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 } >> 16
    }
}
