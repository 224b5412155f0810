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
    static func system(_ files: [String: String], _ environment: [String: String] = [:]) throws -> (
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
