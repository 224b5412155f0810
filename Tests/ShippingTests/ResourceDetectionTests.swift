import Foundation
import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Resource detectors")
struct ResourceDetectionTests {
    private static let id = String(repeating: "0123456789abcdef", count: 4)
    private static let other = String(repeating: "f", count: 64)

    @Test(
        "the container id is found in the name of the control group",
        arguments: [
            ("12:memory:/docker/\(id)", id), ("0::/docker/\(other)/docker/\(id)", id),
            ("1:name=systemd:/kubepods/besteffort/pod00000000-0000-0000-0000-000000000000/\(id)", id),
            ("0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-\(id).scope", id),
            ("0::/system.slice/docker-\(id).scope", id), ("0::/machine.slice/libpod-\(id).scope", id),
            ("0::/kubepods.slice/crio-\(id).scope", id),
            ("0::/kubepods.slice/kubepods-pod1.slice:cri-containerd:\(id)", id),
            ("3:cpu:/\n2:io:/docker/\(id)\n1:pids:/", id), ("0::/", nil), ("0::/system.slice/docker.service", nil),
            ("0::/user.slice/\(id.dropLast())", nil), ("0::/docker/\(id.uppercased())", nil),
            ("0::/docker/\(id)/init.scope", nil), ("", nil), ("docker/\(id)", nil), ("::\(id)::\n\n:", nil),
        ]
    )
    func controlGroup(text: String, expected: String?) {
        #expect(ContainerID.find(cgroups: text, mounts: "", isInPod: false) == expected)
    }

    private static func mount(_ origin: String, _ place: String) -> String {
        "473 456 254:1 \(origin) \(place) rw,relatime - ext4 /dev/vda1 rw"
    }

    @Test(
        "the container id is found in the mount of /etc/hostname, except in a pod",
        arguments: [
            (mount("/var/lib/docker/containers/\(id)/hostname", "/etc/hostname"), false, id),
            (mount("/docker/containers/\(id)/hostname", "/etc/hostname"), true, nil),
            (mount("/containers/storage/overlay-containers/\(id)/userdata/hostname", "/etc/hostname"), false, id),
            (mount("/containerd/io.containerd.grpc.v1.cri/sandboxes/\(id)/hostname", "/etc/hostname"), false, nil),
            (mount("/kubepods.slice/crio-\(id).scope", "/sys/fs/cgroup"), true, id),
            // A host sees its containers' mounts as well.
            (mount("/", "/var/lib/docker/containers/\(id)/mounts/shm"), false, nil),
            (mount("/", "/") + "\n" + mount("/docker/containers/\(id)/hostname", "/etc/hostname"), false, id),
            ("not a mount", false, nil), ("", false, nil),
        ]
    )
    func hostname(mounts: String, isInPod: Bool, expected: String?) {
        #expect(ContainerID.find(cgroups: "0::/", mounts: mounts, isInPod: isInPod) == expected)
    }

    /// A system made of these files.
    fileprivate static func system(_ files: [String: String], _ environment: [String: String] = [:]) throws -> (
        SystemFiles, TemporaryFolder
    ) {
        let root = TemporaryFolder()
        for (path, text) in files {
            let file = URL(filePath: root.path + path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: file)
        }
        return (SystemFiles(root: root.path) { environment[$0] }, root)
    }

    private static func host(_ files: [String: String], _ environment: [String: String] = [:]) throws -> Resource {
        let (system, root) = try Self.system(files, environment)
        defer { withExtendedLifetime(root) {} }
        return Resource(attributes: ResourceDetector.host.attributes(system))
    }

    @Test("host.id is the machine-id, and missing in a container")
    func machineID() throws {
        let machine = "0123456789abcdef0123456789abcdef"
        #expect(try Self.host(["/etc/machine-id": machine + "\n"])["host.id"] == .string(machine))
        #expect(try Self.host(["/var/lib/dbus/machine-id": machine])["host.id"] == .string(machine))
        for bad in ["", "\n", "uninitialized\n", "0123456789ABCDEF0123456789ABCDEF", machine + "0"] {
            #expect(try Self.host(["/etc/machine-id": bad])["host.id"] == nil)
        }
        for sign in ["/.dockerenv", "/run/.containerenv"] {
            #expect(try Self.host(["/etc/machine-id": machine, sign: ""])["host.id"] == nil)
        }
        let group = ["/etc/machine-id": machine, "/proc/self/cgroup": "0::/docker/\(Self.id)\n"]
        #expect(try Self.host(group)["host.id"] == nil)
        #expect(try Self.host(["/etc/machine-id": machine], ["KUBERNETES_SERVICE_HOST": "10.0.0.1"])["host.id"] == nil)
    }

    @Test("os attributes come from os-release")
    func operatingSystem() throws {
        let text = """
            PRETTY_NAME="Debian GNU/Linux 13 (trixie)"
            NAME='Debian GNU/Linux'
            # VERSION_ID=1
            VERSION_ID=13
            EMPTY=
            no line
            """
        let host = try Self.host(["/etc/os-release": text])
        #expect(host["os.name"] == "Debian GNU/Linux")
        #expect(host["os.version"] == "13")
        #expect(host["os.description"] == "Debian GNU/Linux 13 (trixie)")
        #expect(try Self.host(["/usr/lib/os-release": text])["os.version"] == "13")
        #expect(try Self.host([:])["os.name"] == nil)
    }

