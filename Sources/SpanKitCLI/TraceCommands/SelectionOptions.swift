import ArgumentParser
import SpanKitInputs
import SpanKitPlatform
import SpanKitReports
import SpanKitSummaries

/// The options that select spans by their content and time.
struct FilterOptions: ParsableArguments {
    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "Select spans, such as 'service=checkout and duration>500ms'.",
            discussion: """
                Fields: service, name, kind, status, duration, error, and every attribute of the span or its resource. Operators: \
                = != < <= > >= and ~ (contains), and, or, not, parentheses. docs/analyzing-traces.md describes them.
                """,
            valueName: "filter"
        ),
        completion: .custom { _, _, text in FilterCompletion.candidates(after: text) }
    )
    var filter: String?

    @Option(
        help: ArgumentHelp(
            "Select spans that started at or after this time, such as 15m (ago) or '2026-11-23 10:15'.",
            discussion: "RFC 3339. Without a zone, the time is local, or UTC with --utc.",
            valueName: "time"
        )
    )
    var since: String?

    @Option(help: ArgumentHelp("Select spans that started before this time.", valueName: "time"))
    var until: String?

    @Flag(help: "Show and read times in UTC instead of the local time zone.")
    var utc = false

    var zone: DisplayZone { utc ? .utc : .local }

    /// The options that were given.
    fileprivate var given: [String] {
        [filter.map { _ in "--where" }, since.map { _ in "--since" }, until.map { _ in "--until" }].compactMap { $0 }
    }

    /// - Throws: ``CommandFailure`` with status 64 if an option cannot be understood.
    func selection() throws(CommandFailure) -> SpanSelection {
        try .options(filter, of: .spans, since: since, until: until, zone: zone)
    }

    /// - Throws: ``CommandFailure`` if an option is given: a results file contains no spans that could be selected.
    func rejectResults(_ file: String) throws(CommandFailure) {
        try SelectionOptions.reject(given, file)
    }
}

/// The options that select spans by their content, time and trace.
struct SelectionOptions: ParsableArguments {
    @OptionGroup var filter: FilterOptions

    @Option(help: ArgumentHelp("Select the trace whose id begins with these digits.", valueName: "id"))
    var trace: String?

    var zone: DisplayZone { filter.zone }

    /// - Throws: ``CommandFailure`` with status 64 if an option cannot be understood.
    func selection() throws(CommandFailure) -> SpanSelection {
        var selection = try filter.selection()
        try selection.select(trace: trace)
        return selection
    }

    /// - Throws: ``CommandFailure`` if an option is given: a results file contains no spans that could be selected.
    func rejectResults(_ file: String) throws(CommandFailure) {
        try Self.reject(filter.given + (trace == nil ? [] : ["--trace"]), file)
    }

    fileprivate static func reject(_ options: [String], _ file: String) throws(CommandFailure) {
        guard let first = options.first else { return }
        throw CommandFailure(
            .usage,
            "\(first): \(file) is a results file, which contains no spans to select; give traces, or leave the option out"
        )
    }
}

struct ServiceOptions: ParsableArguments {
    @Flag(help: "Count operations with the same name as one operation, even if their services differ.")
    var mergeServices = false
}

extension SpanSelection {
    /// The selection that options of the command line describe.
    /// - Throws: ``CommandFailure`` with status 64 if an option cannot be understood.
    static func options(
        _ filter: String?,
        of subject: SpanFilter.Subject,
        since: String?,
        until: String?,
        zone: DisplayZone
    ) throws(CommandFailure) -> SpanSelection {
        var selection = SpanSelection()
        if let filter {
            do { selection.filter = try SpanFilter(filter, of: subject) } catch {
                throw CommandFailure(.usage, "--where: \(error)")
            }
        }
        selection.since = try time(since, of: "--since", zone)
        selection.until = try time(until, of: "--until", zone)
        if let since = selection.since, let until = selection.until, since >= until {
            let (first, last) = (Readable.moment(since, in: zone), Readable.moment(until, in: zone))
            throw CommandFailure(.usage, "--since (\(first)) is not before --until (\(last))")
        }
        return selection
    }

