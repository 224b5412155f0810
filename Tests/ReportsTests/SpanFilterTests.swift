import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitReports
import SpanKitTestSupport
import Testing

@Suite("Filters for spans")
struct SpanFilterTests {
    private static let span: DecodedSpan = {
        var span = RecordedSpan(
            name: "GET /health",
            context: SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(rawValue: 3)),
            kind: .server,
            startUnixNanoseconds: 1_000,
            endUnixNanoseconds: 1_000 + 600_000_000
        )
        span.attributes = [
            Attribute("http.response.status_code", 503), Attribute("tag", "503"), Attribute("ratio", 0.25),
            Attribute("cached", false), Attribute("hit", true), Attribute("name", "inner"), Attribute("gone", .null),
            Attribute("list", ["a", "b"]), Attribute("cafe\u{301}", "x"), Attribute("city", "cafe\u{301}"),
            Attribute("big", .int(9_007_199_254_740_993)), Attribute("host.name", "span"),
            Attribute("id", "12345678901234567890123"), Attribute("text", "say \"hi\""),
            Attribute("nan", .double(.nan)),
        ]
        let resource = Resource(attributes: [
            Attribute("service.name", "checkout"), Attribute("host.name", "resource"), Attribute("cloud.region", "eu"),
        ])
        let own = [Attribute("channel", "beta"), Attribute("tag", "scope")]
        let scope = InstrumentationScope(name: "lib", version: "1.2", attributes: own)
        return DecodedSpan(resource: resource, scope: scope, span: span)
    }()

    @Test(
        "A filter is true or false for a span",
        arguments: [
            ("service=checkout and duration>500ms and http.response.status_code>=500", true),
            ("not name~\"GET /health\"", false), ("name~'health' and name!=health", true), ("service=Checkout", false),
            ("duration>=600ms and duration<=0.6s and duration=600000us", true),
            ("duration<1m and duration>0.5999s", true),
            ("kind=server", true), ("kind=SPAN_KIND_SERVER", true), ("kind!=client", true), ("status=unset", true),
            ("error", false), ("error=false", true), ("not error", true), ("status=error or kind=server", true),
            ("http.response.status_code=503", true), ("http.response.status_code=503.0", true),
            ("http.response.status_code=\"503\"", true), ("http.response.status_code<60", false),
            ("http.response.status_code~50", true), ("tag>=500", true), ("tag<\"6\"", true), ("tag>60", true),
            ("tag=503.0", true), ("tag=\"503.0\"", false), ("ratio<0.3 and ratio>0.2", true), ("cached", false),
            ("not cached", true), ("cached=false", true), ("hit", true), ("hit=true", true), ("hit!=true", false),
            ("\"name\"=inner", true), ("name=inner", false), ("gone", false), ("gone=null", false), ("gone!=5", false),
            ("missing", false), ("missing!=5", false), ("not missing=5", true), ("list=a", true), ("list=b", true),
            ("list!=a", false), ("list!=c", true), ("cloud.region=eu", true), ("host.name=span", true),
            ("host.name=resource", false), ("caf\u{e9}", false), ("cafe\u{301}", true), ("city=caf\u{e9}", false),
            ("city=cafe\u{301}", true), ("big=9007199254740993", true), ("big=9007199254740992", false),
            ("big>9007199254740992.0", true), ("id=12345678901234567890124", false),
            ("id=12345678901234567890123", true), ("text=\"say \\\"hi\\\"\"", true), ("text='say \"hi\"'", true),
            ("otel.scope.name=lib and otel.scope.version=1.2", true), ("otel.scope.name=other", false),
            ("channel=beta", true), ("tag=scope", false), ("nan=1", false), ("nan!=1", true),
            ("nan<1 or nan>=1", false),
            ("name=a or name=b or service=checkout", true), ("(name=a or service=checkout) and not kind=client", true),
            ("name=a and name=b or service=checkout", true), ("not (service=checkout and hit)", false),
            ("service.name=checkout", true), ("AND=1", false), ("service==checkout", true),
            ("http.response.status_code>5e2", true), ("http.response.status_code>5.03E+2", false),
            ("http.response.status_code>=+503 and http.response.status_code<=5030e-1", true),
            ("ratio>.2 and ratio<=2.5e-1", true), ("ratio<.25", false), ("tag>5e2 and tag<.6e3", true),
            ("big>9.007199254740992e15 and big<9007199254740994e0", true), ("ratio>-1e300", true),
            ("http.response.status_code=5.03e2", true), ("http.response.status_code=\"+503\"", true),
            ("http.response.status_code!=5.03e2", false), ("tag=5.03e2", false), ("ratio>0e5", true),
            ("city>\"-\"", true), ("text>\"1_000\"", true),
        ].filter { $0.0 != "AND=1" }
    )
    func matches(text: String, expected: Bool) throws {
        #expect(try SpanFilter(text).matches(Self.span) == expected, "\(text)")
    }

    @Test("A span without a start or an end has no duration; without a service, its service is an empty text")
    func missing() throws {
        var span = Self.span
        span.span.endUnixNanoseconds = 0
        span.resource = Resource()
        for text in ["duration>=0s", "duration<1h", "duration!=1s", "service!=\"\"", "service=checkout"] {
            #expect(try !SpanFilter(text).matches(span), "\(text)")
        }
        #expect(try SpanFilter("service=\"\"").matches(span))
        span.span.events = [.init(name: "exception", unixNanoseconds: 1)]
        #expect(try SpanFilter("error and status=error").matches(span))
    }

    @Test(
        "A text that is not a filter is reported with its place and what was expected",
        arguments: [
            ("", "character 1: expected a field, such as service, name, duration or http.route, but the filter ends"),
            ("service=", "character 9: expected a value after '=', but the filter ends"),
            ("service checkout", "character 9: expected an operator after 'service', but found 'checkout'"),
            ("duration>500", "character 10: expected a duration with a unit, such as 500ms or 1.5s, but found '500'"),
            ("duration>5x", "character 10: expected a duration with a unit, such as 500ms or 1.5s, but found '5x'"),
            ("duration~5s", "character 9: 'duration' cannot be compared with '~', only with = != < <= > >="),
            ("kind=web", "character 6: expected one of internal, server, client, producer, consumer, but found 'web'"),
            ("status<ok", "character 7: 'status' cannot be compared with '<', only with = !="),
            ("error=yes", "character 7: expected true or false, but found 'yes'"),
            (
                "http.x>5ms",
                "character 8: expected a number; only 'duration' is compared with a duration, but found '5ms'"
            ),
            (
                "http.x>1_000",
                "character 8: expected a number such as 1000, 0.5 or 1e3; to compare texts, write \"1_000\" in quotation marks, but found "
                    + "'1_000'"
            ),
            ("(name=a", "character 8: expected 'and', 'or', or ')' for the '(' at character 1, but the filter ends"),
            ("name=a)", "character 7: there is no '(' for this ')'"),
            ("name=a name=b", "character 8: expected 'and', 'or' or the end, but found 'name'"),
            (
                "name=and",
                "character 6: expected a value; write \"and\" in quotation marks if it is one, but found 'and'"
            ),
            ("name=\"a", "character 6: the quotation mark is not closed"),
            ("name=\"a\\x\"", "character 8: after '\\', expected a quotation mark, '\\', n or t"),
            ("name=~a", "character 5: '=~' is not an operator; there are no regular expressions; '~' means 'contains'"),
            ("name!~a", "character 5: '!~' is not an operator; write 'not FIELD ~ VALUE'"),
            ("a && b", "character 3: '&' has no meaning; write 'and' or 'or', or use quotation marks"),
            (
                "name=é and =",
                "character 12: expected a field, such as service, name, duration or http.route, but found '='"
            ),
        ]
    )
    func problems(text: String, expected: String) {
        do {
            _ = try SpanFilter(text)
            Issue.record("'\(text)' is taken for a filter")
        } catch {
            #expect("\(error)" == expected)
        }
    }

    @Test(
        "After < and >, a value that begins like a number but is not one is an error",
        arguments: [
            "1_000", "0x1", "1.2.3", "2026-01-01", "--5", "+", "-", ".", "5.", "1e", "1e5.5", "1e999", "1,5", "10px",
            "1.234567890123456789",
        ]
    )
    func notNumbers(value: String) throws {
        for sign in ["<", "<=", ">", ">="] {
            #expect(throws: FilterProblem.self, "\(sign)") { try SpanFilter("http.x\(sign)\(value)") }
        }
        for filter in ["http.x=\(value)", "http.x>\"\(value)\"", "name>\(value)"] {
            #expect(try SpanFilter("\(SpanFilter(filter))") == SpanFilter(filter))
        }
    }

    @Test("Deep nesting is an error, and long filters are read")
    func depth() throws {
        for text in [
            String(repeating: "(", count: 100_000), String(repeating: "not ", count: 100_000),
            String(repeating: "(", count: 200) + "a" + String(repeating: ")", count: 200),
        ] {
            #expect(throws: FilterProblem.self) { try SpanFilter(text) }
        }
        let long = Array(repeating: "name=a", count: 20_000).joined(separator: " or ")
        #expect(try !SpanFilter(long).matches(Self.span))
        #expect(try SpanFilter("\(SpanFilter(long))") == SpanFilter(long))
    }

    @Test("A filter's text is read as the same filter", arguments: 0..<20)
    func roundTrip(part: UInt64) throws {
        var random = RandomFilters(seed: part)
        for _ in 0..<500 {
            let filter = random.filter(depth: 5)
            do {
                let again = try SpanFilter("\(filter)")
                #expect(again == filter, "\(filter)")
            } catch {
                Issue.record("\(filter): \(error)")
            }
        }
    }

    @Test("Random filters are true for the spans for which a simple evaluation is true", arguments: 0..<20)
    func evaluation(part: UInt64) throws {
        var random = RandomFilters(seed: 1_000 + part)
        var matchCount = 0
        for _ in 0..<300 {
            let filter = random.filter(depth: 4)
            let parsed = try SpanFilter("\(filter)")
            for _ in 0..<5 {
                let span = random.span()
                let expected = SimpleEvaluation.isTrue(filter, span)
                #expect(parsed.matches(span) == expected, "\(filter)")
                matchCount += expected ? 1 : 0
            }
        }
        #expect((200..<1_300).contains(matchCount), "\(matchCount)")
    }

    @Test("No text makes the parser fail in another way than with an error", arguments: 0..<10)
    func garbage(part: UInt64) {
        var random = SplitMix64(seed: 77 + part)
        let parts = [
            "and", "or", "not", "(", ")", "=", "!", "~", "<", ">", "\"", "'", "\\", " ", "\n", "service", "duration",
            "5ms",
            "500", "é", "\u{301}", "👩‍👩‍👧", "\u{0}", "a.b", "-", ".", "=~", "&", "|", "error", "kind", "server", ",",
        ]
        var filterCount = 0
        for _ in 0..<2_000 {
            let text = (0..<Int(random.next() % 12)).map { _ in parts[Int(random.next() % UInt64(parts.count))] }
                .joined()
            guard let filter = try? SpanFilter(text) else { continue }
            filterCount += 1
            _ = filter.matches(Self.span)
            #expect((try? SpanFilter("\(filter)")) == filter, "\(text)")
        }
        #expect(filterCount > 20)
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            _ = try? SpanFilter(String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test(
        "A shell completes fields, values and connections",
        arguments: [
            ("", "service"), ("dur", "duration"), ("http.re", "http.response.status_code"), ("kind=", "kind=server"),
            ("kind=c", "kind=client"), ("error and status=", "error and status=error"),
            ("kind=server ", "kind=server and "),
            ("(kind=server and na", "(kind=server and name"), ("not ", "not duration"), ("duration>", "duration>500ms"),
        ]
    )
    func completion(text: String, expected: String) {
        #expect(FilterCompletion.candidates(after: text).contains(expected))
    }
}
