import Foundation
import SpanKitPlatform

/// The program that `spankit serve -- program` runs.
final class ServedProgram: Sendable {
    private let process: pid_t

    /// Starts a program of the `PATH` with the environment of this process and further variables.
    /// - Throws: The number of the system's error.
    init(_ command: [String], adding variables: [String: String]) throws(SystemCode) {
        let environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }.map { "\($0)=\($1)" }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Signals that this process handles or ignores are the program's own again.
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var texts: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { (arguments + texts).forEach { free($0) } }
        var process: pid_t = 0
        let status = posix_spawnp(&process, command[0], nil, &attributes, &arguments, &texts)
        guard status == 0 else { throw SystemCode(number: status) }
        self.process = process
    }

    struct SystemCode: Error { let number: Int32 }

    /// Passes a signal on.
    func send(_ signal: Int32) { kill(process, signal) }

    /// Waits for the end.
    /// - Returns: The exit status, or 128 and the number of the signal that ended it, as shells report it.
    func status() async -> Int32 {
        let process = process
        return await withCheckedContinuation { continuation in
            WaitingThread.run {
                var status: Int32 = 0
                while waitpid(process, &status, 0) < 0, errno == EINTR {}
                continuation.resume(returning: status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F)
            }
        }
    }
}