    private static func time(
        _ text: String?,
        of option: String,
        _ zone: DisplayZone
    ) throws(CommandFailure) -> Int64? {
        guard let text else { return nil }
        do { return try TimePoint.nanoseconds(text, now: UnixTime.nanoseconds(), zone: zone) } catch {
            throw CommandFailure(.usage, "\(option): \(error)")
        }
    }

    /// Selects the trace whose id begins with digits, if there are any.
    mutating func select(trace: String?) throws(CommandFailure) {
        guard let trace else { return }
        let digits = trace.lowercased()
        guard !digits.isEmpty, digits.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else {
            throw CommandFailure(
                .usage,
                "--trace: '\(trace)' is not the beginning of a trace id; give hexadecimal digits"
            )
        }
        traceDigits = digits
    }

    /// Checks that the digits given to `--trace` are the beginning of exactly one id.
    /// - Throws: ``CommandFailure`` with status 65.
    func checkTrace() throws(CommandFailure) {
        guard let traceDigits else { return }
        guard !traces.isEmpty else {
            throw CommandFailure(.data, "there is no trace whose id begins with '\(traceDigits)'")
        }
        guard traces.count > 1 else { return }
        let shown = 5
        let ids = traces.map { "\($0)" }.sorted()
        let count = (traces.count < Self.traceLimit ? "" : "at least ") + Readable.count(traces.count)
        throw CommandFailure(
            .data,
            "--trace: '\(traceDigits)' is the beginning of \(count) trace ids (\(ids.prefix(shown).joined(separator: ", "))"
                + "\(ids.count > shown ? ", …" : "")); give more digits"
        )
    }

    /// Reports on standard error how much of the input was selected.
    /// - Parameters:
    ///   - traceCounts: The number of traces with a selected span and of all traces; `nil` if traces are not selected whole.
    ///   - subject: What is selected.
    ///   - run: The name of the run, if there are several.
    func report(
        traceCounts: (selected: Int, all: Int)? = nil,
        of subject: SpanFilter.Subject = .spans,
        run: String? = nil,
        zone: DisplayZone
    ) {
        guard isActive else { return }
        let noun = subject.noun
        let run = run.map { "\($0): " } ?? ""
        guard !isPreselected else {
            let spans = Readable.count(matchCount, of: noun, "matches", "match")
            let traces = traceCounts.map { ", in \(Readable.count($0.selected, of: "trace"))" } ?? ""
            return StandardStreams.note(run + spans + (traceDigits == nil && matchCount > 0 ? traces : ""))
        }
        var line = "\(Readable.count(matchCount)) of \(Readable.count(spanCount, of: noun))"
        line += matchCount == 1 || spanCount == 1 ? " matches" : " match"
        if let (selected, all) = traceCounts, traceDigits == nil, matchCount > 0 {
            line += ", in \(Readable.count(selected)) of \(Readable.count(all, of: "trace"))"
        }
        StandardStreams.note(run + line)
        for key in missingKeys.sorted().prefix(5) {
            StandardStreams.note("\(run)no \(noun) has the attribute '\(key.text)'")
        }
        if startlessCount > 0 {
            let spans = Readable.count(startlessCount, of: noun, "has", "have")
            StandardStreams.note(
                "\(run)\(spans) no \(subject == .spans ? "start" : "time"), so --since and --until leave \(startlessCount == 1 ? "it" : "them") out"
            )
        }
        if matchCount == 0, since != nil || until != nil, let period {
            StandardStreams.note(
                "\(run)the \(noun)s \(subject == .spans ? "started" : "have times") \(Readable.period(period.first, period.last, in: zone))"
            )
        }
    }
}

extension SpanFilter.Subject {
    fileprivate var noun: String { self == .spans ? "span" : "log record" }
}
