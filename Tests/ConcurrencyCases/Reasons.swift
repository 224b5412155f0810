import CSpanKitTaskStates
import SpanKitConcurrency

/// What the self-test says about runtimes that behave differently.
enum Reasons {
    static func run() {
        let good = spankit_states_proof(enters: 2, exits: 2, enqueues: 1, running: 2, left: 2, waiting: 1)
        let tick = CounterTicks.ticks(.milliseconds(1))
        func say(
            _ name: String,
            _ ticks: (UInt64, UInt64, UInt64)?,
            _ change: (inout spankit_states_proof) -> Void = { _ in }
        ) {
            var proof = good
            change(&proof)
            print("\(name): \(SelfTest.judge(proof, ticks, waiting: .milliseconds(2))?.reason ?? "passed")")
        }
        let times = (tick / 10, 2 * tick, 5 * tick)
        say("as known", times)
        say("no calls", times) { $0.enters = 0 }
        say("no hook", times) { $0.enqueues = 0 }
        say("no running bit", times) { $0.running = 0 }
        say("never left", times) { $0.left = 1 }
        say("never enqueued", times) { $0.waiting = 0 }
        say("no parts", nil)
        say("nothing queued", (tick, 0, 5 * tick))
        say("nothing suspended", (tick, 4 * tick, 5 * tick))
        say("more than the whole", (4 * tick, 4 * tick, 5 * tick))
        for text in ["running", "230 0x0 0x0 0x7ffd 0x7f01", "435 0x1", "-1 0x7ffd 0x7f01", ""] {
            print("'\(text)': \(ThreadActivity(text).text)")
        }
        for missing in [
            SPANKIT_STATES_OTHER_SYSTEM, SPANKIT_STATES_STATIC_RUNTIME, SPANKIT_STATES_NO_FUNCTIONS,
            SPANKIT_STATES_NO_KEY, SPANKIT_STATES_NO_HOOKS, SPANKIT_STATES_OTHER_LAYOUT,
        ] {
            print("missing \(missing.rawValue): \(SelfTest.reason(missing))")
        }
    }
}
