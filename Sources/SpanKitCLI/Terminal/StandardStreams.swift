import Foundation
import SpanKitSummaries
import Synchronization

/// Standard output or standard error, written with system calls so that every failure is noticed.
///
/// If the reader closes the pipe (`spankit … | head`), only the writing ends. The command continues and writes its files.
package final class StandardStream: Sendable {
    let fileDescriptor: Int32
    private let failure = Atomic<Int32>(0)

    init(fileDescriptor: Int32) {
        self.fileDescriptor = fileDescriptor
    }

    /// The reason why a write failed; `nil` if none did, or if the reader closed the pipe.
    var failureReason: String? {
        let code = failure.load(ordering: .relaxed)
        return code == 0 || code == EPIPE ? nil : String(cString: strerror(code))
    }

    /// Whether no write has failed.
    var isOpen: Bool { failure.load(ordering: .relaxed) == 0 }

    package func write(_ text: String) {
        write([UInt8](text.utf8))
    }

    /// Writes all bytes; nothing after a failure. Can be called from any thread.
    func write(_ bytes: [UInt8]) {
        var written = 0
        while written < bytes.count, failure.load(ordering: .relaxed) == 0 {
            let count = bytes[written...].withUnsafeBytes { Foundation.write(fileDescriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                written += count
            } else if errno == EAGAIN {
                var ready = pollfd(fd: fileDescriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&ready, 1, -1)
            } else if errno != EINTR {
                failure.store(errno, ordering: .relaxed)
            }
        }
    }
}

/// The process's own streams.
package enum StandardStreams {
    package static let output = StandardStream(fileDescriptor: STDOUT_FILENO)
    package static let error = StandardStream(fileDescriptor: STDERR_FILENO)

    /// Makes the streams safe to use. Call it before any file is opened.
    ///
    /// Opens `/dev/null` for a stream that the caller closed (`>&-`). Otherwise the next opened file, such as the database, would
    /// get its number, and reports would be written into it.
    static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_RDONLY : O_WRONLY)
        }
    }

    /// Writes a line for the user to standard error, without control characters.
    package static func note(_ line: String) {
        error.write("spankit: \(TerminalStyle(usesUnicode: true).printable(line))\n")
    }

    /// Ends the process. Reports if standard output could not be written completely.
    static func exit(_ status: Int32) -> Never {
        if let reason = output.failureReason {
            error.write("spankit: standard output: \(reason); the output is incomplete\n")
            Foundation.exit(status == 0 ? ExitStatus.cannotCreate.rawValue : status)
        }
        Foundation.exit(status)
    }
}
