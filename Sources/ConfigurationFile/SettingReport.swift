import SpanKitPlatform
import SpanKitShipping

/// What comes up while a configuration file is read: what is wrong, what has no meaning here, and what is set.
final class SettingReport {
    private let file: String
    /// Any of them makes the whole file unusable.
    private(set) var errors: [String] = []
    private(set) var warnings: [String] = []
    private(set) var settings: [ResolvedSetting] = []
    private var inapplicable: [String] = []

    init(file: String) {
        self.file = file
    }

    /// - Parameter path: the keys that lead there, such as `tracer_provider.sampler`.
    func fail(_ path: String, _ place: SettingPlace?, _ text: String) {
        errors.append(line(path, place, text))
    }

    func warn(_ path: String, _ place: SettingPlace?, _ text: String) {
        warnings.append(line(path, place, text))
    }

    /// Something of the format that there is nothing for here.
    func ignore(_ path: String) { inapplicable.append(path) }

    func set(_ kind: ResolvedSetting.Kind, _ value: String, _ path: String) {
        settings.append(ResolvedSetting(kind, value, source: "\(file): \(path)"))
    }

    /// One line for all that has no meaning here.
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
