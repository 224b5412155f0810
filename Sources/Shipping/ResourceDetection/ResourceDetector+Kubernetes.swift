import SpanKitPlatform
import SpanKitRecording

extension ResourceDetector {
    /// The attributes of a Kubernetes pod, as ``kubernetes`` describes them; none outside Kubernetes.
    static func kubernetesAttributes(_ system: SystemFiles) -> [(String, AttributeValue?)] {
        guard system.isInPod else { return [] }
        func first(_ names: String...) -> String? { names.lazy.compactMap(system.variable).first }
        let account = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"
        let file = system.text(account)?.trimmingWhitespace()
        let namespace = first("K8S_NAMESPACE_NAME", "POD_NAMESPACE") ?? file.flatMap { $0.isEmpty ? nil : String($0) }
        let pod = first("K8S_POD_NAME", "POD_NAME", "HOSTNAME")
        let container = first("K8S_CONTAINER_NAME", "CONTAINER_NAME")
        let labels = downwardFile("/etc/podinfo/labels", system)
        let annotations = downwardFile("/etc/podinfo/annotations", system)
        let prefix = "resource.opentelemetry.io/"
        let instance: String? =
            if let namespace, let pod, let container { "\(namespace).\(pod).\(container)" } else { nil }
        let found: [(String, String?)] = [
            ("k8s.namespace.name", namespace), ("k8s.pod.name", pod),
            (
                "k8s.pod.uid",
                first("K8S_POD_UID", "POD_UID") ?? podUID(mounts: system.text("/proc/self/mountinfo") ?? "")
            ),
            ("k8s.node.name", first("K8S_NODE_NAME", "NODE_NAME")), ("k8s.container.name", container),
            ("service.name", labels["app.kubernetes.io/instance"] ?? labels["app.kubernetes.io/name"]),
            ("service.version", labels["app.kubernetes.io/version"]), ("service.instance.id", instance),
        ]
        let annotated = annotations.filter { $0.key.hasPrefix(prefix) && $0.key.utf8.count > prefix.utf8.count }
            .map { (String($0.key.dropFirst(prefix.count)), AttributeValue.string($0.value)) }
            .sorted { $0.0 < $1.0 }
        let names = Set(annotated.map(\.0))
        return found.filter { !names.contains($0.0) }.map { ($0.0, $0.1.map { .string($0) }) } + annotated
    }

    /// The lines `key="value"` of a file of the downward API; `"` and `\` in values are escaped with `\`.
    private static func downwardFile(_ path: String, _ system: SystemFiles) -> [String: String] {
        var values: [String: String] = [:]
        for line in (system.text(path) ?? "").split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let quoted = line[line.index(after: equals)...]
            guard quoted.count >= 2, quoted.first == "\"", quoted.last == "\"" else { continue }
            var value = ""
            var isEscaped = false
            for character in quoted.dropFirst().dropLast() {
                if character == "\\", !isEscaped {
                    isEscaped = true
                } else {
                    value.append(isEscaped && character == "n" ? "\n" : character)
                    isEscaped = false
                }
            }
            if !value.isEmpty { values[String(line[..<equals])] = value }
        }
        return values
    }

    /// The id in the path `…/pods/<uid>/…` that the kubelet mounts files such as `/etc/hosts` from.
    private static func podUID(mounts: String) -> String? {
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ", maxSplits: 5)
            guard fields.count == 6, ["/etc/hosts", "/dev/termination-log"].contains(fields[4]) else { continue }
            let names = fields[3].split(separator: "/")
            guard let pods = names.lastIndex(of: "pods"), pods + 1 < names.count else { continue }
            let uid = names[pods + 1]
            if uid.utf8.count == 36, uid.utf8.allSatisfy({ $0.lowerCaseHexadecimalValue != nil || $0 == 0x2D }) {
                return String(uid)
            }
        }
        return nil
    }
}
