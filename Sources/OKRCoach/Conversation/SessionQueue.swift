/// Lets one message of a session through at a time, in the order in which they came; sessions do not wait for each other.
actor SessionQueue {
    private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

    /// Waits for the session's turn. Every call is answered by one ``leave(_:)``.
    func enter(_ sessionId: String) async {
        guard waiting[sessionId] != nil else {
            waiting[sessionId] = []
            return
        }
        await withCheckedContinuation { waiting[sessionId]?.append($0) }
    }

    /// Lets the next message of the session through.
    func leave(_ sessionId: String) {
        guard var queue = waiting[sessionId], !queue.isEmpty else {
            waiting[sessionId] = nil
            return
        }
        let next = queue.removeFirst()
        waiting[sessionId] = queue
        next.resume()
    }
}
