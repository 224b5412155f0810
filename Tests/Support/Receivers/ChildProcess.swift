import Glibc
import SpanKitPlatform

/// A program started by a test, in its own process group.
///
/// A thread starts it and waits for its end, so that nothing depends on run loops. When the test process dies, Linux ends the
/// program, which it ties to the thread that started it.
final class ChildProcess: Sendable {
    private enum Phase {
        case starting
        case failed(SystemError)
        case running(pid_t)
        case ended(Int32)
    }

    private let phase = Monitor(Phase.starting)

    /// Starts a program whose output is written to files.
    /// - Parameter environment: the complete environment.
    init(
        _ program: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        output: String,
        error: String
    ) throws {
        let setpriv = "/usr/bin/setpriv"
        let guardian = access(setpriv, X_OK) == 0 ? [setpriv, "--pdeathsig", "KILL"] : []
        let command = guardian + [program] + arguments
        let variables = environment.map { "\($0)=\($1)" }
        let phase = phase
        let thread = Thread("test-child") {
            do {
                let process = try Self.spawn(command, variables, output, error)
                phase.change { $0 = .running(process) }
                // The end is noted before the process is reaped, so that its number cannot belong to another process yet.
                var info = siginfo_t()
                while waitid(P_PID, id_t(process), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
                phase.change { phase in
                    var status: Int32 = 0
                    waitpid(process, &status, 0)
                    phase = .ended(status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F)
                }
            } catch {
                phase.change { $0 = .failed(error as? SystemError ?? SystemError("posix_spawn")) }
            }
        }
        guard thread != nil else { throw SystemError("pthread_create") }
        let isKnown = phase.wait(until: .now + .generous) { if case .starting = $0 { nil } else { true } } ?? false
        if case .failed(let error) = phase.read({ $0 }) { throw error }
        guard isKnown else { throw SystemError("posix_spawn \(program)", code: ETIMEDOUT) }
    }

    deinit { stop(within: .zero) }

    /// The process ID; nil after the program has ended.
    var identifier: pid_t? {
        phase.read { if case .running(let process) = $0 { process } else { nil } }
    }

    /// The exit status, or 128 plus the signal that ended it; nil while it runs.
    var status: Int32? {
        phase.read { if case .ended(let status) = $0 { status } else { nil } }
    }

    /// Waits for the end.
    /// - Returns: its `status`; nil if it did not end in time.
    private func waitForEnd(within longest: Duration) -> Int32? {
        phase.wait(until: .now + longest) { if case .ended(let status) = $0 { status } else { nil } }
    }

    /// Sends a signal to the program.
    func send(_ signal: Int32) {
        phase.change { if case .running(let process) = $0 { kill(process, signal) } }
    }

    /// Ends the program. If it does not react, kills it and its children.
    func stop(within grace: Duration = .seconds(2)) {
        if grace > .zero {
            send(SIGTERM)
            if waitForEnd(within: grace) != nil { return }
        }
        phase.change { if case .running(let process) = $0 { kill(-process, SIGKILL) } }
        _ = waitForEnd(within: .generous)
    }

    private static func spawn(
        _ command: [String],
        _ variables: [String],
        _ output: String,
        _ error: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, error, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        for descriptor in 3..<Self.descriptorLimit { posix_spawn_file_actions_addclose(&actions, descriptor) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGTERM, SIGINT, SIGPIPE, SIGHUP] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var process: pid_t = 0
        let words = command.map { strdup($0) } + [nil]
        let environment = variables.map { strdup($0) } + [nil]
        defer { for text in words + environment { free(text) } }
        let result = posix_spawn(&process, command[0], &actions, &attributes, words, environment)
        guard result == 0 else { throw SystemError("posix_spawn \(command[0])", code: result) }
        return process
    }

    /// A number above all open descriptors, with a margin for those that other threads open at the same time.
    ///
    /// All descriptors below are closed in the program. If it inherited another test's socket, it would keep that connection open.
    private static var descriptorLimit: Int32 {
        guard let folder = opendir("/proc/self/fd"), let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name)
        else { return 256 }
        defer { closedir(folder) }
        var highest: Int32 = 3
        while let entry = readdir(folder) {
            // Not through `pointee.d_name`, which copies 256 bytes: the entry may end before that, and so may the memory.
            let name = UnsafeRawPointer(entry).advanced(by: nameOffset).assumingMemoryBound(to: CChar.self)
            highest = max(highest, Int32(String(cString: name)) ?? 0)
        }
        return highest + 64
    }
}
