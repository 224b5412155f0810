import Foundation
import SpanKitReports
import Testing

@testable import SpanKitServe

@Suite("The files of the page of spankit serve")
struct PageAssetsTests {
    @Test("no script makes markup or code from text")
    func scripts() {
        let forbidden = [
            "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function",
            "setAttribute(\"style\"", "javascript:",
            "createContextualFragment", "DOMParser", "srcdoc", "localStorage",
        ]
        for (name, file) in PageAssets.files where name.hasSuffix(".js") {
            for word in forbidden { #expect(!file.body.contains(word), "\(name): \(word)") }
            #expect(file.type == "text/javascript; charset=utf-8", "\(name)")
        }
    }

    @Test("the document contains no script, no style and no handler, and names only files that exist")
    func document() {
        let page = PageAssets.index
        #expect(!page.contains("<style") && !page.contains(" style="))
        #expect(page.firstMatch(of: #/<script(?![^>]* src=)/#) == nil)
        #expect(page.firstMatch(of: #/\son[a-z]+\s*=\s*["']/#) == nil)
        let named = page.matches(of: #/(?:src|href)="\/assets\/([^"]+)"/#).map { String($0.1) }
        #expect(named.count >= 3)
        for name in named { #expect(PageAssets.files[name] != nil, "\(name)") }
        for (name, file) in PageAssets.files where name.hasSuffix(".js") {
            for module in file.body.matches(of: #/from "\.\/([^"]+)"/#) {
                #expect(PageAssets.files[String(module.1)] != nil, "\(name) imports \(module.1)")
            }
        }
    }

    @Test(
        "texts have a contrast of 4.5 to 1 and marks of 3 to 1, with light and dark colours",
        arguments: [false, true]
    )
    func contrast(isDark: Bool) throws {
        let colours = Colours(ReportAssets.style + (PageAssets.files["serve.css"]?.body ?? ""), isDark: isDark)
        for background in ["bg", "panel", "head"] {
            for text in ["fg", "quiet", "link", "bad", "good", "caution"] {
                #expect(try colours.contrast(text, background) >= 4.5, "--\(text) on --\(background)")
            }
            for mark in (0..<12).map({ "s\($0)" }) + ["heat", "inside", "outside", "edge"]
            where background != "panel" || mark.hasPrefix("s") {
                #expect(try colours.contrast(mark, background) >= 3, "--\(mark) on --\(background)")
            }
        }
        #expect(try colours.contrast("bg", "fg") >= 4.5)
    }
}

/// The colours that a style sheet defines as variables.
private struct Colours {
    private var values: [String: String] = [:]

    struct Missing: Error { let name: String }

    init(_ style: String, isDark: Bool) {
        for block in style.matches(
            of: #/(?<dark>@media screen and \(prefers-color-scheme:dark\)\{)?\s*:root\{(?<rules>[^}]*)\}/#
        ) {
            guard block.output.dark == nil || isDark else { continue }
            for rule in block.output.rules.matches(of: #/--([\w-]+):\s*#([0-9a-f]{6}|[0-9a-f]{3})\b/#) {
                let digits = String(rule.2)
                values[String(rule.1)] = digits.count == 3 ? String(digits.flatMap { [$0, $0] }) : digits
            }
        }
    }

    /// The contrast of two colours (WCAG 2.2, section 1.4.3).
    func contrast(_ one: String, _ other: String) throws -> Double {
        let (a, b) = (try luminance(one), try luminance(other))
        return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }

    private func luminance(_ name: String) throws -> Double {
        guard let number = values[name].flatMap({ Int($0, radix: 16) }) else { throw Missing(name: name) }
        let parts = [16, 8, 0].map { shift -> Double in
            let value = Double(number >> shift & 0xFF) / 255
            return value <= 0.040_45 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
}
