extension ReportAssets {
    /// Everything that is known about the selected span.
    static let detailsScript = #"""
        const tableOf = pairs => make("table", {}, ...pairs.map(([key, value]) => make("tr", {}, make("th", { scope: "row" }, key), make("td", {}, value))));
        const part = (title, ...content) => [make("h4", {}, title), ...content];
        const lost = (count, noun) => count ? make("p", { class: "caution" }, `${counted(count, noun)} ${count === 1 ? "was" : "were"} dropped when the span was recorded.`) : "";

        const droppedOf = span => {
          const places = placesOf(store.dropped.filter((_, place) => place % 4 === 0), span);
          return places.length ? store.dropped.slice(places[0] * 4 + 1, places[0] * 4 + 4) : [0, 0, 0];
        };
        const factsOf = span => {
          const trace = traceOfSpan(span), began = startOf(trace) + store.starts[span] / 1e6, service = serviceNameOf(store.services[span]);
          const status = isFailed(span) ? "error" : statusOf(span);
          const facts = [
            ["service", service || "(no service)"], ["kind", kindOf(span)],
            ["status", isUnfinished(span) ? status + ", unfinished" : status],
          ];
          if (store.messages[span]) facts.push(["message", store.texts[store.messages[span]]]);
          if (isUntimed(span)) facts.push(["start", "no start or no end"]); else facts.push(
            ["start", moment(began, 3)], ["after trace start", time(store.starts[span])], ["duration", time(store.durations[span])],
            ["self time", time(store.own[span])],
            ["critical path", store.critical[span] ? time(store.critical[span]) : "not on it"],
          );
          facts.push(["span id", idOf(span)]);
          const back = store.parents[span];
          facts.push(["parent", back ? nameOf(span - back) : "none in the trace"]);
          return facts;
        };
        const eventPart = (event, span) => {
          const title = make("p", {}, make("b", {}, event.name), " ", make("small", { class: "quiet" }, `${time(Math.max(0, event.time - store.starts[span]))} after the span's start`));
          return [title, event.pairs.length ? tableOf(event.pairs) : ""];
        };
        const linkPart = link => {
          const isHere = store.traceIDs.includes(link.trace);
          const target = isHere ? make("a", { href: `#trace=${link.trace}&span=${link.span}` }, link.trace) : make("code", {}, link.trace);
          return [make("p", {}, "trace ", target, isHere ? "" : " (not on the page)", ", span ", make("code", {}, link.span)), link.pairs.length ? tableOf(link.pairs) : ""];
        };

        const showDetails = span => {
          const box = element("details"), isOpen = span >= 0, inspect = element("inspect");
          // The ruler notices the new width and draws the waterfall again.
          inspect.classList.toggle("open", isOpen);
          if (!isOpen) {
            box.replaceChildren(make("p", { class: "quiet" }, "Select a span to see its attributes, events and links."));
            return;
          }
          const attributes = attributesOf(span), events = eventsOf(span), links = linksOf(span), source = sourceOf(span);
          const [lostAttributes, lostEvents, lostLinks] = droppedOf(span);
          const title = make("h4", { class: "title" }, nameOf(span));
          const content = [title, tableOf(factsOf(span))];
          if (attributes.length || lostAttributes) content.push(...part("Attributes", tableOf(attributes), lost(lostAttributes, "attribute")));
          if (events.length || lostEvents) content.push(...part("Events", ...events.flatMap(event => eventPart(event, span)), lost(lostEvents, "event")));
          if (links.length || lostLinks) content.push(...part("Links", ...links.flatMap(linkPart), lost(lostLinks, "link")));
          if (source.length) content.push(...part("Resource", tableOf(source)));
          box.replaceChildren(...content.filter(one => one !== ""));
          box.scrollTop = 0;
        };
        """#
}
