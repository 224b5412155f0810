import ArgumentParser

/// `spankit profile`: conversations on a real database, measured.
struct ProfileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Run coaching conversations and show where their time goes.",
        discussion: """
            Runs eight scenarios (39 messages) through a ConversationManager on a SQLite database, prints tables and writes \
            everything to profiling-results-{timestamp}.json. Ctrl-C ends the run and keeps what was measured.

            The offline model needs no key and no network: its answers are fixed, its latency is drawn from a seeded \
            distribution around 2.5 s and multiplied with --latency-scale. Reports show times as measured and, apart from \
            them, projected to scale 1. The anthropic model needs ANTHROPIC_API_KEY.

            Profiling is on unless ENABLE_PROFILING=false; then only messages are timed.

            Exit status: 0 complete, 64 wrong usage, 65 damaged database, 69 the model did not answer, 70 an error in \
            spankit, 73 results could not be written, 130 or 143 interrupted.
            """
    )

    @OptionGroup var options: ProfileOptions

    func validate() throws {
        try options.check()
    }

    func run() async throws {
    }
}
