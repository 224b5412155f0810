extension SpanHandle {
    /// Adds an event (OpenTelemetry `AddEvent`).
    /// - Parameters:
    ///   - name: what happened, without ids or data in it.
    ///   - attributes: the details.
    ///   - unixNanoseconds: when it happened, nanoseconds since 1970-01-01 UTC; now by default.
    public func addEvent(_ name: String, attributes: Attributes = [:], at unixNanoseconds: Int64? = nil) {
        write { $0.addEvent(name, attributes, unixNanoseconds: unixNanoseconds) }
    }

    /// Links this span to another that is not its parent (OpenTelemetry `AddLink`).
    public func addLink(to context: SpanContext, attributes: Attributes = [:]) {
        write { $0.addLink(context, attributes) }
    }

    /// Says how the span ended. `ok` is final, `unset` is ignored, a later error replaces an earlier one (OpenTelemetry
    /// `SetStatus`).
    public func setStatus(_ status: RecordedSpan.Status) {
        write { $0.setStatus(status) }
    }

    /// Renames the span. Its duration is counted under the name it was started with.
    public func updateName(_ name: String) {
        write { writer in
            let number = writer.recorder.strings.number(of: name)
            writer.slot.header.pointee.name = number
            writer.setText(.name, number == 0 ? name : "")
        }
    }

    /// Marks the span as failed: status error, attribute `error.type`, and an `exception` event.
    /// - Parameter includingMessage: whether the error's text goes into the event and the status. Off by default: error
    ///   texts tend to quote their input.
    public func recordError(_ error: any Error, includingMessage: Bool = false) {
        let type = String(reflecting: Swift.type(of: error))
        let message = includingMessage ? String(describing: error) : ""
        write { writer in
            writer.set(key: "error.type", .string(type))
            var details: Attributes = ["exception.type": .string(type)]
            if includingMessage { details.elements.append(Attribute("exception.message", .string(message))) }
            writer.addEvent("exception", details, unixNanoseconds: nil)
            writer.setStatus(.error(message))
        }
    }

    /// Ends the span. Ending it twice is ignored and counted.
    ///
    /// A span beyond ``RecordingConfiguration/liveSpanCapacity`` is only measured. Its second end is ignored as well, unless thousands of
    /// such spans have ended since the first: then it may count again.
    /// - Parameter unixNanoseconds: when it ended, nanoseconds since 1970-01-01 UTC; now by default.
    public func end(at unixNanoseconds: Int64? = nil) {
        _ = recorder?._withUnsafeGuaranteedRef { recorder in
            unixNanoseconds == nil
                ? recorder.end(self, now: recorder.clock.now())
                : recorder.endSlowly(self, now: recorder.clock.now(), at: unixNanoseconds)
        }
    }

    /// Ends the span as ``end(at:)`` does.
    /// - Returns: whether it was open.
    package func close(at unixNanoseconds: Int64) -> Bool {
        recorder?._withUnsafeGuaranteedRef { recorder in
            recorder.endSlowly(self, now: recorder.clock.now(), at: unixNanoseconds) != nil
        } ?? false
    }
}
