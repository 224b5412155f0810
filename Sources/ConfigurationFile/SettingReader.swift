/// Reads a value of a configuration file as a given type.
///
/// The result is nil if the value is empty, which means the default, or if it has another type, which is reported.
struct SettingReader {
    let node: SettingNode
    let path: String
    let report: SettingReport

    var isNull: Bool { node.isNull }

    func fail(_ text: String) { report.fail(path, node.place, text) }
    func warn(_ text: String) { report.warn(path, node.place, text) }

    /// The values of a mapping by key; nil, after a report, if it is not a mapping.
    ///
    /// An unknown key is a warning, because a later version of the format may define it. Keys are compared without
    /// their stability suffixes (``SettingNode/Member/name``).
    func members(_ known: [String], ignoring inapplicable: [String] = []) -> [String: SettingReader]? {
        guard !isNull else { return [:] }
        guard case .map(let members) = node.content else {
            let expected = known.isEmpty ? "empty" : "a mapping of \(known.joined(separator: ", "))"
            fail("is \(node.kind); it has to be \(expected)")
            return nil
        }
        var result: [String: SettingReader] = [:]
        for member in members {
            let value = child(member)
            if known.contains(member.name) {
                if result[member.name] != nil {
                    report.fail(
                        value.path,
                        member.place,
                        "appears twice, with and without its stability suffix (/development); keep one"
                    )
                }
                result[member.name] = value
            } else if inapplicable.contains(member.name) {
                if !value.isNull { report.ignore(value.path) }
            } else {
                report.warn(
                    value.path,
                    member.place,
                    "is not a known key and is ignored; the keys of \(path.isEmpty ? "the file" : path) are: "
                        + "\(known.isEmpty ? "none" : known.joined(separator: ", "))"
                )
            }
        }
        return result
    }

    /// The only member of a mapping, whose key is the kind of a component, such as `batch` or `otlp_http`.
    func component() -> (name: String, value: SettingReader)? {
        guard case .map(let members) = node.content, members.count == 1 else {
            fail("is \(node.kind); it has to be a mapping with exactly one key, which names the kind")
            return nil
        }
        return (members[0].name, child(members[0]))
    }

    private func child(_ member: SettingNode.Member) -> SettingReader {
        SettingReader(node: member.value, path: path.isEmpty ? member.key : "\(path).\(member.key)", report: report)
    }

    func elements() -> [SettingReader] {
        guard !isNull else { return [] }
        guard case .list(let nodes) = node.content else {
            fail("is \(node.kind); it has to be a list")
            return []
        }
        return nodes.enumerated().map { SettingReader(node: $1, path: "\(path)[\($0)]", report: report) }
    }

    /// A list of texts. An empty list is an error, because it means something else than a missing one.
    func texts() -> [String] {
        values("a string") { $0.text() }
    }

    /// A list of words with known meanings. An empty list is an error.
    func choices<Value>(_ choices: KeyValuePairs<String, Value>) -> [Value] {
        values("one of \(choices.map(\.key).joined(separator: ", "))") { $0.choice(choices) }
    }

    private func values<Value>(_ expected: String, _ read: (SettingReader) -> Value?) -> [Value] {
        if case .list(let nodes) = node.content, nodes.isEmpty { fail("is an empty list; leave it out, or fill it") }
        return elements().compactMap { element in
            if element.isNull { element.fail("is empty; it has to be \(expected)") }
            return read(element)
        }
    }

    // MARK: Scalars

    func text() -> String? {
        scalar("a string") { $0.text }
    }

    func bool() -> Bool? {
        scalar("true or false, without quotation marks") { $0.bool }
    }

    func integer(in range: ClosedRange<Int>) -> Int? {
        scalar("a whole number from \(range.lowerBound) to \(range.upperBound)") { scalar in
            scalar.integer.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    func milliseconds() -> Duration? {
        integer(in: 0...86_400_000_000).map { .milliseconds($0) }
    }

    func number(in range: ClosedRange<Double> = -Double.infinity...Double.infinity) -> Double? {
        let bounds = range.lowerBound.isInfinite ? "" : " from \(range.lowerBound) to \(range.upperBound)"
        return scalar("a number\(bounds)") { scalar in
            scalar.number.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// One of the words of a type.
    func choice<Value: CaseIterable & RawRepresentable<String>>(_ type: Value.Type) -> Value? {
        scalar("one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))") { scalar in
            Value(rawValue: scalar.text.lowercased())
        }
    }

    func choice<Value>(_ choices: KeyValuePairs<String, Value>) -> Value? {
        scalar("one of \(choices.map(\.key).joined(separator: ", "))") { scalar in
            choices.first { $0.key == scalar.text.lowercased() }?.value
        }
    }

    private func scalar<Value>(_ expected: String, _ read: (SettingScalar) -> Value?) -> Value? {
        guard !isNull else { return nil }
        if case .scalar(let scalar) = node.content, let value = read(scalar) { return value }
        fail("is \(node.kind); it has to be \(expected)")
        return nil
    }
}
