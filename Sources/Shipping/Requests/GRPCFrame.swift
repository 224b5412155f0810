import SpanKitPlatform

/// The frame of a message in gRPC ("gRPC over HTTP2", Length-Prefixed-Message): a flag, the length in four bytes, and the message.
package enum GRPCFrame {
    /// A message in its frame.
    /// - Parameter isCompressed: whether the message is compressed with gzip.
    package static func framed(_ message: [UInt8], isCompressed: Bool) -> [UInt8] {
        precondition(message.count <= Int(UInt32.max))
        var frame: [UInt8] = []
        frame.reserveCapacity(message.count + 5)
        frame.append(isCompressed ? 1 : 0)
        for place in (0..<4).reversed() { frame.append(UInt8(truncatingIfNeeded: message.count >> (8 * place))) }
        return frame + message
    }

    /// Whether a response's body starts with a whole frame.
    package static func startsWithMessage(_ body: [UInt8]) -> Bool { length(of: body) != nil }

    /// The length of the message in the first frame of a body; nil if the frame is not whole.
    private static func length(of body: [UInt8]) -> Int? {
        guard body.count >= 5, body[0] <= 1 else { return nil }
        let length = body[1..<5].reduce(0) { $0 << 8 | Int($1) }
        return length <= body.count - 5 ? length : nil
    }

    /// The first message in a response's body, decompressed; nil if it cannot be read.
    /// - Parameter limit: the maximum size after decompression, in bytes.
    package static func firstMessage(in body: [UInt8], limit: Int) -> [UInt8]? {
        guard let length = length(of: body) else { return nil }
        let message = Array(body[5..<5 + length])
        guard body[0] == 1 else { return message.count <= limit ? message : nil }
        // Some servers compress although the request accepts no compression.
        return Inflater.inflate(message, limit: limit).flatMap { $0.count <= limit ? $0 : nil }
    }
}
