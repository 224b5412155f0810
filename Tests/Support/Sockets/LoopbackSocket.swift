import Glibc

/// One end of a TCP connection on 127.0.0.1. Every call ends after a time limit.
///
/// It is a plain handle. Its creator has to call `close()` or `reset()` once.
public struct LoopbackSocket: Sendable {
    /// The file descriptor.
    public let descriptor: Int32

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Connects to a port on 127.0.0.1.
    public init(connectingTo port: UInt16, limit: Duration = .generous) throws {
        let descriptor = socket(AF_INET, Self.kind, 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        self.descriptor = descriptor
        setTimeLimit(limit)
        guard Self.withAddress(port, { connect(descriptor, $0, $1) }) == 0 else {
            let error = SystemError("connect 127.0.0.1:\(port)")
            close()
            throw error
        }
    }

    /// A socket that reserves a port without listening, so that connections are refused and no other program gets the port.
    /// - Parameter port: 0 for any free port.
    static func bound(to port: UInt16 = 0) throws -> LoopbackSocket {
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        guard withAddress(port, { Glibc.bind(descriptor, $0, $1) }) == 0 else {
            let error = SystemError("bind 127.0.0.1:\(port)")
            Glibc.close(descriptor)
            throw error
        }
        return LoopbackSocket(descriptor: descriptor)
    }

    /// A Unix domain socket, which replaces an older one of the same path.
    static func bound(toPath path: String) throws -> LoopbackSocket {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        precondition(path.utf8.count < MemoryLayout.size(ofValue: address.sun_path))
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        unlink(path)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let error = SystemError("bind \(path)")
            Glibc.close(descriptor)
            throw error
        }
        return LoopbackSocket(descriptor: descriptor)
    }

    /// Starts accepting connections.
    func listen() throws {
        guard Glibc.listen(descriptor, 128) == 0 else { throw SystemError("listen") }
    }

    /// The next connection; nil after the listener was shut down.
    func accept() -> LoopbackSocket? {
        while true {
            let connection = Glibc.accept(descriptor, nil, nil)
            guard connection < 0 else {
                _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                return LoopbackSocket(descriptor: connection)
            }
            guard errno == EINTR || errno == ECONNABORTED else { return nil }
        }
    }

    /// The port of this end.
    public var port: UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    /// How long `send` and `receive` wait for the other side.
    public func setTimeLimit(_ limit: Duration) {
        var time = timeval(
            tv_sec: Int(limit.components.seconds),
            tv_usec: Int(limit.components.attoseconds / 1_000_000_000_000)
        )
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Sends everything.
    /// - Returns: false if the other side has closed the connection or does not read.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var sent = 0
            while sent < buffer.count {
                let rest = UnsafeRawBufferPointer(rebasing: buffer[sent...])
                let count = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }

    /// Some bytes; none at the end of the stream.
    public func receive(upTo limit: Int = 65_536) throws -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            var received: Int
            repeat {
                received = recv(descriptor, buffer.baseAddress, limit, 0)
                failure = errno
            } while received < 0 && failure == EINTR
            if received >= 0 { failure = 0 }
            count = max(received, 0)
        }
        guard failure == 0 else { throw SystemError("recv", code: failure) }
        return bytes
    }

    /// Everything until the other side closes.
    public func receiveAll() throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let bytes = try receive()
            if bytes.isEmpty { return all }
            all += bytes
        }
    }

    /// How a wait on a connection ended.
    enum Event { case readable, closed, timeOver }

    /// Waits for bytes, or for the other side to close the connection.
    func waitForBytes(_ longest: Duration) -> Event {
        wait(longest, for: Int16(POLLIN))
    }

    /// Waits until the connection ends, ignoring received bytes.
    func waitForEnd(_ longest: Duration) -> Event {
        wait(longest, for: Self.POLLRDHUP)
    }

    /// Waits; only a connection that is dead in both directions ends it early.
    func sleep(_ time: Duration) -> Event {
        wait(time, for: 0)
    }

    private func wait(_ longest: Duration, for events: Int16) -> Event {
        let end = ContinuousClock.now + longest
        while true {
            var entry = pollfd(fd: descriptor, events: events, revents: 0)
            let rest = max(end - ContinuousClock.now, .zero).components
            // Rounded up: a wait that ends early would turn into a busy loop.
            let milliseconds = rest.seconds * 1_000 + (rest.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
            let result = poll(&entry, 1, Int32(clamping: milliseconds))
            if result > 0 { return entry.revents & Int16(POLLIN) != 0 ? .readable : .closed }
            if result == 0 { return .timeOver }
            if errno != EINTR { return .closed }
        }
    }

    /// Wakes every thread that waits on this socket.
    func shutdown() {
        Glibc.shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Ends the sending direction.
    public func finishSending() {
        Glibc.shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Makes `close` send a reset instead of an orderly end.
    func resetOnClose() {
        var abort = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &abort, socklen_t(MemoryLayout<linger>.size))
    }

    /// Closes the descriptor.
    public func close() {
        Glibc.close(descriptor)
    }

    /// A Linux constant that Swift's Glibc module does not have.
    private static let POLLRDHUP: Int16 = 0x2000
    private static let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)

    private static func withAddress(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                body(generic, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
