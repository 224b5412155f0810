import SpanKitPlatform

/// Converts the bodies of requests from one encoding of OTLP into the other. The same body always becomes the same bytes.
package enum Transcoder {
    /// Messages nested deeper than this are refused. The encoder nests less.
    static let deepestMessage = 100

    /// Why a body cannot be converted: it is damaged, or not a request of OTLP.
    struct Failure: Error {}

    /// A request in another encoding, and the number of unknown fields that were left out, because their types are not known; nil if
    /// the body is damaged.
    /// - Parameter encoding: the encoding of the result. The body has the other one.
    package static func convert(
        _ body: [UInt8],
        _ type: MessageType,
        to encoding: Encoding
    ) -> (bytes: [UInt8], leftOut: Int)? {
        do {
            switch encoding {
            case .protobuf:
                var writer = ProtobufTranscoder()
                try writer.write(body, type)
                return (writer.output, writer.leftOut)
            case .json:
                var writer = JSONTranscoder()
                try writer.write(body[...], type, depth: 0)
                return (writer.output, writer.leftOut)
            }
        } catch {
            return nil
        }
    }
}
