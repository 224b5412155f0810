import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// HTTP/1.1 connections that answer HTTP/2, the protocol of gRPC, with a reason that gRPC clients print.
struct ServerConnections: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    let inner: HTTP1Channel

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(GRPCRefusal())
        }
        .flatMap { inner.setup(channel: channel, logger: logger) }
    }

    func handle(value: Value, logger: Logger) async { await inner.handle(value: value, logger: logger) }
}

/// Ends a connection that begins with the preface of HTTP/2, by a GOAWAY frame with a text (RFC 9113, §3.4 and §6.8).
final class GRPCRefusal: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The first line of the preface, with which no request of HTTP/1.1 begins.
    private static let preface = Array("PRI * HTTP/2.0\r\n".utf8)
    private static let reason =
        "spankit serve does not receive gRPC; set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf, or use an OTLP/HTTP exporter"

    private var beginning: ByteBuffer?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = beginning ?? ByteBuffer()
        var new = unwrapInboundIn(data)
        bytes.writeBuffer(&new)
        let count = min(bytes.readableBytes, Self.preface.count)
        guard bytes.readableBytesView.prefix(count).elementsEqual(Self.preface.prefix(count)) else {
            context.fireChannelRead(wrapInboundOut(bytes))
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
            return
        }
        beginning = bytes
        guard count == Self.preface.count else { return }
        beginning = ByteBuffer()
        context.writeAndFlush(wrapOutboundOut(Self.answer), promise: nil)
        context.close(promise: nil)
    }

    /// An empty SETTINGS frame, and GOAWAY with the error HTTP_1_1_REQUIRED.
    private static var answer: ByteBuffer {
        var frames = ByteBuffer(bytes: [0, 0, 0, 4, 0, 0, 0, 0, 0])
        let length = 8 + reason.utf8.count
        frames.writeBytes([0, UInt8(length >> 8), UInt8(length & 0xFF), 7, 0, 0, 0, 0, 0])
        frames.writeInteger(0 as UInt32)
        frames.writeInteger(0xD as UInt32)
        frames.writeString(reason)
        return frames
    }
}
