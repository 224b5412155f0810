/// Buckets take most lines of a file, and differ from the line before only in `le` and count.
extension ExpositionReader {
    /// What a bucket's line begins with, up to the value of `le`, which is its last label.
    struct BucketLine {
        var prefix: Range<Int>
        /// A place in `families`.
        var family: Int
        /// A place in the family's metrics.
        var metric: Int
    }

    /// Reads a line that says another bucket of the same metric; false, with nothing read, where it does not.
    mutating func readAnotherBucket() throws(Failure) -> Bool {
        guard let bucket = previousBucket else { return false }
        let start = position + bucket.prefix.count
        guard start < text.count, isEqual(position..<start, bucket.prefix) else { return false }
        var end = start
        while end < text.count, text[end] != Byte.quote, text[end] != Byte.backslash, text[end] != Byte.lineFeed {
            end += 1
        }
        guard text[end...].starts(with: "\"} ".utf8), let edge = reservedNumber(start..<end), !edge.isNaN else {
            return false
        }
        position = end + 2
        let value = try readValue()
        try endOfSample()
        reportUnlessWhole(value)
        families[bucket.family].metrics[bucket.metric].points.append(.init(position: edge, value: value, line: line))
        families[bucket.family].lastLine = line
        return true
    }
}
