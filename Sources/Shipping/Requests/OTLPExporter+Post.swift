import SpanKitHTTP
import SpanKitOTLP

extension OTLPExporter {
    /// Posts a request by itself and waits for the answer, on the calling thread.
    package func post(_ bytes: [UInt8], spanCount: Int, timeout: Duration) -> HTTPAnswer {
        guard let client = OTLPClient(self) else {
            return HTTPAnswer(failure: .settings("libcurl cannot be initialised"))
        }
        let body = Body(bytes, encoding, isCompressed: false, spanCount: spanCount)
        return client.answer(to: body, timeout: timeout, grace: .seconds(1))
    }
}

extension OTLPClient {
    /// Posts a body and waits for the answer.
    /// - Parameter grace: how much longer than the timeout to wait until curl reports it.
    func answer(to body: Body, timeout: Duration, grace: Duration = .zero) -> HTTPAnswer {
        if let problem = post(body, token: 1, timeout: timeout) { return problem }
        let deadline = ContinuousClock.now.advanced(by: timeout + grace)
        while ContinuousClock.now < deadline {
            if let answer = poll(for: ContinuousClock.now.duration(to: deadline)).first?.answer { return answer }
        }
        return HTTPAnswer(failure: .timedOut)
    }
}
