import Foundation

/// The end of a forked child, which is awaited for at most a minute.
enum ChildEnd {
    /// The status from `waitpid`: 0 for a child that ended with `_exit(0)`. A child that hangs is killed after a minute.
    static func status(of child: pid_t) -> Int32 {
        var status: Int32 = 0
        let deadline = ContinuousClock.now.advanced(by: .seconds(60))
        while ContinuousClock.now < deadline {
            if waitpid(child, &status, WNOHANG) == child { return status }
            usleep(100)
        }
        kill(child, SIGKILL)
        waitpid(child, &status, 0)
        return status
    }
}