    @Test(
        "architectures have the names of the conventions",
        arguments: [
            ("x86_64", "amd64"), ("aarch64", "arm64"), ("armv7l", "arm32"), ("i686", "x86"), ("ppc64le", "ppc64"),
            ("s390x", "s390x"), ("riscv64", "riscv64"), ("", nil),
        ]
    )
    func architecture(machine: String, expected: String?) {
        #expect(SystemFiles.architecture(machine: machine) == expected)
    }

    @Test("a binary file or a folder is ignored")
    func badFiles() throws {
        let (system, root) = try Self.system(["/etc/machine-id/folder": "", "/proc/self/cgroup": "\u{0}\n::\n"])
        try Data([0x1F, 0x8B, 0xFF, 0xFE]).write(to: URL(filePath: root.path + "/etc/os-release"))
        let found = ResourceDetector.allCases.flatMap { $0.attributes(system) }.map(\.key)
        #expect(
            Set(found).isDisjoint(with: [
                "host.id", "container.id", "os.name", "process.executable.path", "service.name",
            ])
        )
        #expect(Set(found).isSuperset(of: ["process.pid", "host.arch"]))
    }

    @Test("in code, written attributes override detected ones")
    func inCode() {
        let resource = Resource.detected(by: [.process, .host]).merging(
            Resource(attributes: [.init("host.name", "mine")])
        )
        #expect(resource["host.name"] == "mine")
        #expect(resource["process.pid"] == .int(Int64(getpid())))
    }
}

@Suite("Resource detectors of platforms")
struct PlatformDetectionTests {
    private static func attributes(
        _ detector: ResourceDetector,
        _ environment: [String: String],
        _ files: [String: String] = [:]
    ) throws -> [String: AttributeValue] {
        let (system, root) = try ResourceDetectionTests.system(files, environment)
        defer { root.remove() }
        let found = detector.attributes(system)
        #expect(Set(found.map(\.key)).count == found.count, "a key occurs twice")
        return Dictionary(found.map { ($0.key, $0.value) }) { $1 }
    }

    @Test("outside of Kubernetes and clouds, nothing is detected")
    func nowhere() throws {
        #expect(try Self.attributes(.kubernetes, ["POD_NAME": "a", "HOSTNAME": "b"]).isEmpty)
        #expect(try Self.attributes(.cloud, ["AWS_REGION": "eu-west-1", "HOSTNAME": "b"]).isEmpty)
    }

