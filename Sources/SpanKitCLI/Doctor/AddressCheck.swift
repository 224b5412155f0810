import SpanKitPlatform
import SpanKitShipping

/// The result of connecting to one of a host's addresses.
package struct AddressCheck: Sendable, Equatable {
    /// The numeric address, such as `127.0.0.1` or `::1`.
    package var address: String
    /// The reason why the connection failed; `nil` if it succeeded.
    package var problem: String?

    /// Resolves a host name and connects to each of its addresses, with a timeout of three seconds each.
    /// - Returns: The results, or the reason why the name cannot be resolved.
    package static func checkAll(host: String, port: UInt16) -> (checks: [AddressCheck], lookupProblem: String?) {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = streamSocketType
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, "\(port)", &hints, &list)
        guard status == 0 else { return ([], String(cString: gai_strerror(status))) }
        defer { freeaddrinfo(list) }
        var checks: [AddressCheck] = []
        var next = list
        while let info = next {
            let text = numeric(info.pointee)
            if !checks.contains(where: { $0.address == text }) {
                checks.append(AddressCheck(address: text, problem: connect(info.pointee)))
            }
            next = info.pointee.ai_next
        }
        return (checks, nil)
    }

    private static func numeric(_ info: addrinfo) -> String {
        var host = [CChar](repeating: 0, count: 64)
        getnameinfo(info.ai_addr, info.ai_addrlen, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
        return String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Connects to a Unix domain socket, with a timeout of three seconds.
    /// - Parameter path: The path, or `@` and the name of an abstract socket.
    /// - Returns: The reason why the connection failed; `nil` if it succeeded.
    package static func problem(ofSocket path: String) -> String? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            return FileSystem.describe(ENAMETOOLONG)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let isAbstract = path.hasPrefix("@")
        if isAbstract { withUnsafeMutableBytes(of: &address.sun_path) { $0[0] = 0 } }
        let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 0
        let length = socklen_t(start + bytes.count + (isAbstract ? 0 : 1))
        let descriptor = socket(AF_UNIX, streamSocketType, 0)
        return withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) }
        }
    }

    private static func connect(_ info: addrinfo) -> String? {
        connect(socket(info.ai_family, info.ai_socktype, info.ai_protocol), info.ai_addr, info.ai_addrlen)
    }

    /// Connects a new socket and closes it.
    private static func connect(
        _ descriptor: Int32,
        _ address: UnsafeMutablePointer<sockaddr>?,
        _ length: socklen_t
    ) -> String? {
        guard descriptor >= 0 else { return FileSystem.describe(errno) }
        defer { close(descriptor) }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        if openConnection(descriptor, address, length) == 0 { return nil }
        guard errno == EINPROGRESS else { return FileSystem.describe(errno) }
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&ready, 1, 3_000) == 1 else { return "no answer within 3 s" }
        var problem: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &size)
        return problem == 0 ? nil : FileSystem.describe(problem)
    }
}

// Outside the type, because its own function hides the system's `connect`.
private func openConnection(_ descriptor: Int32, _ address: UnsafeMutablePointer<sockaddr>?, _ length: socklen_t)
    -> Int32
{
    connect(descriptor, address, length)
}
