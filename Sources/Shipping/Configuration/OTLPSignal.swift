/// What is sent: each signal has variables and a path of its own.
package enum OTLPSignal: String, Sendable {
    case traces
    case metrics

    private static let prefix = "OTEL_EXPORTER_OTLP_"

    /// The variables of an option, the one of the signal first.
    func names(_ option: String) -> [String] {
        ["\(Self.prefix)\(rawValue.uppercased())_\(option)", "\(Self.prefix)\(option)"]
    }

    /// Where an option comes from.
    func source(_ environment: EnvironmentValues, _ option: String) -> String {
        environment.first(of: names(option))?.name ?? "default"
    }

    /// Where to post to (OTLP exporter specification, "Endpoint URLs for OTLP/HTTP").
    /// - Parameter given: in code or on the command line: used as it is, before any variable.
    func url(_ environment: inout EnvironmentValues, given: String?, _ settings: inout [ResolvedSetting]) -> String {
        let path = "v1/\(rawValue)"
        var source = "default"
        var url = "http://localhost:4318/\(path)"
        let names = names("ENDPOINT")
        let candidates: [(source: String, value: String, isBase: Bool)?] = [
            given.map { ("given", $0, false) },
            environment.text(names[0]).map { (names[0], $0, false) },
            environment.text(names[1]).map { (names[1], $0, true) },
        ]
        for case let (name, value, isBase)? in candidates {
            do {
                let parsed = try EndpointURL(value)
                url = (isBase ? parsed.appending(path) : parsed.asGiven).text
                source = name
                for hint in hints(parsed, isBase: isBase, name, path) { environment.warn(hint) }
                break
            } catch {
                environment.warn("\(name): '\(OTLPExporter.printable(url: value))' \(error). Using the default.")
            }
        }
        settings.append(.init("endpoint", OTLPExporter.printable(url: url), source: source))
        return url
    }

    /// What looks like one of the usual mistakes. It is used all the same.
    private func hints(_ url: EndpointURL, isBase: Bool, _ name: String, _ path: String) -> [String] {
        var hints: [String] = []
        if url.port == 4317 {
            hints.append("\(name): 4317 is the port of OTLP over gRPC; over HTTP it is 4318 as a rule")
        }
        if isBase, url.path.hasSuffix("/\(path)") || url.path.hasSuffix("/\(path)/") {
            hints.append(
                "\(name): /\(path) is appended to it, which makes /\(path)/\(path); leave it out, or use \(names("ENDPOINT")[0])"
            )
        } else if url.path.contains("/v1/v1/") {
            hints.append("\(name): its path has /v1 twice")
        }
        if !isBase, url.path.isEmpty || url.path == "/" {
            hints.append("\(name): it is used as it is, without /\(path); most receivers want that path")
        }
        return hints
    }
}
