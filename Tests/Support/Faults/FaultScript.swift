import SpanKitPlatform

/// Chooses the next answer.
struct FaultScript: Sendable {
    enum Source: Sendable {
        case answers([Answer])
        case closure(@Sendable (ReceivedRequest, Int) -> Answer)
    }

    private let source: Source
    private let taken = Monitor(0)

    init(_ source: Source) {
        self.source = source
    }

    /// Takes the next answer of a list if it acts before the request is read.
    func takeAnswerBeforeRead() -> Answer? {
        guard case .answers(let answers) = source else { return nil }
        return taken.change { count in
            let answer = answers[min(count, answers.count - 1)]
            guard answer.actsBeforeRead else { return nil }
            count += 1
            return answer
        }
    }

    /// Takes the next answer of a list.
    func takeAnswer() -> Answer? {
        guard case .answers(let answers) = source else { return nil }
        return taken.change { count in
            defer { count += 1 }
            return answers[min(count, answers.count - 1)]
        }
    }

    /// Asks the closure.
    func answer(to request: ReceivedRequest) -> Answer {
        guard case .closure(let closure) = source else { return .ok }
        let number = taken.change { count in
            defer { count += 1 }
            return count
        }
        return closure(request, number)
    }
}

extension Answer {
    fileprivate var actsBeforeRead: Bool {
        switch self {
        case .acceptOnly, .resetBeforeRead: true
        default: false
        }
    }
}
