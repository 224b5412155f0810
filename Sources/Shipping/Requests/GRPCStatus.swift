import SpanKitOTLP
import SpanKitPlatform

/// The status at the end of a gRPC call, from the fields of the response's head or trailers.
package struct GRPCStatus: Equatable {
    /// The number; 0 is success. Servers can send numbers that have no name.
    package var code: Int
    /// The server's message, as it was sent. It can contain control characters.
    package var message: String
    /// How long the server asks to wait before the call is repeated (`google.rpc.RetryInfo`).
    package var retryDelay: Duration?

    package init(code: Int, message: String = "", retryDelay: Duration? = nil) {
        self.code = code
        self.message = message
        self.retryDelay = retryDelay
    }

    /// Reads the fields `grpc-status`, `grpc-message` and `grpc-status-details-bin`; nil without a valid number.
    package init?(_ fields: [String: String]) {
        guard let text = fields["grpc-status"], 1...9 ~= text.utf8.count,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let code = Int(text)
        else { return nil }
        self.code = code
        message = Self.decoded(fields["grpc-message"] ?? "")
        let details = fields["grpc-status-details-bin"].flatMap { Base64.decode($0) } ?? []
        retryDelay = Self.retryDelay(in: details)
        if message.isEmpty { message = ProtobufFields(details)?.text(2) ?? "" }
    }

    /// The name of a code; `UNKNOWN` for a number without a name.
    package static func name(of code: Int) -> String { names.indices.contains(code) ? names[code] : "UNKNOWN" }

    private static let names = [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ]

    /// A percent-encoded text. A `%` without two hexadecimal digits stays as it is.
    private static func decoded(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2, let high = digits.first?.hexadecimalValue,
                let low = digits.last?.hexadecimalValue
            {
                bytes.append(high << 4 | low)
                rest.removeFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The delay of the first `RetryInfo` in a `google.rpc.Status`, at most a year.
    private static func retryDelay(in details: [UInt8]) -> Duration? {
        for detail in ProtobufField.all(in: details[...]) ?? [] where detail.number == 3 && detail.wire == 2 {
            guard let any = ProtobufFields(Array(detail.content)), let value = any.bytes[2],
                any.text(1)?.hasSuffix("/google.rpc.RetryInfo") ?? false, let info = ProtobufFields(value),
                let time = ProtobufFields(info.bytes[1] ?? [])
            else { continue }
            let seconds = Int64(bitPattern: time.integers[1] ?? 0)
            let nanoseconds = Int64(bitPattern: time.integers[2] ?? 0)
            guard seconds >= 0, 0..<1_000_000_000 ~= nanoseconds else { return .zero }
            return min(.seconds(31_536_000), .seconds(seconds) + .nanoseconds(nanoseconds))
        }
        return nil
    }
}
