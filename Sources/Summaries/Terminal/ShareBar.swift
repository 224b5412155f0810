/// A bar that is as long as its share, to an eighth of a column.
package struct ShareBar: Sendable, Equatable {
    /// 0…1; anything else is brought into it, not-a-number counts as nothing.
    package let share: Double

    package init(share: Double) {
        self.share = share.isNaN ? 0 : min(max(share, 0), 1)
    }

    /// The bar alone, without padding; at least the thinnest mark for anything above nothing.
    package func text(width: Int, usesUnicode: Bool) -> String {
        guard width > 0, share > 0 else { return "" }
        guard usesUnicode else {
            return String(repeating: "#", count: max(1, Int((share * Double(width)).rounded())))
        }
        let eighths = max(1, Int((share * Double(width) * 8).rounded()))
        let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return String(repeating: "█", count: eighths / 8) + partial[eighths % 8]
    }
}
