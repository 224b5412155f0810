import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

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

    /// Where an attribute of a pod comes from: a variable or a file, besides the sign of Kubernetes.
    struct PodRow: Sendable, CustomTestStringConvertible {
        var variables: [String: String] = [:]
        var files: [String: String] = [:]
        let key: String
        let value: AttributeValue?
        var testDescription: String {
            "\(key) ← \((variables.keys.sorted() + files.keys.sorted()).joined(separator: ", "))"
        }
    }

    private static let podUID = "0f7b3c1a-1111-2222-3333-444455556666"

    private static func mount(_ place: String) -> [String: String] {
        [
            "/proc/self/mountinfo":
                "1 2 254:1 /var/lib/kubelet/pods/\(podUID)/x \(place) rw,relatime - ext4 /dev/vda1 rw\n"
        ]
    }

    private static let podRows: [PodRow] = [
        PodRow(
            files: ["/var/run/secrets/kubernetes.io/serviceaccount/namespace": "shop\n"],
            key: "k8s.namespace.name",
            value: "shop"
        ),
        PodRow(
            files: ["/var/run/secrets/kubernetes.io/serviceaccount/namespace": "\n"],
            key: "k8s.namespace.name",
            value: nil
        ),
        PodRow(variables: ["POD_NAMESPACE": "shop"], key: "k8s.namespace.name", value: "shop"),
        PodRow(variables: ["K8S_NAMESPACE_NAME": "shop"], key: "k8s.namespace.name", value: "shop"),
        PodRow(variables: ["HOSTNAME": "coach-5d"], key: "k8s.pod.name", value: "coach-5d"),
        PodRow(variables: ["POD_NAME": "coach-5d", "HOSTNAME": "node"], key: "k8s.pod.name", value: "coach-5d"),
        PodRow(variables: ["K8S_POD_NAME": "coach-5d", "HOSTNAME": "node"], key: "k8s.pod.name", value: "coach-5d"),
        PodRow(variables: ["POD_UID": "u"], files: mount("/etc/hosts"), key: "k8s.pod.uid", value: "u"),
        PodRow(variables: ["K8S_POD_UID": "u"], key: "k8s.pod.uid", value: "u"),
        PodRow(files: mount("/etc/hosts"), key: "k8s.pod.uid", value: .string(podUID)),
        PodRow(files: mount("/dev/termination-log"), key: "k8s.pod.uid", value: .string(podUID)),
        // A volume of another pod, which a node's own pod can have mounted.
        PodRow(files: mount("/host/etc/hosts"), key: "k8s.pod.uid", value: nil),
        PodRow(variables: ["NODE_NAME": "node-1"], key: "k8s.node.name", value: "node-1"),
        PodRow(variables: ["K8S_NODE_NAME": "node-1"], key: "k8s.node.name", value: "node-1"),
        PodRow(variables: ["HOSTNAME": "x"], key: "k8s.node.name", value: nil),
        PodRow(variables: ["CONTAINER_NAME": "app"], key: "k8s.container.name", value: "app"),
        PodRow(variables: ["K8S_CONTAINER_NAME": "app"], key: "k8s.container.name", value: "app"),
        PodRow(variables: ["HOSTNAME": "x"], key: "k8s.container.name", value: nil),
        PodRow(
            files: ["/etc/podinfo/labels": "app.kubernetes.io/name=\"coach\""],
            key: "service.name",
            value: "coach"
        ),
        PodRow(
            files: [
                "/etc/podinfo/labels": "app.kubernetes.io/name=\"coach\"\napp.kubernetes.io/instance=\"coach-eu\""
            ],
            key: "service.name",
            value: "coach-eu"
        ),
        PodRow(
            files: ["/etc/podinfo/labels": "app.kubernetes.io/version=\"1.2\""],
            key: "service.version",
            value: "1.2"
        ),
        PodRow(
            files: ["/etc/podinfo/annotations": "resource.opentelemetry.io/team=\"a \\\"b\\\" \\\\ c\""],
            key: "team",
            value: "a \"b\" \\ c"
        ),
        PodRow(files: ["/etc/podinfo/annotations": "team=\"a\""], key: "team", value: nil),
        PodRow(
            variables: ["POD_NAMESPACE": "shop", "POD_NAME": "coach-5d", "CONTAINER_NAME": "app"],
            key: "service.instance.id",
            value: "shop.coach-5d.app"
        ),
        PodRow(
            variables: ["POD_NAMESPACE": "shop", "POD_NAME": "coach-5d"],
            key: "service.instance.id",
            value: nil
        ),
        // The Collector adds these.
        PodRow(variables: ["K8S_CLUSTER_NAME": "c"], key: "k8s.cluster.name", value: nil),
        PodRow(variables: ["K8S_DEPLOYMENT_NAME": "d"], key: "k8s.deployment.name", value: nil),
    ]

    @Test("each attribute of a pod has its sources, and none outside of Kubernetes", arguments: podRows)
    func podSources(row: PodRow) throws {
        let inPod = row.variables.merging(["KUBERNETES_SERVICE_HOST": "10.0.0.1"]) { $1 }
        #expect(try Self.attributes(.kubernetes, inPod, row.files)[row.key] == row.value)
        #expect(try Self.attributes(.kubernetes, row.variables, row.files).isEmpty)
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
                [
                    "ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4/x", "AWS_EXECUTION_ENV": "AWS_ECS_EC2",
                    "AWS_REGION": "eu-west-1",
                ],
                [
                    "cloud.provider": "aws", "cloud.platform": "aws_ecs", "cloud.region": "eu-west-1",
                    "aws.ecs.launchtype": "ec2",
                ]
            ),
            // EC2, GCE, and the nodes of EKS and GKE are known only by their metadata services.
            (["AWS_REGION": "eu-west-1", "AWS_EXECUTION_ENV": "EC2"], [:]), (["GOOGLE_CLOUD_PROJECT": "p"], [:]),
            (["KUBERNETES_SERVICE_HOST": "10.0.0.1", "AWS_REGION": "eu-west-1"], [:]),
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
                [
                    "CONTAINER_APP_NAME": "coach", "CONTAINER_APP_REVISION": "r1", "CONTAINER_APP_REPLICA_NAME": "r1-x",
                    "REGION_NAME": "West Europe",
                ],
                [
                    "cloud.provider": "azure", "cloud.platform": "azure.container_apps", "cloud.region": "West Europe",
                    "service.name": "coach", "service.version": "r1", "service.instance.id": "r1-x",
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
                [
                    "HEROKU_APP_ID": "a", "HEROKU_APP_NAME": "coach", "HEROKU_DYNO_ID": "d",
                    "HEROKU_RELEASE_VERSION": "v7", "HEROKU_SLUG_COMMIT": "abc",
                ],
                [
                    "cloud.provider": "heroku", "heroku.app.id": "a", "service.name": "coach",
                    "service.instance.id": "d", "service.version": "v7", "heroku.release.commit": "abc",
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
