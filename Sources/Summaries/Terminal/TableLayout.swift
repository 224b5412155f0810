/// Selects the columns of a table that are shown, and their widths.
struct TableLayout {
    struct ShownColumn {
        let index: Int
        var width: Int
    }

    /// The number of blanks between two columns.
    static let gap = 2
    private static let narrowestBar = 4
    /// The width to which a bar shrinks before columns of higher priority are dropped.
    private static let comfortableBar = 10
    private static let narrowestName = 12

    private(set) var shown: [ShownColumn]

    var totalWidth: Int {
        shown.reduce(0) { $0 + $1.width } + max(0, shown.count - 1) * Self.gap
    }

    init(table: Table, style: TerminalStyle) {
        shown = table.columns.indices.map { index in
            ShownColumn(index: index, width: Self.naturalWidth(of: index, in: table, style))
        }
        let barPriority = table.columns.filter(\.isBar).map(\.priority).max() ?? 0
        shrinkBars(of: table, to: style.width, notBelow: Self.comfortableBar)
        removeColumns(of: table, to: style.width, above: barPriority)
        shrinkBars(of: table, to: style.width, notBelow: Self.narrowestBar)
        removeColumns(of: table, to: style.width, above: 0)
        growBars(of: table, to: style.width)
        shrinkNames(of: table, to: style.width)
    }

    private static func naturalWidth(of index: Int, in table: Table, _ style: TerminalStyle) -> Int {
        if case .bar(let widest) = table.columns[index].kind { return widest }
        return table.rows.reduce(displayWidth(style.printable(table.columns[index].title))) { widest, row in
            guard index < row.count, case .text(let text, _) = row[index] else { return widest }
            return max(widest, displayWidth(style.printable(text)))
        }
    }

    private mutating func shrinkBars(of table: Table, to width: Int, notBelow least: Int) {
        for position in shown.indices where table.columns[shown[position].index].isBar {
            let excess = max(0, totalWidth - width)
            shown[position].width = max(min(least, shown[position].width), shown[position].width - excess)
        }
    }

    private mutating func removeColumns(of table: Table, to width: Int, above priority: Int) {
        func priorityOfColumn(_ position: Int) -> Int { table.columns[shown[position].index].priority }
        while totalWidth > width,
            let victim = shown.indices.max(by: { priorityOfColumn($0) < priorityOfColumn($1) }),
            priorityOfColumn(victim) > priority
        {
            shown.remove(at: victim)
        }
    }

    private mutating func growBars(of table: Table, to width: Int) {
        for position in shown.indices {
            guard case .bar(let widest) = table.columns[shown[position].index].kind else { continue }
            let room = max(0, width - totalWidth)
            shown[position].width = min(widest, shown[position].width + room)
        }
    }

    private mutating func shrinkNames(of table: Table, to width: Int) {
        let names = shown.indices.filter { table.columns[shown[$0].index].kind == .name }
        while totalWidth > width, let widest = names.max(by: { shown[$0].width < shown[$1].width }),
            shown[widest].width > Self.narrowestName
        {
            shown[widest].width = max(Self.narrowestName, shown[widest].width - (totalWidth - width))
        }
    }
}
