import SpanKitPlatform

/// The id of the container that a process runs in, as far as Linux lets the process see it: 64 hexadecimal digits in the name of its
/// control group, or in where its `/etc/hostname` comes from.
///
/// In a pod that file belongs to the pod, not to the container, so it tells nothing there.
enum ContainerID {
    /// - Parameters:
    ///   - cgroups: `/proc/self/cgroup`.
    ///   - mounts: `/proc/self/mountinfo`.
    ///   - isInPod: whether this is Kubernetes.
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

    /// `…/containers/<id>/hostname` (Docker), `…/overlay-containers/<id>/userdata/hostname` (Podman).
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
