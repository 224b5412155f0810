import SpanKitPlatform

/// What a thread of this process does, as procfs says. Reading it does not disturb the thread.
package enum ThreadActivity: Equatable {
    /// A system call: its name, or its number if it is not one of the usual ones.
    case systemCall(String)
    /// The thread runs code of the program, or waits for a processor.
    case ownCode
    /// procfs cannot be read, or the thread has ended.
    case unknown

    /// - Parameter thread: The kernel's number of the thread.
    static func of(_ thread: Int32) -> ThreadActivity {
        guard let bytes = try? FileSystem.read("/proc/self/task/\(thread)/syscall").get() else { return .unknown }
        return ThreadActivity(String(decoding: bytes, as: UTF8.self))
    }

    /// Reads the contents of `/proc/…/syscall` (proc_pid_syscall(5)): `running`, or a number and arguments.
    package init(_ text: String) {
        let first = text.split(whereSeparator: { $0 == " " || $0 == "\n" }).first ?? ""
        if first == "running" {
            self = .ownCode
        } else if let number = Int(first), number >= 0 {
            self = .systemCall(Self.names[number] ?? "number \(number)")
        } else {
            self = .unknown
        }
    }

    var systemCall: String? { if case .systemCall(let name) = self { name } else { nil } }

    package var text: String {
        switch self {
        case .systemCall(let name): "in the system call \(name)"
        case .ownCode: "in its own code"
        case .unknown: "and may be in a system call"
        }
    }

    /// System calls that block, by the numbers of the processor's architecture.
    private static var names: [Int: String] {
        #if arch(x86_64)
            [
                0: "read", 1: "write", 7: "poll", 17: "pread64", 18: "pwrite64", 19: "readv", 20: "writev",
                23: "select",
                34: "pause", 35: "nanosleep", 42: "connect", 43: "accept", 44: "sendto", 45: "recvfrom", 46: "sendmsg",
                47: "recvmsg", 61: "wait4", 73: "flock", 74: "fsync", 75: "fdatasync", 202: "futex",
                230: "clock_nanosleep",
                232: "epoll_wait", 247: "waitid", 257: "openat", 270: "pselect6", 271: "ppoll", 281: "epoll_pwait",
                288: "accept4",
            ]
        #else
            [
                22: "epoll_pwait", 32: "flock", 56: "openat", 63: "read", 64: "write", 65: "readv", 66: "writev",
                67: "pread64", 68: "pwrite64", 72: "pselect6", 73: "ppoll", 82: "fsync", 83: "fdatasync", 95: "waitid",
                98: "futex", 101: "nanosleep", 115: "clock_nanosleep", 202: "accept", 203: "connect", 206: "sendto",
                207: "recvfrom", 211: "sendmsg", 212: "recvmsg", 242: "accept4", 260: "wait4",
            ]
        #endif
    }
}
