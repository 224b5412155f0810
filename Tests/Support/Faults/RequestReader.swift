/// Reads consecutive requests from a connection, with bodies of known length or in chunks.
struct RequestReader {
    private static let longestHead = 1 << 20
    private static let longestBody = 1 << 28

    private let socket: LoopbackSocket
    private let connection: Int
    private var buffered: [UInt8] = []

    init(_ socket: LoopbackSocket, connection: Int) {
        self.socket = socket
        self.connection = connection
    }

    /// Whether bytes of the next request have already been read.
    var hasBytes: Bool { !buffered.isEmpty }

    /// The next request with an empty body; nil at the end of the connection, after a timeout, or if it is not HTTP.
    mutating func readHead() -> ReceivedRequest? {
        var lines: [String] = []
        while true {
            guard let line = readLine(longest: Self.longestHead) else { return nil }
            if !line.isEmpty {
                lines.append(line)
            } else if !lines.isEmpty {
                break
            }
            guard lines.count < 1_000 else { return nil }
        }
        let words = lines[0].split(separator: " ")
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return nil }
        let headers = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: String(parts[0]), value: parts.count == 2 ? Self.trimmed(parts[1]) : "")
        }
        return ReceivedRequest(
            arrival: .now,
            connection: connection,
            method: String(words[0]),
            path: String(words[1]),
            headers: headers,
            body: [],
            isComplete: false
        )
    }

    /// Reads the body.
    /// - Parameter limit: the number of bytes after which to stop.
    mutating func readBody(of request: inout ReceivedRequest, upTo limit: Int = .max) {
        if request["expect"]?.lowercased() == "100-continue" {
            socket.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
        }
        guard request["transfer-encoding"]?.lowercased() != "chunked" else {
            return readChunks(of: &request, upTo: limit)
        }
        let length = Int(request["content-length"] ?? "0") ?? -1
        guard (0...Self.longestBody).contains(length) else { return }
        request.body = read(min(length, limit))
        request.isComplete = request.body.count == length
    }

    private mutating func readChunks(of request: inout ReceivedRequest, upTo limit: Int) {
        while let line = readLine(longest: 1_000) {
            guard let size = Int(line.prefix { $0 != ";" }, radix: 16), size >= 0 else { return }
            guard request.body.count + size <= Self.longestBody else { return }
            if size == 0 {
                while let trailer = readLine(longest: Self.longestHead) {
                    guard trailer.isEmpty else { continue }
                    request.isComplete = true
                    return
                }
                return
            }
            let wanted = min(size, limit - request.body.count)
            let chunk = read(wanted)
            request.body += chunk
            guard chunk.count == size, readLine(longest: 2) == "" else { return }
        }
    }

    /// So many bytes, or fewer if the connection ends first.
    private mutating func read(_ count: Int) -> [UInt8] {
        var bytes = Array(buffered.prefix(count))
        buffered.removeFirst(bytes.count)
        bytes.reserveCapacity(count)
        while bytes.count < count, let more = try? socket.receive(upTo: min(count - bytes.count, 1 << 18)),
            !more.isEmpty
        {
            bytes += more
        }
        return bytes
    }

    private mutating func readLine(longest: Int) -> String? {
        var searched = 0
        while true {
            if let end = buffered[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                var line = buffered[..<end]
                if line.last == UInt8(ascii: "\r") { line.removeLast() }
                let text = String(decoding: line, as: UTF8.self)
                buffered.removeFirst(end + 1)
                return text
            }
            searched = buffered.count
            guard searched <= longest, let more = try? socket.receive(), !more.isEmpty else { return nil }
            buffered += more
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        var text = text.drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return String(text)
    }
}
