/// The value of an environment variable; nil if it is not set.
package func environmentVariable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}

/// Writes a line to standard error in one call, so that lines of different threads do not mix.
package func writeToStandardError(_ line: String) {
    write(line, to: STDERR_FILENO)
}

/// Writes a text to a file descriptor with one system call, so that lines of several threads do not mix.
package func write(_ text: String, to fileDescriptor: Int32) {
    var text = text
    // A failure, such as a closed standard error, cannot be reported anywhere.
    text.withUTF8 { _ = write(fileDescriptor, $0.baseAddress, $0.count) }
}

/// Whether a process of any user exists. Inside a container the number may belong to a different process.
package func isRunning(process: pid_t) -> Bool {
    kill(process, 0) == 0 || errno == EPERM
}
