import SpanKit

extension ConfigurationFileReader {
    /// Reads JSON (`.json`) and, if the package trait `YAML` is enabled, YAML (`.yaml`, `.yml`).
    public static let file = ConfigurationFileReader { path, variables, configuration in
        let report = SettingReport(file: path)
        do throws(SettingSyntaxError) {
            let root = try ConfigurationFile.read(path, VariableReferences(variables))
            FileConfiguration(root, report, variables).apply(to: &configuration)
        } catch {
            report.fail("", error.place, error.text)
        }
        report.finish()
        configuration.warnings += report.warnings
        configuration.settings = report.settings
        return report.errors
    }
}
