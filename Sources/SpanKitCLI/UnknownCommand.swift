import ArgumentParser

/// What a first word leads to that is no command. Nobody calls it by its name.
struct UnknownCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "unknown", shouldDisplay: false, helpNames: [])

    @Argument var words: [String] = []

    func validate() throws {
        guard let word = words.first else { return }
        throw ValidationError(Self.message(word, in: SpanKitCommand.self))
    }

    /// Without any word, the help is what was meant. Not before the parser has looked for options that nobody knows.
    func run() throws {
        throw CleanExit.helpRequest(SpanKitCommand.self)
    }

    /// That there is no such command, with the one that was meant, or all.
    static func message(_ word: String, in command: any ParsableCommand.Type) -> String {
        // No key paths: the compiler (Swift 6.3) crashes on those of metatypes.
        let names = command.configuration.subcommands.compactMap { subcommand in
            subcommand.configuration.shouldDisplay ? subcommand.configuration.commandName : nil
        }
        let nearest = names.map { (name: $0, distance: distance(word, $0)) }.min { $0.distance < $1.distance }
        if let nearest, nearest.distance <= 2, nearest.distance < nearest.name.count {
            return "there is no command '\(word)'; did you mean '\(nearest.name)'?"
        }
        return "there is no command '\(word)'; choose one of \(names.joined(separator: ", "))"
    }

    /// How many letters to insert, to leave out or to change (Levenshtein).
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (place, letter) in left.enumerated() {
            var corner = row[0]
            row[0] = place + 1
            for other in right.indices {
                let changed = corner + (letter == right[other] ? 0 : 1)
                corner = row[other + 1]
                row[other + 1] = min(changed, row[other] + 1, corner + 1)
            }
        }
        return row[right.count]
    }
}
