/// A text in which `?` stands for any one character (Unicode scalar) and `*` for any number of them.
///
/// Takes at most the product of both lengths, whatever the pattern.
package struct WildcardPattern: Sendable {
    let text: String
    private let scalars: [Unicode.Scalar]

    package init(_ text: String) {
        self.text = text
        scalars = Array(text.unicodeScalars)
    }

    package func matches(_ text: String) -> Bool {
        let text = text.unicodeScalars
        var place = text.startIndex
        var position = 0
        // The last `*`, and where what it does not take begins.
        var star: (position: Int, place: String.UnicodeScalarView.Index)?
        while place < text.endIndex {
            let wanted = position < scalars.count ? scalars[position] : nil
            if wanted == "*" {
                star = (position, place)
                position += 1
            } else if wanted == "?" || wanted == text[place] {
                position += 1
                place = text.index(after: place)
            } else if let last = star {
                place = text.index(after: last.place)
                star = (last.position, place)
                position = last.position + 1
            } else {
                return false
            }
        }
        return scalars[position...].allSatisfy { $0 == "*" }
    }
}
