import Foundation

/// Executables of this package, from the same build as the tests.
public enum BuiltProducts {
    /// The file of an executable target.
    public static func url(_ name: String) -> URL {
        // Tests run from a bundle beside the executables.
        for argument in CommandLine.arguments {
            guard let end = argument.range(of: ".xctest")?.upperBound else { continue }
            let bundle = URL(filePath: String(argument[..<end]))
            return bundle.deletingLastPathComponent().appending(path: name)
        }
        return URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: name)
    }
}
