import Glibc

/// A system call that failed.
public struct SystemError: Error, CustomStringConvertible {
    /// The name of the call and its arguments.
    public let call: String
    /// The value of `errno`.
    public let code: Int32

    init(_ call: String, code: Int32 = errno) {
        self.call = call
        self.code = code
    }

    /// `connect 127.0.0.1:1: Connection refused`.
    public var description: String { "\(call): \(String(cString: strerror(code)))" }
}
