#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the system refused, by the error number of the call before.
struct SystemFailure: Error {
    let code: Int32

    init() { code = errno }

    init(code: Int32) { self.code = code }

    /// What a person can do, for a directory that should take a file.
    func advice(directory: String) -> String {
        switch code {
        case ENOENT: "the directory \(directory) does not exist; create it"
        case ENOTDIR: "\(directory) is not a directory; choose another"
        case EACCES, EPERM: "no permission to write into \(directory); give it to this user or choose another"
        case EROFS: "\(directory) is on a file system that is read-only; choose another"
        case ENOSPC, EDQUOT: "no space is left in \(directory); free some"
        case EISDIR: "a directory has the name of the file; move it away"
        case ENAMETOOLONG: "the name is too long; choose a shorter one"
        default: String(cString: strerror(code))
        }
    }
}
