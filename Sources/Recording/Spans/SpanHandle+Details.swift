extension SpanHandle {
    /// Adds an event (OpenTelemetry `AddEvent`).
    /// - Parameters:
    ///   - name: The name of the event, without ids or other data.
    ///   - attributes: The attributes of the event.
    ///   - unixNanoseconds: The time of the event in nanoseconds since 1970-01-01 UTC; now by default.
    public func addEvent(_ name: String, attributes: Attributes = [:], at unixNanoseconds: Int64? = nil) {
        write { $0.addEvent(name, attributes, unixNanoseconds: unixNanoseconds) }
    }

    /// Links this span to another span, which is not its parent (OpenTelemetry `AddLink`).
    public func addLink(to context: SpanContext, attributes: Attributes = [:]) {
        write { $0.addLink(context, attributes) }
    }

    /// Sets the status (OpenTelemetry `SetStatus`). `ok` is final, `unset` is ignored, and a later error replaces an earlier one.
    public func setStatus(_ status: RecordedSpan.Status) {
        write { $0.setStatus(status) }
    }

    /// Renames the span. Its duration is still counted under the name that the span was started with.
    public func updateName(_ name: String) {
        write { writer in
            let number = writer.recorder.strings.number(of: name)
            writer.slot.header.pointee.name = number
            writer.setText(EntryType.name, number == 0 ? name : "")
        }
    }

    /// Marks the span as failed: sets the status error and the attribute `error.type`, and records the exception
    /// (``RecordingConfiguration/exceptionSignal``).
    /// - Parameter includingMessage: Whether to include the error's text in the exception and the status. False by default, because
    ///   error texts often quote their input.
    public func recordError(_ error: any Error, includingMessage: Bool = false) {
        let type = String(reflecting: Swift.type(of: error))
        let message = includingMessage ? String(describing: error) : ""
        write { writer in
            writer.set(key: "error.type", .string(type))
            writer.setStatus(.error(message))
        }
        var details: Attributes = ["exception.type": .string(type)]
        if includingMessage { details.elements.append(Attribute("exception.message", .string(message))) }
        recordException(details)
    }

    /// Ends the span. A second call is ignored and counted.
    ///
    /// A span beyond ``RecordingConfiguration/liveSpanCapacity`` is only counted in percentiles. If you end such a span
    /// a second time after thousands of others have ended, it may be counted twice.
    /// - Parameter unixNanoseconds: The end in nanoseconds since 1970-01-01 UTC; now by default.
    public func end(at unixNanoseconds: Int64? = nil) {
        _ = recorder?._withUnsafeGuaranteedRef { recorder in
            unixNanoseconds == nil
                ? recorder.end(self, now: recorder.clock.now())
                : recorder.endSlowly(self, now: recorder.clock.now(), at: unixNanoseconds)
        }
    }

    /// Ends the span like ``end(at:)``.
    /// - Returns: Whether the span was open.
    package func close(at unixNanoseconds: Int64) -> Bool {
        recorder?._withUnsafeGuaranteedRef { recorder in
            recorder.endSlowly(self, now: recorder.clock.now(), at: unixNanoseconds) != nil
        } ?? false
    }
}
