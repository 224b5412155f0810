import SpanKitHTTP
import SpanKitPlatform

/// The environment as OpenTelemetry reads it: an empty value counts as not set, and a bad value is ignored with one
/// warning.
///
/// Collects the settings that the variables decide, with their sources, for `spankit doctor`.
package struct EnvironmentValues {
    /// All variables, unchanged.
    package let all: [String: String]
    /// One sentence for each bad value, with the variable, the value and what is used instead. Values that may be
    /// secrets are not repeated.
    package private(set) var warnings: [String] = []
    /// The settings in effect.
    package var settings: [ResolvedSetting] = []

    package init(_ variables: [String: String]) {
        all = variables
    }

    /// The path of the configuration file to use, and the variable that names it.
    package var configurationFile: (name: String, value: String)? {
        first(of: ["OTEL_CONFIG_FILE", "OTEL_EXPERIMENTAL_CONFIG_FILE"])
    }

    /// The variables that are read directly. With a configuration file, these are all except `OTEL_*`.
    package var besidesConfigurationFile: EnvironmentValues {
        configurationFile == nil ? self : EnvironmentValues(all.filter { !$0.key.hasPrefix("OTEL_") })
    }

    /// The value without whitespace around it; nil when it is empty or not set.
    package func text(_ name: String) -> String? {
        guard let value = all[name]?.trimmingWhitespace(), !value.isEmpty else { return nil }
        return String(value)
    }

    /// The first of several variables that is set, with its name.
    package func first(of names: [String]) -> (name: String, value: String)? {
        for name in names {
            if let value = text(name) { return (name, value) }
        }
        return nil
    }

    package mutating func warn(_ text: String) {
        warnings.append(text)
    }

    package mutating func set(_ kind: ResolvedSetting.Kind, _ value: String, source: String) {
        settings.append(ResolvedSetting(kind, value, source: source))
    }

    /// The first of several variables that is set, as a whole number of milliseconds of at least 0; nil if none is valid.
    package mutating func milliseconds(_ names: String...) -> Duration? {
        guard let (name, value) = first(of: names) else { return nil }
        guard let number = Int64(value), number >= 0 else {
            warn("\(name): '\(value)' is not a whole number of milliseconds of at least 0; using the default")
            return nil
        }
        return .milliseconds(min(number, 86_400_000_000))
    }

    /// The value as a whole number in a range; nil if it is not set or not valid.
    package mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = text(name) else { return nil }
        guard let number = Int(value), range.contains(number) else {
            warn(
                "\(name): '\(value)' is not a whole number from \(range.lowerBound) to \(range.upperBound); using the default"
            )
            return nil
        }
        return number
    }

    /// The value as a number from 0 to 1; nil if it is not set or not valid.
    package mutating func share(_ name: String) -> Double? {
        guard let value = text(name) else { return nil }
        guard let number = Double(value), (0...1).contains(number) else {
            warn("\(name): '\(value)' is not a number from 0 to 1; using 1")
            return nil
        }
        return number
    }

    /// True for `true` in any case; anything else is false, with a warning unless it is `false`.
    package mutating func isTrue(_ name: String) -> Bool {
        guard let value = text(name)?.lowercased() else { return false }
        if value == "true" { return true }
        if value != "false" { warn("\(name): '\(value)' is neither true nor false; using false") }
        return false
    }

    /// The value as one of the words of a type, in upper or lower case; nil if it is not set or not valid.
    package mutating func choice<Value: CaseIterable & RawRepresentable<String>>(
        _ names: [String],
        _ type: Value.Type,
        instead: Value
    ) -> Value? {
        let choices = Dictionary(uniqueKeysWithValues: Value.allCases.map { ($0.rawValue, $0) })
        return choice(names, choices, instead: instead.rawValue)
    }

    /// The value as one of several words, in upper or lower case; nil if it is not set or not valid.
    package mutating func choice<Value>(_ names: [String], _ choices: [String: Value], instead: String) -> Value? {
        guard let (name, value) = first(of: names) else { return nil }
        if let choice = choices[value.lowercased()] { return choice }
        let known = choices.keys.sorted().joined(separator: ", ")
        warn("\(name): '\(value)' is not one of \(known); using \(instead)")
        return nil
    }
}
