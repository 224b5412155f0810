import SpanKitHTTP
import SpanKitPlatform

/// The header fields of a gRPC request ("gRPC over HTTP2", Custom-Metadata).
enum GRPCMetadata {
    /// A field in the form of gRPC: the name in lower case, and base64 for a name that ends with `-bin`; nil if gRPC does not allow
    /// the field, or sets it itself.
    static func field(_ header: HTTPHeader) -> (name: String, value: String)? {
        let name = header.name.lowercased()
        guard !name.isEmpty, name.utf8.allSatisfy(isNameByte), !name.hasPrefix("grpc-"), !reserved.contains(name) else {
            return nil
        }
        if name.hasSuffix("-bin") { return (name, Base64.encode(Array(header.value.utf8))) }
        guard header.value.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) else { return nil }
        return (name, header.value)
    }

    /// `grpc-timeout`: at most eight digits and a unit.
    static func timeout(_ duration: Duration) -> String {
        let milliseconds = max(1, duration.wholeMilliseconds)
        return milliseconds < 100_000_000 ? "\(milliseconds)m" : "\(min(milliseconds / 1_000, 99_999_999))S"
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "_-.".utf8.contains(byte)
        }
    }

    /// Fields of the protocol, and those that HTTP/2 does not have.
    private static let reserved: Set = [
        "content-type", "content-encoding", "content-length", "host", "te", "expect", "connection", "keep-alive",
        "proxy-connection", "transfer-encoding", "upgrade",
    ]
}
