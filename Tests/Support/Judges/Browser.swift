import Foundation

/// A headless Chromium that a test uses as a person would: it opens addresses, types, clicks and drags.
///
/// It is controlled with the Chrome DevTools Protocol through two named pipes. All messages are exchanged on one queue, outside Swift's
/// thread pool, so several tasks may use a browser. Add the trait `.needs(.chromium)`.
public final class Browser: @unchecked Sendable {
    /// What the browser did not accept, or why a script failed.
    public struct Failure: Error, CustomStringConvertible {
        /// The reason.
        public let description: String
    }

    private let queue = DispatchQueue(label: "browser")
    private let folder = TemporaryFolder("browser")
    private let process = Process()
    private let requests: Int32
    private let answers: Int32
    // Everything below is used on the queue only.
    private var buffer: [UInt8] = []
    private var number = 0
    private var session: String?
    private var events: [[String: Any]] = []

    /// Starts a browser.
    /// - Parameter isDark: whether the system prefers dark colours.
    public init(width: Int = 1_280, height: Int = 900, isDark: Bool = false) async throws {
        let program = try Equipment.chromium.require()
        let (fromUs, toUs) = (folder.path("requests"), folder.path("answers"))
        for pipe in [fromUs, toUs] where mkfifo(pipe, 0o600) != 0 { throw Failure(description: "no pipe at \(pipe)") }
        // Opened for reading and writing, so that neither side waits for the other one.
        requests = open(fromUs, O_RDWR | O_CLOEXEC)
        answers = open(toUs, O_RDWR | O_CLOEXEC | O_NONBLOCK)
        guard requests >= 0, answers >= 0 else { throw Failure(description: "the pipes cannot be opened") }
        process.executableURL = URL(filePath: "/bin/sh")
        // The browser reads from descriptor 3 and writes to 4.
        process.arguments = [
            "-c", "exec \"$0\" \"$@\" 3<'\(fromUs)' 4>'\(toUs)'", program, "--headless", "--no-sandbox",
            "--disable-gpu",
            "--no-first-run", "--disable-background-networking", "--remote-debugging-pipe",
            "--user-data-dir=\(folder.path("profile"))", "about:blank",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let targets = try await call("Target.getTargets", "{}")
        let pages = targets["targetInfos"] as? [[String: Any]] ?? []
        guard let page = pages.first(where: { $0["type"] as? String == "page" })?["targetId"] as? String else {
            throw Failure(description: "the browser has no page: \(targets)")
        }
        let attached = try await call("Target.attachToTarget", #"{"targetId":"\#(page)","flatten":true}"#)
        let name = attached["sessionId"] as? String
        queue.sync { session = name }
        for domain in ["Page", "Runtime", "Log", "Network"] { try await call("\(domain).enable", "{}") }
        try await call(
            "Emulation.setDeviceMetricsOverride",
            #"{"width":\#(width),"height":\#(height),"deviceScaleFactor":1,"mobile":false}"#
        )
        try await prefer(dark: isDark)
        let watching = """
            window.violations=[];document.addEventListener("securitypolicyviolation",e=>violations.push(e.violatedDirective+" "+e.blockedURI));
            window.until=async test=>{for(;;){let value;try{value=test()}catch{}if(value)return value;await new Promise(r=>setTimeout(r,20))}};
            """
        try await call("Page.addScriptToEvaluateOnNewDocument", "{\"source\":\(Self.quoted(watching))}")
    }

    deinit {
        process.terminate()
        close(requests)
        close(answers)
    }

    /// Ends the browser.
    public func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// Changes the colours that the system prefers.
    public func prefer(dark: Bool) async throws {
        try await call(
            "Emulation.setEmulatedMedia",
            #"{"features":[{"name":"prefers-color-scheme","value":"\#(dark ? "dark" : "light")"}]}"#
        )
    }

    /// Opens an address and waits until the document is loaded.
    public func visit(_ address: String) async throws {
        // An address that differs only behind "#" would not be loaded again.
        try await call("Page.navigate", #"{"url":"about:blank"}"#)
        try await call("Page.navigate", "{\"url\":\(Self.quoted(address))}")
        try await evaluate("until(()=>document.readyState==='complete')")
    }

    /// Waits until an expression of JavaScript is true, or throws with the reason given by `otherwise`, another expression.
    public func wait(for condition: String, otherwise: String = "document.body.innerText.slice(0,1500)") async throws {
        let within = "new Promise(r=>setTimeout(()=>r('never'),\(Duration.generous.components.seconds * 1000)))"
        let result = try await evaluate("Promise.race([until(()=>(\(condition))).then(()=>'done'),\(within)])")
        guard result != "done" else { return }
        throw Failure(description: "waited for this: \(condition); seen last: \(try await evaluate(otherwise))")
    }

    /// The value of an expression of JavaScript as text. A promise is awaited.
    @discardableResult
    public func evaluate(_ expression: String) async throws -> String {
        let answer = try await call(
            "Runtime.evaluate",
            "{\"expression\":\(Self.quoted(expression)),\"awaitPromise\":true,\"returnByValue\":true}"
        )
        if let details = answer["exceptionDetails"] as? [String: Any] {
            throw Failure(description: "\(expression.prefix(200)): \(details)")
        }
        let value = (answer["result"] as? [String: Any])?["value"]
        if let value = value as? String { return value }
        return value.map { "\($0)" } ?? "undefined"
    }

    /// Presses a key, such as `Escape`, `ArrowDown` or `/`, where the focus is.
    public func press(_ key: String, code: String = "", shift: Bool = false) async throws {
        let text = key.count == 1 ? ",\"text\":\(Self.quoted(key))" : key == "Enter" ? ",\"text\":\"\\r\"" : ""
        let more = ",\"code\":\(Self.quoted(code)),\"modifiers\":\(shift ? 8 : 0)"
        try await call("Input.dispatchKeyEvent", "{\"type\":\"keyDown\",\"key\":\(Self.quoted(key))\(text)\(more)}")
        try await call("Input.dispatchKeyEvent", "{\"type\":\"keyUp\",\"key\":\(Self.quoted(key))\(more)}")
    }

    /// Types a text where the focus is.
    public func type(_ text: String) async throws {
        try await call("Input.insertText", "{\"text\":\(Self.quoted(text))}")
    }

    /// Drags within an element, from one place to another; both are fractions of its width and height.
    public func drag(in selector: String, from: (x: Double, y: Double), to: (x: Double, y: Double)) async throws {
        let box = try await evaluate(
            "(()=>{const b=document.querySelector(\(Self.quoted(selector))).getBoundingClientRect();return [b.x,b.y,b.width,b.height].join(' ')})()"
        ).split(separator: " ").compactMap { Double($0) }
        guard box.count == 4 else { throw Failure(description: "there is no \(selector)") }
        let places = [from, ((from.x + to.x) / 2, (from.y + to.y) / 2), to].map {
            (x: box[0] + box[2] * $0.0, y: box[1] + box[3] * $0.1)
        }
        func mouse(_ type: String, _ place: (x: Double, y: Double)) async throws {
            try await call(
                "Input.dispatchMouseEvent",
                #"{"type":"\#(type)","x":\#(place.x),"y":\#(place.y),"button":"left","buttons":1,"clickCount":1}"#
            )
        }
        try await mouse("mousePressed", places[0])
        for place in places.dropFirst() { try await mouse("mouseMoved", place) }
        try await mouse("mouseReleased", places[2])
    }

    /// What went wrong since the last call: exceptions, errors and warnings of the console, violations of the content security policy, and
    /// requests to another origin than `origin`.
    public func problems(origin: String) async throws -> [String] {
        let violations = try await evaluate("JSON.stringify(window.violations)")
        let seen = queue.sync {
            defer { events = [] }
            return events.compactMap { Self.problem($0, origin) }
        }
        return seen + (violations == "[]" ? [] : ["content security policy: \(violations)"])
    }

    private static func problem(_ event: [String: Any], _ origin: String) -> String? {
        let parameters = event["params"] as? [String: Any] ?? [:]
        switch event["method"] as? String {
        case "Runtime.exceptionThrown": return "exception: \(parameters["exceptionDetails"] ?? "")"
        case "Runtime.consoleAPICalled":
            let level = parameters["type"] as? String ?? ""
            return ["error", "warning"].contains(level) ? "console: \(parameters["args"] ?? "")" : nil
        case "Log.entryAdded":
            let entry = parameters["entry"] as? [String: Any] ?? [:]
            return ["error", "warning"].contains(entry["level"] as? String) ? "log: \(entry)" : nil
        case "Network.requestWillBeSent":
            let url = (parameters["request"] as? [String: Any])?["url"] as? String ?? ""
            return [origin, "data:", "about:"].contains { url.hasPrefix($0) } ? nil : "foreign request: \(url)"
        default: return nil
        }
    }

    /// Sends a command and returns its result. The parameters are JSON.
    @discardableResult
    private func call(_ method: String, _ parameters: String) async throws -> [String: Any] {
        let result: Data = try await withCheckedThrowingContinuation { continuation in
            queue.async { [self] in continuation.resume(with: Result { try exchange(method, parameters) }) }
        }
        return try JSONSerialization.jsonObject(with: result) as? [String: Any] ?? [:]
    }

    private func exchange(_ method: String, _ parameters: String) throws -> Data {
        number += 1
        let target = session.map { ",\"sessionId\":\"\($0)\"" } ?? ""
        var rest = Array("{\"id\":\(number),\"method\":\"\(method)\",\"params\":\(parameters)\(target)}\0".utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(requests, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Failure(description: "the browser ended") }
            rest = rest.dropFirst(count)
        }
        while true {
            let message = try receive()
            guard let answer = try JSONSerialization.jsonObject(with: message) as? [String: Any] else { continue }
            guard answer["id"] as? Int == number else {
                events.append(answer)
                continue
            }
            if let error = answer["error"] { throw Failure(description: "\(method): \(error)") }
            return try JSONSerialization.data(withJSONObject: answer["result"] ?? [:])
        }
    }

    /// The next message; the pipe has a zero byte behind each.
    private func receive() throws -> Data {
        let end = ContinuousClock.now + .generous + .generous
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            if let place = buffer.firstIndex(of: 0) {
                defer { buffer.removeFirst(place + 1) }
                return Data(buffer[..<place])
            }
            var waiting = pollfd(fd: answers, events: Int16(POLLIN), revents: 0)
            guard ContinuousClock.now < end, process.isRunning || poll(&waiting, 1, 0) > 0 else {
                throw Failure(description: "the browser does not answer")
            }
            guard poll(&waiting, 1, 200) > 0 else { continue }
            let count = read(answers, &chunk, chunk.count)
            if count > 0 { buffer.append(contentsOf: chunk[..<count]) }
        }
    }

    /// A text as JSON.
    private static func quoted(_ text: String) -> String {
        let data = (try? JSONSerialization.data(withJSONObject: text, options: .fragmentsAllowed)) ?? Data("\"\"".utf8)
        return String(decoding: data, as: UTF8.self)
    }
}
