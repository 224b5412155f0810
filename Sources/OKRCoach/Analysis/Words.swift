import SpanKitPlatform

/// A text split into lower-case words and sentences, in linear time.
struct Words: Sendable {
    struct Word: Sendable {
        /// The word in lower case: letters and digits with inner hyphens and apostrophes.
        var text: String
        var range: Range<String.Index>
        /// The index of the word's sentence.
        var sentence: Int
        /// Whether the word is between double quotation marks, and so the word of another person.
        var isQuoted: Bool
    }

    /// The maximum length in UTF-8 bytes; longer texts are cut. No coaching message is that long.
    static let maximumBytes = 64 * 1_024

    let source: String
    let words: [Word]
    let sentences: [Range<String.Index>]
    /// The indices in ``words`` of each sentence's words.
    let wordsOfSentence: [Range<Int>]

    init(_ text: String) {
        let source = text.utf8.count <= Self.maximumBytes ? text : String(text.prefix(Self.maximumBytes / 4))
        var words: [Word] = []
        var sentences: [Range<String.Index>] = []
        var wordsOfSentence: [Range<Int>] = []
        var sentenceStart = source.startIndex
        var wordStart: String.Index?
        var isQuoted = false
        var previous: Character = " "
        var index = source.startIndex

        func endWord(at end: String.Index) {
            guard let start = wordStart else { return }
            let text = source[start..<end].lowercased()
            words.append(Word(text: text, range: start..<end, sentence: sentences.count, isQuoted: isQuoted))
            wordStart = nil
        }
        func endSentence(at end: String.Index) {
            guard sentenceStart < end else { return }
            sentences.append(sentenceStart..<end)
            wordsOfSentence.append((wordsOfSentence.last?.upperBound ?? 0)..<words.count)
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
                    endSentence(at: index)
                    sentenceStart = next
                    if character == "\n" { isQuoted = false }
                }
            }
            previous = character
            index = next
        }
        endWord(at: source.endIndex)
        endSentence(at: source.endIndex)
        self.source = source
        self.words = words
        self.sentences = sentences
        self.wordsOfSentence = wordsOfSentence
    }

    func words(in sentence: Int) -> ArraySlice<Word> { words[wordsOfSentence[sentence]] }

    func text(of sentence: Int) -> Substring { source[sentences[sentence]] }

    /// Whether one of the three preceding words of the sentence negates a word: "not", "no", "without", "don't" …
    func isNegated(at position: Int) -> Bool {
        let start = max(wordsOfSentence[words[position].sentence].lowerBound, position - 3)
        return words[start..<position].contains { Self.negations.contains($0.text) || $0.text.hasSuffix("n't") }
    }

    private static let negations: Set<String> = [
        "not", "no", "never", "without", "instead", "rather", "avoid", "stop", "nicht", "kein", "keine", "ohne",
        "statt",
    ]

    /// The index of the first word of a phrase that is neither quoted nor negated, in one sentence or in the whole text.
    func firstMatch(of phrase: Phrase, in sentence: Int? = nil) -> Int? {
        (sentence.map { wordsOfSentence[$0] } ?? words.indices).first { position in
            let rest = words[position..<wordsOfSentence[words[position].sentence].upperBound]
            return !words[position].isQuoted && phrase.isPrefix(of: rest.lazy.map(\.text)) && !isNegated(at: position)
        }
    }

    /// The first match of the first phrase that occurs.
    func firstMatch(of phrases: [Phrase], in sentence: Int? = nil) -> Int? {
        phrases.lazy.compactMap { firstMatch(of: $0, in: sentence) }.first
    }

    func contains(_ phrases: [Phrase], in sentence: Int? = nil) -> Bool { firstMatch(of: phrases, in: sentence) != nil }

    /// Whether a question mark follows a sentence.
    func endsInQuestionMark(_ sentence: Int) -> Bool {
        let end = sentences[sentence].upperBound
        return end < source.endIndex && source[end] == "?"
    }

    /// Whether a sentence ends in a question mark or starts with a question word.
    func isQuestion(_ sentence: Int) -> Bool {
        endsInQuestionMark(sentence)
            || Self.questionWords.contains(text(of: sentence).trimmingWhitespace().prefix { $0.isLetter }.lowercased())
    }

    private static let questionWords: Set<String> = [
        "should", "can", "could", "would", "is", "are", "do", "does", "did", "what", "which", "why", "how", "who",
        "when",
        "where",
    ]

    /// The sentence that contains a word, cut to 120 characters.
    func excerpt(around position: Int) -> String { Self.shortened(text(of: words[position].sentence)) }

    static func shortened(_ text: Substring) -> String {
        let trimmed = text.trimmingWhitespace()
        return trimmed.count <= 120 ? String(trimmed) : trimmed.prefix(119) + "…"
    }
}

/// Consecutive words. A word that ends in `*` matches every word that starts with the letters before it.
struct Phrase: Sendable, ExpressibleByStringLiteral {
    let words: [String]

    init(stringLiteral text: String) {
        words = text.split(separator: " ").map(String.init)
    }

    /// Whether the phrase matches the first of these words.
    func isPrefix(of texts: some Collection<String>) -> Bool {
        texts.count >= words.count
            && zip(words, texts).allSatisfy { pattern, word in
                pattern.hasSuffix("*") ? word.hasPrefix(pattern.dropLast()) : word == pattern
            }
    }
}
