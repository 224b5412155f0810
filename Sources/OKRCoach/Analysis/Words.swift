/// A text as the rules see it: lower-case words with their places, sentences, numbers. Made once per message, in linear time.
struct Words: Sendable {
    struct Word: Sendable {
        /// Lower case, letters and digits with inner hyphens and apostrophes.
        var text: String
        var range: Range<String.Index>
        /// The number of its sentence, counted from 0.
        var sentence: Int
        /// Whether it is between double quotation marks: the words of another person.
        var isQuoted: Bool
    }

    /// Text beyond this many UTF-8 bytes is ignored, because no coaching message is that long.
    static let maximumBytes = 64 * 1_024

    let source: String
    let words: [Word]
    let sentences: [Range<String.Index>]
    /// The places in ``words`` of each sentence's words.
    let wordsOfSentence: [Range<Int>]

    init(_ text: String) {
        let source = text.utf8.count <= Self.maximumBytes ? text : String(text.prefix(Self.maximumBytes / 4))
        var found: [Word] = []
        var ranges: [Range<String.Index>] = []
        var sentenceStart = source.startIndex
        var wordStart: String.Index?
        var isQuoted = false
        var previous: Character = " "
        var index = source.startIndex

        func endWord(at end: String.Index) {
            guard let start = wordStart else { return }
            let text = source[start..<end].lowercased()
            found.append(Word(text: text, range: start..<end, sentence: ranges.count, isQuoted: isQuoted))
            wordStart = nil
        }

        while index < source.endIndex {
            let character = source[index]
            let next = source.index(after: index)
            if character.isLetter || character.isNumber {
                if wordStart == nil { wordStart = index }
            } else if wordStart != nil, "-'’".contains(character), next < source.endIndex, source[next].isLetter {
                // Inside a word, as in "follow-up" and "don't".
            } else if wordStart != nil, ".,".contains(character), previous.isNumber, next < source.endIndex,
                source[next].isNumber
            {
                // Inside a number, as in "4.5" and "1,000".
            } else {
                endWord(at: index)
                if "\"“”„".contains(character) { isQuoted.toggle() }
                if ".!?\n;".contains(character) {
                    if sentenceStart < index { ranges.append(sentenceStart..<index) }
                    sentenceStart = next
                    if character == "\n" { isQuoted = false }
                }
            }
            previous = character
            index = next
        }
        endWord(at: source.endIndex)
        if sentenceStart < source.endIndex { ranges.append(sentenceStart..<source.endIndex) }
        self.source = source
        words = found
        sentences = ranges
        wordsOfSentence = ranges.indices.map { sentence in
            let start = found.partitioningIndex { $0.sentence >= sentence }
            return start..<found.partitioningIndex { $0.sentence > sentence }
        }
    }

    var isEmpty: Bool { words.isEmpty }

    /// Whether a word is taken back by one just before it: "not", "no", "without", "instead of", "don't".
    func isNegated(at position: Int) -> Bool {
        let sentence = words[position].sentence
        var steps = 0
        var index = position - 1
        while index >= 0, steps < 3, words[index].sentence == sentence {
            if Self.negations.contains(words[index].text) || words[index].text.hasSuffix("n't") { return true }
            index -= 1
            steps += 1
        }
        return false
    }

    private static let negations: Set<String> = [
        "not", "no", "never", "without", "instead", "rather", "avoid", "stop", "nicht", "kein", "keine", "ohne",
        "statt",
    ]

    /// The first place where the phrase's words follow each other in one sentence, not quoted and not negated.
    func firstMatch(of phrase: Phrase) -> Int? {
        sentences.indices.lazy.compactMap { firstMatch(of: phrase, inSentence: $0) }.first
    }

    /// The same within one sentence.
    func firstMatch(of phrase: Phrase, inSentence sentence: Int) -> Int? {
        guard let first = phrase.words.first, wordsOfSentence.indices.contains(sentence) else { return nil }
        let range = wordsOfSentence[sentence]
        for position in range where phrase.matches(words[position].text, first) {
            guard !words[position].isQuoted, position + phrase.words.count <= range.upperBound else { continue }
            let matches = zip(phrase.words, words[position...]).allSatisfy { phrase.matches($1.text, $0) }
            if matches, !isNegated(at: position) { return position }
        }
        return nil
    }

    /// The first phrase that occurs, and where.
    func firstMatch(of phrases: [Phrase]) -> Int? {
        phrases.lazy.compactMap { firstMatch(of: $0) }.first
    }

    /// Whether a sentence asks: by its mark, or by the word it starts with.
    func isQuestion(_ sentence: Range<String.Index>) -> Bool {
        if sentence.upperBound < source.endIndex, source[sentence.upperBound] == "?" { return true }
        let start = source[sentence].trimmingSpaces.prefix { $0.isLetter }.lowercased()
        return Self.questionWords.contains(start)
    }

    private static let questionWords: Set<String> = [
        "should", "can", "could", "would", "is", "are", "do", "does", "did", "what", "which", "why", "how", "who",
        "when", "where",
    ]

    /// The sentence around a word, cut to 120 characters.
    func excerpt(around position: Int) -> String {
        let sentence = words[position].sentence
        guard sentences.indices.contains(sentence) else { return String(source[words[position].range]) }
        return Self.shortened(source[sentences[sentence]])
    }

    static func shortened(_ text: Substring) -> String {
        let trimmed = text.trimmingSpaces
        return trimmed.count <= 120 ? String(trimmed) : trimmed.prefix(119) + "…"
    }
}

/// Words that follow each other; one that ends in `*` matches every word that starts so.
struct Phrase: Sendable, ExpressibleByStringLiteral {
    let words: [String]

    init(stringLiteral text: String) {
        words = text.split(separator: " ").map(String.init)
    }

    func matches(_ word: String, _ pattern: String) -> Bool {
        pattern.hasSuffix("*") ? word.hasPrefix(pattern.dropLast()) : word == pattern
    }
}

extension [Words.Word] {
    /// The first place where the condition holds, in an array where it holds for all places behind the first.
    fileprivate func partitioningIndex(_ condition: (Words.Word) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension StringProtocol {
    /// Without white space at either end.
    var trimmingSpaces: SubSequence {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
