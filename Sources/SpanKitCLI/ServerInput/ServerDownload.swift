import Foundation
import SpanKitHTTP
import SpanKitInputs
import SpanKitPlatform
import SpanKitReports

/// Gets a long document from a server piece by piece.
///
/// A thread receives the bytes and writes them into a pipe, so that they are read as those of a file are. A slow reader slows the server
/// down.
final class ServerDownload {
    private struct State {
        var failure: String?
        var isAnswered = false
    }

    /// The document.
    let input: InputBytes
    private let state: Locked<State>

    /// Starts the request.
    /// - Parameter accept: The media type of the document.
    init(_ server: ServerAddress, path: String, _ parameters: [(name: String, value: String)], accept: String) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw CommandFailure(.internalError, "pipe: \(systemError(errno))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let writing = ends[1]
        let state = Locked(State())
        self.state = state
        input = InputBytes(name: "\(server)", descriptor: ends[0]) {
            state.withLock(\.failure).map { InputBytes.Problem(description: $0) }
        }
        var request = HTTPRequest(
            url: server.url(path, parameters),
            headers: HTTPHeaders(server.headers + [("Accept", accept)]),
            body: []
        )
        request.method = .get
        request.maximumResponseBytes = .max
        let thread = Thread("spankit-download") { [request] in
            let failure = Self.receive(request, server, into: writing, state)
            state.withLock { $0.failure = failure }
            close(writing)
        }
        guard thread == nil else { return }
        close(writing)
        throw CommandFailure(.internalError, "a thread could not be created")
    }

    /// Why there is no document; `nil` if it began.
    var refusal: String? { state.withLock { $0.isAnswered ? nil : $0.failure } }

    /// - Returns: Why the document is missing or incomplete.
    private static func receive(
        _ request: HTTPRequest,
        _ server: ServerAddress,
        into descriptor: Int32,
        _ state: Locked<State>
    ) -> String? {
        guard let client = HTTPClient(connections: 1) else { return "libcurl cannot be initialized" }
        var answer = client.start(request, token: 0) { head, bytes in
            guard head.status == 200 else { return .keep }
            state.withLock { $0.isAnswered = true }
            // A reader that has ended needs no more.
            return write(bytes, to: descriptor) ? .used : .last
        }
        while answer == nil { answer = client.poll(for: .seconds(60)).first?.answer }
        guard let answer else { return nil }
        if answer.status == 200, answer.failure == nil {
            state.withLock { $0.isAnswered = true }
            return nil
        }
        return ServerFailure.text(of: answer, from: server)
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = Foundation.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
            if count >= 0 { written += count } else if errno != EINTR { return false }
        }
        return true
    }
}

/// Explains answers of `spankit serve` that contain no document.
package enum ServerFailure {
    package static func text(of answer: HTTPAnswer, from server: ServerAddress) -> String {
        switch answer.failure {
        case .noConnection(.refused, _):
            return
                "\(server): nothing listens there; start 'spankit serve', or give the address that it prints with --server"
        case .noConnection(_, let reason): return "\(server): \(reason)"
        case .timedOut: return "\(server): there was no answer in time"
        case .answerTooLarge: return "\(server): the answer is too large"
        case .settings(let reason): return "\(server): \(reason)"
        case .cancelled: return "\(server): the request was cancelled"
        case nil: break
        }
        if let said = try? JSONDecoder().decode(Said.self, from: Data(answer.body)) {
            return "\(server): \(said.error)"
        }
        let advice =
            answer.status == 401
            ? "give the address with the token that 'spankit serve' printed (http://…/?t=…)"
            : "is it the address of 'spankit serve'?"
        return "\(server): answered with status \(answer.status); \(advice)"
    }

    private struct Said: Decodable {
        let error: String
    }
}
