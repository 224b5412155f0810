import Hummingbird
import SpanKitOTLP
import SpanKitPlatform
import SpanKitReports
import SpanKitStore

/// `GET /api/export`: what the store contains, as OTLP. The tools read it with `--server`.
struct ExportRoute: Sendable {
    let store: Store

    func add(to router: Router<BasicRequestContext>) {
        router.get("/api/export") { request, _ in
            do { return try response(to: request) } catch { return JSONAnswer.failure(error) }
        }
    }

    private func response(to request: Request) throws -> Response {
        let parameters = try APIParameters(request)
        let signals = try Self.signals(parameters["signals"])
        let query = try parameters.query(of: signals == [.logs] ? .logs : .spans)
        let isBinary = request.headers[.accept]?.contains("application/x-protobuf") ?? false
        let export = StoreExport(signals, query)
        return Response(
            status: .ok,
            headers: [
                .contentType: isBinary ? "application/x-protobuf" : "application/jsonl; charset=utf-8",
                .cacheControl: "no-store",
            ],
            body: ResponseBody { writer in
                var export = export
                while true {
                    let current = export
                    let (messages, next) = try await store.read { db in
                        var export = current
                        return (try export.next(in: db), export)
                    }
                    guard let messages else { break }
                    export = next
                    for message in messages where !message.body.isEmpty {
                        let bytes = isBinary ? Self.delimited(message) : Self.line(message)
                        try await writer.write(ByteBuffer(bytes: bytes))
                    }
                }
                try await writer.finish(nil)
            }
        )
    }

    private static func signals(_ text: String?) throws(APIFailure) -> Set<Signal> {
        guard let text else { return Set(Signal.allCases) }
        var signals: Set<Signal> = []
        for name in text.split(separator: ",") {
            guard let signal = Signal(rawValue: String(name)) else {
                let known = Signal.allCases.map(\.rawValue).joined(separator: ", ")
                throw .parameter("signals", "'\(String(name).cut(toBytes: 64))' is unknown; give some of \(known)")
            }
            signals.insert(signal)
        }
        return signals
    }

    /// The message after its length, as in files of OpenTelemetry's file exporter.
    private static func delimited(_ message: StoreExport.Message) -> [UInt8] {
        var bytes: [UInt8] = []
        Varint.append(UInt64(message.body.count), to: &bytes)
        return bytes + message.body
    }

    /// The message as a line of OTLP JSON.
    private static func line(_ message: StoreExport.Message) -> [UInt8] {
        guard let type = MessageType.request(ofSignal: message.signal.rawValue),
            let converted = Transcoder.convert(message.body, type, to: .json)
        else { return [] }
        return converted.bytes + [UInt8(ascii: "\n")]
    }
}
