import SpanKitPlatform
import SpanKitRecording

/// Properties of the system, read from files and system calls; nil if unknown.
package struct SystemFiles {
    /// A prefix of every path; empty for the system's files.
    let root: String
    /// The value of an environment variable; nil if it is not set or empty.
    let variable: (String) -> String?

    /// - Parameter variable: returns the value of an environment variable.
    package init(root: String = "", variable: @escaping (String) -> String?) {
        self.root = root
        self.variable = { variable($0).flatMap { $0.isEmpty ? nil : $0 } }
    }

    /// The service name in the environment.
    var serviceName: String? { variable("OTEL_SERVICE_NAME") }

    /// The path of the running program.
    var executable: String? {
        let size = 4_096
        var buffer = [CChar](repeating: 0, count: size)
        let count = readlink("\(root)/proc/self/exe", &buffer, size)
        // A truncated path would be that of another file.
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

    /// The processor architecture, as named by the semantic conventions.
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

    /// The names and values of `os-release(5)`, without quotation marks.
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

    /// The `machine-id(5)`. Nil in a container, where it is missing or the image's, which many containers share.
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

    var isInPod: Bool { variable("KUBERNETES_SERVICE_HOST") != nil }

    private var isInContainer: Bool {
        isInPod || FileSystem.isReadable("\(root)/.dockerenv")
            || FileSystem.isReadable("\(root)/run/.containerenv") || containerID != nil
    }

    /// The text of a file; nil if it cannot be read.
    func text(_ path: String) -> String? {
        (try? FileSystem.read(root + path, limit: 16 << 20).get()).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Finds the id of the container that the process runs in: 64 hexadecimal digits in the name of its control group, or
/// in the path that `/etc/hostname` is mounted from. In a Kubernetes pod that path names the pod, not the container, so
/// it is not used.
enum ContainerID {
    /// - Parameters:
    ///   - cgroups: the text of `/proc/self/cgroup`.
    ///   - mounts: the text of `/proc/self/mountinfo`.
    ///   - isInPod: whether the process runs in a Kubernetes pod.
    static func find(cgroups: String, mounts: String, isInPod: Bool) -> String? {
        for line in cgroups.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            if fields.count == 3, let id = ofGroup(fields[2]) { return id }
        }
        var ofFile: String?
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ", maxSplits: 5)
            guard fields.count == 6 else { continue }
            let (origin, place) = (fields[3], fields[4])
            if place == "/sys/fs/cgroup" || place.hasPrefix("/sys/fs/cgroup/"), let id = ofGroup(origin) { return id }
            if place == "/etc/hostname", ofFile == nil, !isInPod { ofFile = ofHostname(origin) }
        }
        return ofFile
    }

    /// `/docker/<id>`, `/kubepods/…/<id>`, `/…/cri-containerd-<id>.scope`.
    private static func ofGroup(_ path: Substring) -> String? {
        guard path.hasPrefix("/"), var name = path.split(separator: "/").last else { return nil }
        if name.hasSuffix(".scope") { name = name.dropLast(6) }
        return id(name.split(whereSeparator: { $0 == "-" || $0 == ":" }).last)
    }

    /// The container id in a path like `…/containers/<id>/hostname` (Docker) or `…/overlay-containers/<id>/userdata/hostname` (Podman).
    private static func ofHostname(_ path: Substring) -> String? {
        let names = path.split(separator: "/")
        guard let place = names.firstIndex(where: { $0 == "containers" || $0 == "overlay-containers" }) else {
            return nil
        }
        return names[place...].lazy.compactMap { id($0) }.first
    }

    private static func id(_ text: Substring?) -> String? {
        guard let text, text.utf8.count == 64, text.utf8.allSatisfy({ $0.lowerCaseHexadecimalValue != nil }) else {
            return nil
        }
        return String(text)
    }
}
