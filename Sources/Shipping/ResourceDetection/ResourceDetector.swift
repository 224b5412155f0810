import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Detects attributes of the process, host, container or service (OpenTelemetry "Resource detector").
///
/// ```swift
/// configuration.resource = .detected(by: [.host, .process]).merging(configuration.resource)
/// ```
///
/// In this example, `configuration.resource` overrides detected attributes, including its default `service.name`. To let detectors
/// override SpanKit's defaults, set `SPANKIT_RESOURCE_DETECTORS=kubernetes,cloud` instead. `OTEL_RESOURCE_ATTRIBUTES` and
/// `OTEL_SERVICE_NAME` still override detected attributes.
///
/// Attributes that the system does not provide are left out. Detectors make no network requests.
public enum ResourceDetector: String, Sendable, CaseIterable {
    /// `process.pid`, `process.executable.name`, `process.executable.path` and `process.runtime.name`. It does not detect the
    /// command-line arguments, because they may contain secrets.
    case process
    /// `host.name`, `host.arch`, `os.type`, `os.name`, `os.version`, `os.description` and `host.id`. `host.id` is Linux's machine id,
    /// and is left out in containers.
    case host
    /// `container.id`, if the container runtime makes it visible.
    case container
    /// `service.name` from `OTEL_SERVICE_NAME`. `service.instance.id` needs no detector, because `TelemetryConfiguration.environment()` always
    /// sets it.
    case service
    /// The attributes of a Kubernetes pod; none outside Kubernetes.
    ///
    /// | Attribute | Sources; the first one that exists is used |
    /// |---|---|
    /// | any | annotations `resource.opentelemetry.io/<attribute>` in `/etc/podinfo/annotations`, which override the sources below |
    /// | `k8s.namespace.name` | `K8S_NAMESPACE_NAME`, `POD_NAMESPACE`, the file `namespace` of the service account |
    /// | `k8s.pod.name` | `K8S_POD_NAME`, `POD_NAME`, `HOSTNAME` |
    /// | `k8s.pod.uid` | `K8S_POD_UID`, `POD_UID`, the path of a mount in `/proc/self/mountinfo` |
    /// | `k8s.node.name` | `K8S_NODE_NAME`, `NODE_NAME` |
    /// | `k8s.container.name` | `K8S_CONTAINER_NAME`, `CONTAINER_NAME` |
    /// | `service.name` | labels `app.kubernetes.io/instance`, `app.kubernetes.io/name` in `/etc/podinfo/labels` |
    /// | `service.version` | the label `app.kubernetes.io/version` |
    /// | `service.instance.id` | namespace, pod and container, joined by `.`, if all three are known |
    ///
    /// Set the environment variables and mount the files `/etc/podinfo/…` with the downward API in the pod's manifest. (Semantic
    /// conventions, "Kubernetes service attributes".)
    case kubernetes
    /// Attributes such as `cloud.provider`, `cloud.region`, `faas.name` and `service.name` on AWS Lambda, AWS ECS, Google Cloud Run,
    /// Azure App Service, Azure Functions, Azure Container Apps, Heroku, Fly.io and Render. They come from environment variables of the
    /// platform. Attributes that would need a network request are left out.
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
    /// Returns the attributes that the detectors find. This reads a few system files, so call it once, at the start of the
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
