/// Why a command stops: one line for the user, and the status for the shell.
package struct CommandFailure: Error, Equatable, CustomStringConvertible {
    package let status: ExitStatus
    package let message: String

    package init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    /// One line, whatever the message was made of.
    package var description: String {
        message.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}

/// What the shell is told, as `sysexits.h` numbers it.
package enum ExitStatus: Int32 {
    /// The command was used wrongly.
    case usage = 64
    /// The input is damaged or not what it should be.
    case data = 65
    /// A service that is needed did not answer as it should.
    case unavailable = 69
    /// Something is wrong in SpanKit.
    case internalError = 70
    /// A file or a stream could not be written.
    case cannotCreate = 73
}
