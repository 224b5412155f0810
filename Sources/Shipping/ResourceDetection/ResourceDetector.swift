import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Detects attributes of the process, host, container or service (OpenTelemetry "Resource detector").
///
/// ```swift
/// configuration.resource = .detected(by: [.host, .process]).merging(configuration.resource)
/// ```
/// Attributes that the system does not provide are left out. Detectors make no network requests.
public enum ResourceDetector: String, Sendable, CaseIterable {
    /// `process.pid`, `process.executable.name`, `process.executable.path` and `process.runtime.name`; not the
    /// arguments, because they may contain secrets.
    case process
    /// `host.name`, `host.arch`, `host.id` (Linux's machine-id, outside containers), `os.type`, `os.name`,
    /// `os.version`, `os.description`.
    case host
    /// `container.id`, if the container runtime makes it visible.
    case container
    /// `service.name` from `OTEL_SERVICE_NAME`. `service.instance.id` needs no detector, because every resource has it.
    case service
    /// `k8s.…` of the pod, and `service.name`, `service.version` and `service.instance.id` from the pod's labels and
    /// annotations, if the pod mounts them. See ``kubernetesAttributes(_:)`` for the sources.
    case kubernetes
    /// `cloud.…`, `faas.…` and `service.…` on AWS Lambda, AWS ECS, Google Cloud Run, Azure App Service, Azure Functions, Azure
    /// Container Apps, Heroku, Fly.io and Render. What only a network request would tell is left out.
    case cloud

    /// The attributes that the detector finds.
    package func attributes(_ system: SystemFiles) -> [Attribute] {
        let found: [(String, AttributeValue?)]
        switch self {
        case .process:
            let path = system.executable
            found = [
                ("process.pid", .int(Int64(getpid()))),
                ("process.executable.name", path.flatMap { $0.split(separator: "/").last.map { .string(String($0)) } }),
                ("process.executable.path", path.map { .string($0) }),
                ("process.runtime.name", "swift"),
            ]
        case .host:
            let release = system.operatingSystem
            found = [
                ("host.name", system.hostName.map { .string($0) }),
                ("host.id", system.machineID.map { .string($0) }),
                ("host.arch", system.architecture.map { .string($0) }),
                ("os.type", system.operatingSystemType.map { .string($0) }),
                ("os.name", release["NAME"].map { .string($0) }),
                ("os.version", release["VERSION_ID"].map { .string($0) }),
                ("os.description", release["PRETTY_NAME"].map { .string($0) }),
            ]
        case .container: found = [("container.id", system.containerID.map { .string($0) })]
        case .service: found = [("service.name", system.serviceName.map { .string($0) })]
        case .kubernetes: found = Self.kubernetesAttributes(system)
        case .cloud: found = Self.cloudAttributes(system)
        }
        return found.compactMap { name, value in value.map { Attribute(name, $0) } }
    }
}

extension Resource {
    /// The attributes that the detectors find. This reads a few system files; call it once, at the start of the
    /// program.
    public static func detected(by detectors: [ResourceDetector]) -> Resource {
        let system = SystemFiles(variable: environmentVariable)
        return Resource(attributes: detectors.flatMap { $0.attributes(system) })
    }

    /// The resource of a forked child, with its own process and instance ids.
    package func inForkedChild(instance: String) -> Resource {
        var resource = self
        resource["service.instance.id"] = .string(instance)
        if resource["process.pid"] != nil { resource["process.pid"] = .int(Int64(getpid())) }
        return resource
    }
}
