extension ReportAssets {
    /// Everything that is known about the selected span.
    static let detailsScript = #"""
        // The beginning of a long text, and the rest when it is asked for, because the browser needs long to break its lines.
        const longText = text => {
          if (text.length <= 5000) return [text];
          const node = document.createTextNode(text.slice(0, 5000) + "…"), button = make("button", { type: "button", class: "more" }, `Show all ${grouped(text.length)} characters`);
          button.onclick = () => { node.data = text; button.remove(); };
          return [node, button];
        };
        const rowOfPair = ([key, value], ...actions) => make("tr", {}, make("th", { scope: "row" }, shortened(key, 500)), make("td", {}, ...longText(value), ...actions));
        const rowOfNumber = number => {
          const [key, value] = [store.pairs[number * 2], store.pairs[number * 2 + 1]].map(text => store.texts[text]);
          return rowOfPair(pairOf(number), ...host.actionsOf(key, value, store.pairKinds[number]));
        };
        const tableOf = pairs => make("table", {}, ...pairs.map(pair => rowOfPair(pair)));
        // A list in parts, because the browser needs seconds for many thousand elements.
        const inParts = (box, [first, last], noun, makeNodes) => {
          const button = make("button", { type: "button", class: "more" });
          let next = first;
          const show = count => {
            const end = Math.min(next + count, last), nodes = [];
            for (; next < end; next++) nodes.push(...makeNodes(next));
            box.append(...nodes);
            button.hidden = next === last;
            button.textContent = `Show ${grouped(Math.min(1000, last - next))} more of ${counted(last - first, noun)}`;
          };
          button.onclick = () => show(1000);
          show(200);
          return [box, button];
        };
        const pairTable = (numbers, range) => inParts(make("table"), range, "attribute", place => [rowOfNumber(numbers[place])]);
        const part = (title, ...content) => [make("h4", {}, title), ...content];
        const lost = (count, noun) => count ? make("p", { class: "caution" }, `${counted(count, noun)} ${count === 1 ? "was" : "were"} dropped when the span was recorded.`) : "";

        const droppedOf = span => {
          const [place, end] = placesOf(store.dropped.filter((_, place) => place % 4 === 0), span);
          return place < end ? store.dropped.slice(place * 4 + 1, place * 4 + 4) : [0, 0, 0];
        };
        const factsOf = span => {
          const trace = traceOfSpan(span), began = startOf(trace) + store.starts[span] / 1e6, service = serviceNameOf(store.services[span]);
          const status = isFailed(span) ? "error" : statusOf(span);
          const facts = [
            ["service", service || "(no service)"], ["kind", kindOf(span)],
            ["status", isUnfinished(span) ? status + ", unfinished" : status],
          ];
          if (store.messages[span]) facts.push(["message", readableLines(store.texts[store.messages[span]])]);
          if (isUntimed(span)) facts.push(["start", "no start or no end"]); else facts.push(
            ["start", moment(began, 3)], ["after trace start", time(store.starts[span])], ["duration", time(store.durations[span])],
            ...(partsOf(span) ?? []).map((part, place, parts) => [partNames[place], part ? `${time(part)} (${shareOf(part, parts)})` : "0"]),
            ["self time", time(store.own[span])],
            ["critical path", store.critical[span] ? time(store.critical[span]) : "not on it"],
          );
          facts.push(["span id", idOf(span)]);
          const back = store.parents[span];
          facts.push(["parent", back ? nameOf(span - back) : "none in the trace"]);
          return facts;
        };
        const momentOf = (at, span) => {
          if (at === null) return "no time";
          if (isUntimed(span)) return "the span has no start or no end";
          const after = at - store.starts[span];
          return after < 0 ? `${time(-after)} before the span's start` : `${time(after)} after the span's start`;
        };
        const pairsOf = (numbers, firsts, place) => firsts[place] < firsts[place + 1] ? pairTable(numbers, [firsts[place], firsts[place + 1]]) : [];
        const eventPart = span => place => [
          make("p", {}, make("b", {}, shortened(readable(store.texts[store.eventNames[place]]), 500)), " ", make("small", { class: "quiet" }, momentOf(store.eventTimes[place], span))),
          ...pairsOf(store.eventPairs, store.firstEventPairs, place),
        ];
        // A record of the span, or of the trace if it belongs to no span.
        const logPart = span => place => {
          const event = shortened(readable(store.texts[store.logEvents[place]])), logger = shortened(readable(store.texts[store.logLoggers[place]]));
          const notes = [momentOf(store.logTimes[place], span), logger && `logger ${logger}`, store.logOutside[place] && "in no span of the trace"];
          const level = make("b", store.logSeverities[place] >= 17 ? { class: "bad" } : {}, shortened(readable(store.texts[store.logLevels[place]]), 40) || "no level");
          return [
            make("p", {}, level, " ", event && make("b", {}, event + " "), make("small", { class: "quiet" }, notes.filter(Boolean).join(", "))),
            make("p", { class: "body" }, ...longText(readableLines(store.texts[store.logBodies[place]]))),
            ...pairsOf(store.logPairs, store.firstLogPairs, place),
          ];
        };
        const linkPart = place => {
          const trace = store.linkIDs[place].slice(0, 32), span = store.linkIDs[place].slice(32), address = host.linkTo(trace, span);
          const target = address ? make("a", { href: address }, trace) : make("code", {}, trace);
          return [
            make("p", {}, "trace ", target, address ? "" : " (not on the page)", ", span ", make("code", {}, span)),
            ...pairsOf(store.linkPairs, store.firstLinkPairs, place),
          ];
        };

        const showDetails = span => {
          const box = element("details"), isOpen = span >= 0, inspect = element("inspect");
          // The ruler notices the new width and draws the waterfall again.
          inspect.classList.toggle("open", isOpen);
          if (!isOpen) {
            box.replaceChildren(make("p", { class: "quiet" }, "Select a span to see its attributes, events, log records and links."));
            return;
          }
          const attributes = [store.firstPairs[span], store.firstPairs[span + 1]], source = store.sourceLists[store.sources[span]];
          const events = placesOf(store.eventSpans, span), links = placesOf(store.linkSpans, span), logs = placesOf(store.logSpans, span), isAny = ([first, last]) => first < last;
          const [lostAttributes, lostEvents, lostLinks] = droppedOf(span);
          const title = make("h4", { class: "title" }, shortened(nameOf(span), 500));
          const content = [title, tableOf(factsOf(span))];
          if (isAny(attributes) || lostAttributes) content.push(...part("Attributes", ...pairTable(store.spanPairs, attributes), lost(lostAttributes, "attribute")));
          if (isAny(events) || lostEvents) content.push(...part("Events", ...inParts(make("div"), events, "event", eventPart(span)), lost(lostEvents, "event")));
          if (isAny(logs)) content.push(...part("Log records", ...inParts(make("div"), logs, "log record", logPart(span))));
          if (isAny(links) || lostLinks) content.push(...part("Links", ...inParts(make("div"), links, "link", linkPart), lost(lostLinks, "link")));
          // The list ends with the scope, the last attribute of which is its name.
          const scopeStart = source.length - store.scopeCounts[store.sources[span]];
          const sourcePart = (title, numbers) => numbers.length ? part(title, make("table", {}, ...numbers.map(number => rowOfNumber(number)))) : [];
          content.push(...sourcePart("Instrumentation scope", source.slice(scopeStart).reverse()), ...sourcePart("Resource", source.slice(0, scopeStart)));
          box.replaceChildren(...content.filter(one => one !== ""));
          box.scrollTop = 0;
        };
        """#
}
