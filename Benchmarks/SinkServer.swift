import Foundation

/// A receiver that accepts everything. It runs in its own process, so its memory and time are not measured.
enum SinkServer {
    /// Prints the port and serves until standard input closes.
    static func serve(delayMilliseconds: UInt32) -> Never {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = bind(listener, address, length)
                _ = listen(listener, 64)
                _ = getsockname(listener, address, &length)
            }
        }
        print(UInt16(bigEndian: address.sin_port))
        fflush(nil)
        Thread.detachNewThread {
            while true {
                let connection = accept(listener, nil, nil)
                if connection >= 0 { Thread.detachNewThread { answer(connection, delayMilliseconds) } }
            }
        }
        while readLine() != nil {}
        exit(0)
    }

    private static func answer(_ connection: Int32, _ delayMilliseconds: UInt32) {
        defer { close(connection) }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var received: [UInt8] = []
        while true {
            guard let end = received.firstRange(of: Array("\r\n\r\n".utf8)) else {
                let count = read(connection, &buffer, buffer.count)
                guard count > 0 else { return }
                received += buffer[..<count]
                continue
            }
            let head = String(decoding: received[..<end.lowerBound], as: UTF8.self).lowercased()
            let line = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
            var left =
                (line.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0)
                - (received.count - end.upperBound)
            received.removeAll()
            while left > 0 {
                let count = read(connection, &buffer, min(left, buffer.count))
                guard count > 0 else { return }
                left -= count
            }
            if delayMilliseconds > 0 { usleep(delayMilliseconds * 1_000) }
            let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
            guard answer.utf8.withContiguousStorageIfAvailable({ write(connection, $0.baseAddress, $0.count) }) ?? 0 > 0
            else { return }
        }
    }
}
