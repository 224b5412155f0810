import SpanKitHTTP
import SpanKitPlatform

/// The environment as OpenTelemetry reads it: an empty value is none, a bad one warns once and is ignored, nothing stops the program.
///
/// Remembers which variables decided something, so that `spankit doctor` can say where a setting comes from.
package struct EnvironmentValues {
    private let values: [String: String]
    /// One sentence for each bad value: variable, value, what is used instead. Values that may be secrets are not repeated.
    package private(set) var warnings: [String] = []

    package init(_ values: [String: String]) {
        self.values = values
    }

    /// The path of a configuration file that is to be used, and the variable that names it.
    package var configurationFile: (name: String, value: String)? {
        first(of: ["OTEL_CONFIG_FILE", "OTEL_EXPERIMENTAL_CONFIG_FILE"])
    }

    /// What counts directly: where a configuration file is used, it stands for all variables of OpenTelemetry.
    package var besidesConfigurationFile: EnvironmentValues {
        configurationFile == nil ? self : EnvironmentValues(values.filter { !$0.key.hasPrefix("OTEL_") })
    }

    /// All variables as they are.
    package var all: [String: String] { values }

    /// The value without spaces around it; nil when it is empty or not set.
    package func text(_ name: String) -> String? {
        guard let value = values[name]?.trimmingWhitespace(), !value.isEmpty else { return nil }
        return String(value)
    }

    /// The first of several variables that is set, and its name: the more specific one stands first.
    package func first(of names: [String]) -> (name: String, value: String)? {
        for name in names {
            if let value = text(name) { return (name, value) }
        }
        return nil
    }

    package mutating func warn(_ text: String) {
        warnings.append(text)
    }

    /// Whole milliseconds, 0 or more.
    package mutating func milliseconds(_ names: String...) -> Duration? {
        guard let (name, value) = first(of: names) else { return nil }
        guard let number = Int64(value), number >= 0 else {
            warn("\(name): '\(value)' is not a number of milliseconds, 0 or more; using the default")
            return nil
        }
        return .milliseconds(min(number, 86_400_000_000))
    }

    /// A whole number within bounds.
    package mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = text(name) else { return nil }
        guard let number = Int(value), range.contains(number) else {
            warn("\(name): '\(value)' is not a whole number of at least \(range.lowerBound); using the default")
            return nil
        }
        return number
    }

    /// A share from 0 to 1.
    package mutating func share(_ name: String) -> Double? {
        guard let value = text(name) else { return nil }
        guard let number = Double(value), (0...1).contains(number) else {
            warn("\(name): '\(value)' is not a number from 0 to 1; using 1")
            return nil
        }
        return number
    }

    /// True for `true` in any case; everything else is false, and warned about unless it is `false`.
    package mutating func isTrue(_ name: String) -> Bool {
        guard let value = text(name)?.lowercased() else { return false }
        if value == "true" { return true }
        if value != "false" { warn("\(name): '\(value)' is neither true nor false; using false") }
        return false
    }

    /// One of several words, in any case.
    package mutating func choice<Value>(_ names: [String], _ choices: [String: Value], instead: String) -> Value? {
        guard let (name, value) = first(of: names) else { return nil }
        if let choice = choices[value.lowercased()] { return choice }
        let known = choices.keys.sorted().joined(separator: ", ")
        warn("\(name): '\(value)' is not one of \(known); using \(instead)")
        return nil
    }
}
