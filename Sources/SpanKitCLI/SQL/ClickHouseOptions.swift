import ArgumentParser

/// The ClickHouse server that a command reads.
struct ClickHouseOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Read from a ClickHouse server, such as clickhouse://localhost:8123/otel.",
            discussion:
                "clickhouses:// uses TLS. The user and the password are read from CLICKHOUSE_USER and CLICKHOUSE_PASSWORD.",
            valueName: "url"
        )
    )
    var from: String?

    /// - Throws: ``CommandFailure`` with status 64 if it is not the address of a server.
    func server() throws(CommandFailure) -> ClickHouseServer? {
        guard let from else { return nil }
        do { return try ClickHouseServer(from) } catch {
            throw CommandFailure(error.status, "--from: \(error.message)")
        }
    }
}
