import Foundation
import Synchronization

/// Standard output or standard error, written with plain system calls so that every failure is seen.
///
/// A reader that went away (`spankit … | head`) ends the writing, not the command: what was measured still goes to its file.
package final class StandardStream: Sendable {
    let fileDescriptor: Int32
    private let failure = Atomic<Int32>(0)

    init(fileDescriptor: Int32) {
        self.fileDescriptor = fileDescriptor
    }

    /// The reason why something could not be written; nil as long as all went well or only the reader went away.
    var failureReason: String? {
        let code = failure.load(ordering: .relaxed)
        return code == 0 || code == EPIPE ? nil : String(cString: strerror(code))
    }

    /// Whether somebody still reads.
    var isOpen: Bool { failure.load(ordering: .relaxed) == 0 }

    package func write(_ text: String) {
        write([UInt8](text.utf8))
    }

    /// Writes all of it, from any thread; after a failure nothing.
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

    /// Makes the streams safe to write to. To be called before any file is opened.
    ///
    /// A stream the caller closed (`>&-`) is taken by `/dev/null`: otherwise the next file opened, the database, would get its
    /// number, and reports would be written into it.
    static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_RDONLY : O_WRONLY)
        }
    }

    /// Ends the process; says so when standard output could not take everything.
    static func exit(_ status: Int32) -> Never {
        if let reason = output.failureReason {
            error.write("spankit: standard output: \(reason); not everything was printed\n")
            Foundation.exit(status == 0 ? ExitStatus.cannotCreate.rawValue : status)
        }
        Foundation.exit(status)
    }
}
