/// What the system refused to do with a file, by the error number of the call.
package struct SystemFailure: Error, CustomStringConvertible {
    package let path: String
    package let code: Int32

    package init(_ path: String, _ code: Int32) {
        self.path = path
        self.code = code
    }

    package var description: String { "\(path): \(FileSystem.describe(code))" }
}
