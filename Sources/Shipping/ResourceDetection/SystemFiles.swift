import SpanKitPlatform
import SpanKitRecording

/// What the system says of itself in files and calls; nil where it does not.
package struct SystemFiles {
    /// In front of every path; empty for the system's own files.
    let root: String
    private let variable: (String) -> String?

    /// - Parameter variable: the value of an environment variable.
    package init(root: String = "", variable: @escaping (String) -> String?) {
        self.root = root
        self.variable = variable
    }

    /// How the environment calls the service.
    var serviceName: String? { variable("OTEL_SERVICE_NAME").flatMap { $0.isEmpty ? nil : $0 } }

    /// The path of the running program.
    var executable: String? {
        let size = 4_096
        var buffer = [CChar](repeating: 0, count: size)
        let count = readlink("\(root)/proc/self/exe", &buffer, size)
        // Cut, it would be the path of something else.
        guard count > 0, count < size else { return nil }
        return Self.text(buffer[..<count])
    }

    var hostName: String? {
        let size = 256
        var buffer = [CChar](repeating: 0, count: size)
        guard gethostname(&buffer, size - 1) == 0, buffer[0] != 0 else { return nil }
        return Self.text(buffer.prefix { $0 != 0 })
    }

    private static func text(_ characters: some Sequence<CChar>) -> String? {
        String(validating: characters.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The processor, as the semantic conventions call it.
    var architecture: String? {
        var names = utsname()
        guard uname(&names) == 0 else { return nil }
        let machine = withUnsafeBytes(of: names.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return Self.architecture(machine: machine)
    }

    static func architecture(machine: String) -> String? {
        switch machine {
        case "x86_64": return "amd64"
        case "aarch64": return "arm64"
        case "i386", "i486", "i586", "i686": return "x86"
        case "ppc64le": return "ppc64"
        default: return machine.hasPrefix("armv") ? "arm32" : machine.isEmpty ? nil : machine
        }
    }

    var operatingSystemType: String? {
        #if os(Linux) || os(Android)
            "linux"
        #elseif canImport(Darwin)
            "darwin"
        #else
            nil
        #endif
    }

    /// `os-release(5)`: names and values, without quotation marks.
    var operatingSystem: [String: String] {
        let text = text("/etc/os-release") ?? text("/usr/lib/os-release") ?? ""
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            var value = line[line.index(after: equals)...]
            if let mark = value.first, mark == "\"" || mark == "'", value.count > 1, value.last == mark {
                value = value.dropFirst().dropLast()
            }
            if !value.isEmpty { values[String(line[..<equals])] = String(value) }
        }
        return values
    }

    /// `machine-id(5)`. In a container it is missing, or that of the image, which many share: there is none then.
    var machineID: String? {
        guard !isInContainer else { return nil }
        for path in ["/etc/machine-id", "/var/lib/dbus/machine-id"] {
            guard let id = text(path)?.split(separator: "\n").first else { continue }
            if id.utf8.count == 32, id.utf8.allSatisfy({ $0.lowerCaseHexadecimalValue != nil }) { return String(id) }
        }
        return nil
    }

    var containerID: String? {
        ContainerID.find(
            cgroups: text("/proc/self/cgroup") ?? "",
            mounts: text("/proc/self/mountinfo") ?? "",
            isInPod: isInPod
        )
    }

    private var isInPod: Bool { variable("KUBERNETES_SERVICE_HOST") != nil }

    private var isInContainer: Bool {
        isInPod || FileSystem.isReadable("\(root)/.dockerenv")
            || FileSystem.isReadable("\(root)/run/.containerenv") || containerID != nil
    }

    /// A small file; nil when it cannot be read.
    private func text(_ path: String) -> String? {
        (try? FileSystem.read(root + path, limit: 16 << 20).get()).map { String(decoding: $0, as: UTF8.self) }
    }
}
