import Foundation

/// The end of a forked child, which is waited for with patience, but not for ever.
enum ChildEnd {
    /// The status as `waitpid` reports it: 0 for a child that ended by `_exit(0)`. A child that waits for a thread it does not have never
    /// ends by itself, and is killed after a minute.
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
