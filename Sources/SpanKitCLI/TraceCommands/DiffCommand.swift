import ArgumentParser
import SpanKitReports

/// `spankit diff`: what changed between two runs.
struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two runs: which operations changed, how sure that is, how much it matters.",
        discussion: """
            Each run is a file of traces (OTLP JSON lines) or a results file of 'spankit profile'. Of traces an operation's own \
            time is compared, so that a parent does not stand for its child.

            --fail-if takes a metric (p50, p90, p95, p99, avg, max, total, count, errors) of an operation, '*' for each, and a \
            factor of the first run, or a value: 'p95(load) > 1.2x', 'avg(*) > +10%', 'max(load) > 250ms', 'errors(*) > 0'. \
            A factor of a time holds only of operations that changed by more than chance, of the time that is compared; a value is \
            held against the whole duration as it was measured.

            Exit status: 0 compared and no condition came true, 1 one did, 64 wrong usage, 65 a run cannot be read.
            """
    )

    @Argument(
        help: ArgumentHelp(
            "The run before: traces or a results file; '-' is traces on standard input.",
            valueName: "before"
        )
    )
    var before: String

    @Argument(help: ArgumentHelp("The run after, likewise.", valueName: "after"))
    var after: String

    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("Exit with 1 where this holds; may be given several times.", valueName: "condition"))
    var failIf: [String] = []

    func run() throws {
        let conditions = try failIf.map { text in
            do { return try Condition(text) } catch { throw CommandFailure(.usage, "--fail-if: \(error)") }
        }
        let (old, new) = (try RunInput.read(before), try RunInput.read(after))
        let comparison = RunComparison(old, new)
        output.write(comparison.listing) { comparison.text(style: $0) }
        var violations: [String] = []
        for condition in conditions {
            do {
                violations += try condition.violations(of: comparison)
            } catch {
                throw CommandFailure(.data, "--fail-if: \(error)")
            }
        }
        for violation in violations { TraceInput.note(violation) }
        if !violations.isEmpty { throw ExitCode(1) }
    }
}
