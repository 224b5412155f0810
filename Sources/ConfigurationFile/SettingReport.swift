import SpanKitPlatform
import SpanKitShipping

/// Collects the errors, warnings and settings of a configuration file.
final class SettingReport {
    private let file: String
    /// If there is an error, nothing in the file is applied.
    private(set) var errors: [String] = []
    private(set) var warnings: [String] = []
    private(set) var settings: [ResolvedSetting] = []
    private var inapplicable: [String] = []

    init(file: String) {
        self.file = file
    }

    /// Adds an error.
    /// - Parameter path: the keys that lead to the value, such as `tracer_provider.sampler`.
    func fail(_ path: String, _ place: SettingPlace?, _ text: String) {
        errors.append(line(path, place, text))
    }

    func warn(_ path: String, _ place: SettingPlace?, _ text: String) {
        warnings.append(line(path, place, text))
    }

    /// Records that a part of the format is not supported.
    func ignore(_ path: String) { inapplicable.append(path) }

    func set(_ kind: ResolvedSetting.Kind, _ value: String, _ path: String) {
        settings.append(ResolvedSetting(kind, value, source: "\(file): \(path)"))
    }

    /// Adds one warning for everything that is not supported.
    func finish() {
        guard !inapplicable.isEmpty else { return }
        let names = inapplicable.joined(separator: ", ")
        warnings.append("\(file): SpanKit does not support \(names); ignored".onOneLine)
    }

    private func line(_ path: String, _ place: SettingPlace?, _ text: String) -> String {
        let place = place.map { ":\($0.line):\($0.column)" } ?? ""
        return "\(file)\(place): \(path.isEmpty ? "" : "\(path) ")\(text)".onOneLine
    }
}
