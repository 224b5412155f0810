/// The rows as a table for people.
package enum BenchmarkTable {
    private static let nameWidth = 66
    private static let numberWidth = 19

    /// The table, and under it the reasons of the rows that exceed their bars.
    package static func text(of rows: [BenchmarkRow]) -> String {
        var lines = [line("benchmark", "measured", "reference", "ratio", "bar")]
        for row in rows {
            let result = row.result
            let cells = line(
                row.name,
                row.unit.text(result.measured),
                row.unit.text(result.reference),
                ratio(result.ratio, of: row),
                row.bar.map { "≤ \(bar($0, of: row))" } ?? "–"
            )
            lines.append(row.isWithinBar ? cells : "\(cells)  over")
        }
        let over = rows.filter { !$0.isWithinBar }
        if !over.isEmpty { lines.append("") }
        for row in over {
            lines.append(
                "over: \(row.name): \(row.reason ?? "no reason is known; find it, or compare with an older run")"
            )
        }
        return lines.map { "\($0)\n" }.joined()
    }

    /// The bar with the digits that it was given with.
    package static func bar(_ bar: Double, of row: BenchmarkRow) -> String {
        let text = fixed(row.isShare ? bar * 100 : bar, decimals: 6)
        let digits = text.reversed().drop { $0 == "0" }
        return String((digits.first == "." ? digits.dropFirst() : digits).reversed()) + (row.isShare ? " %" : "")
    }

    /// The ratio, in percent if the measurement is a part of the reference.
    package static func ratio(_ ratio: Double, of row: BenchmarkRow) -> String {
        row.isShare ? "\(significant(ratio * 100)) %" : significant(ratio)
    }

    private static func line(_ name: String, _ measured: String, _ reference: String, _ ratio: String, _ bar: String)
        -> String
    {
        pad(name, nameWidth) + right(measured, numberWidth) + right(reference, numberWidth) + right(ratio, 10)
            + right(bar, 10)
    }
}

func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
}

func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(1, width - text.count)) + text
}