    @Test("a pod is described by the downward API, its files and its mounts")
    func pod() throws {
        let uid = "0f7b3c1a-1111-2222-3333-444455556666"
        let files = [
            "/var/run/secrets/kubernetes.io/serviceaccount/namespace": "shop\n",
            "/proc/self/mountinfo":
                "1 2 254:1 /var/lib/kubelet/pods/\(uid)/etc-hosts /etc/hosts rw,relatime - ext4 /dev/vda1 rw\n",
            "/etc/podinfo/labels": """
            app.kubernetes.io/name="coach"
            app.kubernetes.io/version="1.2 \\"beta\\" \\\\ x"
            empty=""
            broken
            """,
            "/etc/podinfo/annotations": """
            resource.opentelemetry.io/deployment.environment.name="staging"
            resource.opentelemetry.io/="no name"
            other="x"
            """,
        ]
        let variables = [
            "KUBERNETES_SERVICE_HOST": "10.0.0.1", "HOSTNAME": "coach-5d-x", "NODE_NAME": "node-1",
            "CONTAINER_NAME": "app",
        ]
        let found = try Self.attributes(.kubernetes, variables, files)
        #expect(
            found == [
                "k8s.namespace.name": "shop", "k8s.pod.name": "coach-5d-x", "k8s.pod.uid": .string(uid),
                "k8s.node.name": "node-1", "k8s.container.name": "app", "service.name": "coach",
                "service.version": "1.2 \"beta\" \\ x", "service.instance.id": "shop.coach-5d-x.app",
                "deployment.environment.name": "staging",
            ]
        )
        let named = try Self.attributes(
            .kubernetes,
            variables.merging([
                "POD_NAMESPACE": "other", "K8S_POD_NAME": "first", "POD_NAME": "second", "POD_UID": "u",
            ]) { $1 },
            files.merging([
                "/etc/podinfo/labels": "app.kubernetes.io/name=\"coach\"\napp.kubernetes.io/instance=\"coach-eu\"",
                "/etc/podinfo/annotations": "resource.opentelemetry.io/service.name=\"chosen\"",
            ]) { $1 }
        )
        #expect(named["k8s.namespace.name"] == "other")
        #expect(named["k8s.pod.name"] == "first")
        #expect(named["k8s.pod.uid"] == "u")
        #expect(named["service.name"] == "chosen", "an annotation overrides a label")
        let bare = try Self.attributes(.kubernetes, ["KUBERNETES_SERVICE_HOST": "10.0.0.1"])
        #expect(bare.isEmpty)
    }

    @Test(
        "cloud services are known by their variables",
        arguments: [
            (
                [
                    "AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_REGION": "eu-west-1", "AWS_LAMBDA_FUNCTION_VERSION": "3",
                    "AWS_LAMBDA_LOG_STREAM_NAME": "s", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
                ],
                [
                    "cloud.provider": "aws", "cloud.platform": "aws_lambda", "cloud.region": "eu-west-1",
                    "faas.name": "f",
                    "faas.version": "3", "faas.instance": "s", "faas.max_memory": 536_870_912,
                ] as [String: AttributeValue]
            ),
            (
                ["AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "9223372036854775807"],
                ["cloud.provider": "aws", "cloud.platform": "aws_lambda", "faas.name": "f"]
            ),
            (
                ["ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4/x", "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE"],
                ["cloud.provider": "aws", "cloud.platform": "aws_ecs", "aws.ecs.launchtype": "fargate"]
            ),
            (
                ["K_SERVICE": "coach", "K_REVISION": "coach-00001"],
                [
                    "cloud.provider": "gcp", "cloud.platform": "gcp_cloud_run", "faas.name": "coach",
                    "faas.version": "coach-00001",
                ]
            ),
            (["K_SERVICE": "coach", "KUBERNETES_SERVICE_HOST": "10.0.0.1"], [:]),
            (
                ["CLOUD_RUN_JOB": "job", "CLOUD_RUN_EXECUTION": "job-abc", "CLOUD_RUN_TASK_INDEX": "2"],
                [
                    "cloud.provider": "gcp", "cloud.platform": "gcp_cloud_run", "faas.name": "job",
                    "gcp.cloud_run.job.execution": "job-abc", "gcp.cloud_run.job.task_index": 2,
                ]
            ),
            (
                ["CONTAINER_APP_NAME": "coach", "CONTAINER_APP_REVISION": "r1", "CONTAINER_APP_REPLICA_NAME": "r1-x"],
                [
                    "cloud.provider": "azure", "cloud.platform": "azure.container_apps", "service.name": "coach",
                    "service.version": "r1", "service.instance.id": "r1-x",
                ]
            ),
            (
                ["WEBSITE_SITE_NAME": "coach", "REGION_NAME": "West Europe", "WEBSITE_INSTANCE_ID": "i"],
                [
                    "cloud.provider": "azure", "cloud.platform": "azure.app_service", "cloud.region": "West Europe",
                    "service.name": "coach", "service.instance.id": "i",
                ]
            ),
            (
                ["WEBSITE_SITE_NAME": "fn", "FUNCTIONS_EXTENSION_VERSION": "~4"],
                ["cloud.provider": "azure", "cloud.platform": "azure.functions", "faas.name": "fn"]
            ),
            (
                ["HEROKU_APP_ID": "a", "HEROKU_APP_NAME": "coach", "HEROKU_DYNO_ID": "d", "HEROKU_SLUG_COMMIT": "abc"],
                [
                    "cloud.provider": "heroku", "heroku.app.id": "a", "service.name": "coach",
                    "service.instance.id": "d",
                    "heroku.release.commit": "abc",
                ]
            ),
            (
                ["FLY_APP_NAME": "coach", "FLY_REGION": "ams", "FLY_MACHINE_ID": "m"],
                ["cloud.region": "ams", "service.name": "coach", "service.instance.id": "m"]
            ),
            (
                ["RENDER": "true", "RENDER_SERVICE_NAME": "coach", "RENDER_INSTANCE_ID": "i"],
                ["service.name": "coach", "service.instance.id": "i"]
            ),
        ]
    )
    func cloud(variables: [String: String], expected: [String: AttributeValue]) throws {
        #expect(try Self.attributes(.cloud, variables) == expected)
    }

    @Test("SPANKIT_RESOURCE_DETECTORS names detectors, and OTEL_* override what they find")
    func variable() {
        var environment = EnvironmentValues([
            "SPANKIT_RESOURCE_DETECTORS": " cloud, Host,moon", "FLY_APP_NAME": "detected", "FLY_REGION": "ams",
            "FLY_MACHINE_ID": "m", "OTEL_RESOURCE_ATTRIBUTES": "cloud.region=written",
        ])
        let resource = ResourceAttributes.resource(&environment, executable: "program", instance: "default")
        #expect(resource["service.name"] == "detected")
        #expect(resource["service.instance.id"] == "m")
        #expect(resource["cloud.region"] == "written")
        #expect(resource["host.arch"] != nil)
        #expect(
            environment.warnings == [
                "SPANKIT_RESOURCE_DETECTORS: 'moon' is not one of process, host, container, service, kubernetes, cloud; it is left out"
            ]
        )
        var named = EnvironmentValues([
            "SPANKIT_RESOURCE_DETECTORS": "cloud", "FLY_APP_NAME": "detected", "OTEL_SERVICE_NAME": "chosen",
        ])
        #expect(
            ResourceAttributes.resource(&named, executable: "program", instance: "default")["service.name"] == "chosen"
        )
    }
}
