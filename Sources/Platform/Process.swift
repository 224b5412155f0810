/// The value of an environment variable, nil when it is not set.
package func environmentVariable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}

/// Writes a line to standard error in one call, so that lines of several threads do not mix.
package func writeToStandardError(_ line: String) {
    var line = line
    // There is no place to report that standard error is closed.
    line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// Whether a process exists, of whichever user. In a container the number may mean another process.
package func isRunning(process: pid_t) -> Bool {
    kill(process, 0) == 0 || errno == EPERM
}
