import SpanKitOTLP
import SpanKitRecording

// What the objects of metrics and of log records have in common. Members may come in any order, so that a resource or a scope may be
// behind what belongs to it; the caller assigns it afterwards. What was read before a syntax error is kept.

extension TraceReader {
    /// Reads an object with a resource and a list, such as `ResourceLogs`.
    /// - Parameters:
    ///   - list: The name of the list.
    ///   - readElement: Reads an element of the list.
    /// - Returns: The resource, and the syntax error that ended the object, if any. Throw it after the resource was assigned.
    mutating func readResourceGroup(
        _ start: MemberMemory.Place,
        _ list: MemberName,
        _ readElement: (inout TraceReader) throws(Failure) -> Void
    ) -> (resource: Resource, failure: Failure?) {
        var resource = Resource()
        do throws(Failure) {
            guard try fields.cursor.openObject() else { return (resource, nil) }
            var place = start
            while let member = try fields.member(&place) {
                switch member {
                case .resource: resource.attributes = try readResource()
                case .schemaURL: resource.schemaURL = try fields.string()
                case list: try eachElement(readElement)
                default: try fields.cursor.skip()
                }
            }
            return (resource, nil)
        } catch {
            return (resource, error)
        }
    }

    /// Reads an object with a scope and a list, such as `ScopeLogs`, like
    /// ``readResourceGroup(_:_:_:)``.
    mutating func readScopeGroup(
        _ start: MemberMemory.Place,
        _ list: MemberName,
        _ readElement: (inout TraceReader) throws(Failure) -> Void
    ) -> (scope: InstrumentationScope, failure: Failure?) {
        var scope = InstrumentationScope()
        do throws(Failure) {
            guard try fields.cursor.openObject() else { return (scope, nil) }
            var place = start
            while let member = try fields.member(&place) {
                switch member {
                case .scope:
                    let schemaURL = scope.schemaURL
                    scope = try readScope()
                    scope.schemaURL = schemaURL
                case .schemaURL: scope.schemaURL = try fields.string()
                case list: try eachElement(readElement)
                default: try fields.cursor.skip()
                }
            }
            return (scope, nil)
        } catch {
            return (scope, error)
        }
    }
}
