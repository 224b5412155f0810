import SpanKitRecording
import SpanKitReports
import SpanKitTestSupport

/// A program of known structure that runs in simulated time, to compare what the analysis infers from spans with what is true.
final class RandomProgram {
    enum Step {
        /// Work of the program itself in nanoseconds.
        case work(Int64)
        /// A call that the program waits for.
        case call(RandomProgram)
        /// Calls that start one after the other, each after a little work, and that the program waits for at the end.
        case parallel([(delay: Int64, program: RandomProgram)])
        /// A call that the program does not wait for. It ends after the program.
        case background(RandomProgram)
    }

    /// A change of the program's own work: the new time for an old one.
    typealias Change = (_ program: RandomProgram, _ time: Int64) -> Int64

    let name: UInt32
    var steps: [Step] = []

    init(name: UInt32) {
        self.name = name
    }

    static let nameCount: UInt32 = 6

    /// What a program may consist of.
    struct Shape {
        var isSequential = false
        var depth = 3
    }

    /// - Parameter shape: What the program may consist of.
    static func make(_ random: inout SplitMix64, shape: Shape = Shape(), depth: Int = 0) -> RandomProgram {
        let program = RandomProgram(name: UInt32.random(in: 0..<nameCount, using: &random))
        // Longer than all delays of parallel calls, so that none of them ends while others start.
        func work() -> Step { .work(Int64.random(in: 1_000...100_000, using: &random)) }
        program.steps.append(work())
        for _ in 0..<(depth < shape.depth ? Int.random(in: 0...3, using: &random) : 0) {
            switch shape.isSequential ? 0 : Int.random(in: 0...5, using: &random) {
            case 0, 1: program.steps.append(.call(make(&random, shape: shape, depth: depth + 1)))
            case 2, 3:
                let calls = (0..<Int.random(in: 2...4, using: &random)).map { _ in
                    (Int64.random(in: 0...20, using: &random), make(&random, shape: shape, depth: depth + 1))
                }
                program.steps.append(.parallel(calls))
            case 4:
                // A loop over calls that look alike.
                let name = UInt32.random(in: 0..<nameCount, using: &random)
                for _ in 0..<Int.random(in: 5...8, using: &random) {
                    let call = RandomProgram(name: name)
                    call.steps = [work()]
                    program.steps.append(.call(call))
                }
            default:
                let call = make(&random, shape: shape, depth: depth + 1)
                call.steps.append(.work(1_000_000_000))
                program.steps.append(.background(call))
            }
            if Bool.random(using: &random) { program.steps.append(work()) }
        }
        return program
    }

    /// The program's own work.
    var ownNanoseconds: Int64 {
        steps.reduce(0) { sum, step in
            switch step {
            case .work(let time): sum + time
            case .parallel(let calls): sum + calls.reduce(0) { $0 + $1.delay }
            case .call, .background: sum
            }
        }
    }

    /// The programs that this one calls.
    var called: [RandomProgram] {
        steps.flatMap { step -> [RandomProgram] in
            switch step {
            case .work: []
            case .call(let program), .background(let program): [program]
            case .parallel(let calls): calls.map(\.program)
            }
        }
    }

    /// This program and all programs at any depth below it.
    var all: [RandomProgram] { [self] + called.flatMap(\.all) }

    /// Runs the program, and returns the time of its end.
    /// - Parameters:
    ///   - change: What its own work takes instead.
    ///   - together: Whether the second of two calls in sequence starts together with the first.
    ///   - record: Is called with each program's start and end.
    func run(
        from start: Int64 = 0,
        change: Change = { $1 },
        together: (_ first: RandomProgram, _ second: RandomProgram) -> Bool = { _, _ in false },
        record: (_ program: RandomProgram, _ start: Int64, _ end: Int64) -> Void = { _, _, _ in }
    ) -> Int64 {
        var now = start
        func end(of program: RandomProgram, from start: Int64) -> Int64 {
            program.run(from: start, change: change, together: together, record: record)
        }
        var previous: (program: RandomProgram, start: Int64)?
        for step in steps {
            switch step {
            case .work(let time): now += change(self, time)
            case .call(let program):
                let isTogether = previous.map { together($0.program, program) } ?? false
                let start = isTogether ? previous?.start ?? now : now
                now = max(now, end(of: program, from: start))
                previous = (program, start)
            case .background(let program):
                _ = end(of: program, from: now)
                previous = nil
            case .parallel(let calls):
                var ends = now
                for (delay, program) in calls {
                    now += change(self, delay)
                    ends = max(ends, end(of: program, from: now))
                }
                now = max(now, ends)
                previous = nil
            }
        }
        record(self, start, now)
        return now
    }

    /// The trace of a run.
    func trace(id: UInt64) -> Trace {
        let origin: Int64 = 1_000_000_000
        var spans: [TraceSpan] = []
        var ids: [ObjectIdentifier: UInt64] = [:]
        for (number, program) in all.enumerated() { ids[ObjectIdentifier(program)] = UInt64(number + 1) }
        var parents: [ObjectIdentifier: UInt64] = [:]
        for program in all {
            for child in program.called { parents[ObjectIdentifier(child)] = ids[ObjectIdentifier(program)] }
        }
        _ = run(record: { program, start, end in
            let identifier = ObjectIdentifier(program)
            spans.append(
                TraceSpan(
                    spanID: ids[identifier] ?? 0,
                    parentSpanID: parents[identifier] ?? 0,
                    start: origin + start,
                    end: origin + end,
                    name: program.name
                )
            )
        })
        return Trace(id: TraceID(high: 0, low: id), spans: spans)
    }
}
