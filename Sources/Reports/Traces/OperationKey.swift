import SpanKitInputs
import SpanKitPlatform
import SpanKitRecording

/// What identifies an operation: the service and the name of its spans.
package struct OperationKey: Sendable, Hashable, Comparable {
    /// The service; `nil` if services are merged, and in results files, which do not contain it. Empty if the spans do not name it.
    package var service: ByteText?
    package var name: ByteText

    package init(service: String? = nil, name: String) {
        self.service = service.map { ByteText($0) }
        self.name = ByteText(name)
    }

    /// The operation in all services.
    var withoutService: OperationKey { OperationKey(name: name.text) }

    package static func < (left: OperationKey, right: OperationKey) -> Bool {
        left.name != right.name ? left.name < right.name : left.service ?? ByteText("") < right.service ?? ByteText("")
    }

    /// The name and, in parentheses, the service.
    package var description: String { service.map { "\(name.text) (\(Self.text(ofService: $0.text)))" } ?? name.text }

    /// The name, and the service if the operations belong to several.
    func title(withService: Bool) -> String { withService ? description : name.text }

    /// The name of a service in reports.
    package static func text(ofService service: String) -> String { service.isEmpty ? "unknown service" : service }
}

/// The numbers of an operation's service and name in a ``NameTable``.
struct OperationNumbers: Sendable, Hashable, Comparable {
    /// ``NameTable/none`` if services are merged.
    var service: UInt32
    var name: UInt32

    init(service: UInt32, name: UInt32) {
        self.service = service
        self.name = name
    }

    init(_ span: TraceSpan, mergesServices: Bool = false) {
        service = mergesServices ? NameTable.none : span.service
        name = span.name
    }

    static func < (left: OperationNumbers, right: OperationNumbers) -> Bool {
        (left.name, left.service) < (right.name, right.service)
    }

    func key(_ names: NameTable) -> OperationKey {
        OperationKey(service: service == NameTable.none ? nil : names[service], name: names[name])
    }
}

extension Listing.Field {
    /// The column of an operation's service. Tables contain it if the operations have several services.
    static func service(
        _ key: String = "service",
        _ title: String = "Service",
        isShown: Bool,
        priority: Int = 0,
        _ service: @escaping (Element) -> String?
    ) -> [Self] {
        let forPeople = Self(key, title, .text, priority: priority, in: .tables) { element in
            Listing.text(service(element).map { OperationKey.text(ofService: $0) })
        }
        let forPrograms = Self(key, title, .text, in: .programs) { Listing.text(service($0)) }
        return isShown ? [forPeople, forPrograms] : [forPrograms]
    }
}

/// The property of spans by which they are grouped instead of by operation.
package enum SpanGrouping: Sendable, Hashable {
    case service, kind, status
    /// An attribute of the span or, if the span does not have it, of its resource.
    case attribute(ByteText)

    /// The value of a span; `nil` if the span does not have the attribute, or names no service.
    func value(of span: DecodedSpan) -> String? {
        switch self {
        case .service: span.serviceName.isEmpty ? nil : span.serviceName
        case .kind: span.span.kind.name
        case .status: SpanStatus(span.span).rawValue
        case .attribute(let key):
            switch span.attribute(key) {
            case nil: nil
            case .string(let text)?: text
            case let value?: JSONText(value).compact
            }
        }
    }

    /// The name of the property.
    package var name: String {
        switch self {
        case .service: "service"
        case .kind: "kind"
        case .status: "status"
        case .attribute(let key): key.text
        }
    }

    /// The heading of the values' column.
    var title: String {
        switch self {
        case .service: "Service"
        case .kind: "Kind"
        case .status: "Status"
        case .attribute(let key): key.text
        }
    }

    /// The name of the row for spans without a value.
    var missing: String { self == .service ? OperationKey.text(ofService: "") : "(no \(name))" }
}
