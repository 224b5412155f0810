import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// What a program can find out about where it runs (OpenTelemetry "Resource detector", with the semantic conventions' names).
///
/// ```swift
/// configuration.resource = .detected(by: [.host, .process]).merging(configuration.resource)
/// ```
/// What the system does not say is left out; nothing is guessed, and nothing is asked of the network.
public enum ResourceDetector: String, Sendable, CaseIterable {
    /// `process.pid`, `process.executable.name`, `process.executable.path`, `process.runtime.name`. No arguments: they may hold
    /// secrets.
    case process
    /// `host.name`, `host.arch`, `host.id` (Linux's machine-id, outside containers), `os.type`, `os.name`, `os.version`,
    /// `os.description`.
    case host
    /// `container.id`, where the container's runtime lets it be seen.
    case container
    /// `service.name` from `OTEL_SERVICE_NAME`. A `service.instance.id` is there anyway.
    case service

    /// What there is to be known.
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
        }
        return found.compactMap { name, value in value.map { Attribute(name, $0) } }
    }
}

extension Resource {
    /// What these detectors find out now. Reads a few files of the system, and so belongs to the start of a program.
    public static func detected(by detectors: [ResourceDetector]) -> Resource {
        let system = SystemFiles(variable: environmentVariable)
        return Resource(attributes: detectors.flatMap { $0.attributes(system) })
    }

    /// The same in the child of a fork, which is a process of its own.
    package func inForkedChild(instance: String) -> Resource {
        var resource = self
        resource["service.instance.id"] = .string(instance)
        if resource["process.pid"] != nil { resource["process.pid"] = .int(Int64(getpid())) }
        return resource
    }
}
