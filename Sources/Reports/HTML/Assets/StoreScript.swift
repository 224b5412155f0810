extension ReportAssets {
    /// The traces' columns, which `PageData` writes, and where the spans of each trace and the attributes of each span begin.
    static let storeScript = #"""
        // What is selected: a trace, a span, and what the list is limited to.
        const view = { trace: -1, span: -1, shown: new Uint32Array(0), hits: null, notes: [], problem: "", brush: null };

        // The start of each element's part in a list of all parts, and the end of the last one.
        function starts(counts) {
          const result = new Uint32Array(counts.length + 1);
          for (let place = 0; place < counts.length; place++) result[place + 1] = result[place] + counts[place];
          return result;
        }

        function readStore(store) {
          store.origin = Number(store.origin);
          store.firstSpans = starts(store.traceSpans);
          store.firstPairs = starts(store.pairCounts);
          store.firstSteps = starts(store.stepCounts);
          store.firstEventPairs = starts(store.eventCounts);
          store.firstLinkPairs = starts(store.linkCounts);
          store.firstLogPairs = starts(store.logCounts);
          store.elementsOf = new Map(store.lists.map((pair, place) => [pair, store.listElements[place]]));
          store.traceCount = store.traceIDs.length;
          store.spanCount = store.names.length;
          return store;
        }

        const traceOfSpan = span => {
          let low = 0, high = store.traceCount;
          while (high - low > 1) {
            const middle = low + high >> 1;
            if (store.firstSpans[middle] <= span) low = middle; else high = middle;
          }
          return low;
        };
        const isFailed = span => (store.facts[span] & 1) !== 0;
        const isUnfinished = span => (store.facts[span] & 2) !== 0;
        const isUntimed = span => (store.facts[span] & 4) !== 0;
        const statuses = ["unset", "ok", "error"];
        const statusOf = span => statuses[store.facts[span] >> 3 & 3];
        const kinds = ["unspecified", "internal", "server", "client", "producer", "consumer"];
        const kindOf = span => kinds[store.facts[span] >> 5];
        const nameOf = span => readable(store.texts[store.names[span]]);
        const serviceNameOf = service => readable(store.texts[store.serviceTexts[service]]);
        const rootOf = trace => store.firstSpans[trace] + store.traceRoots[trace];
        const idOf = span => {
          const trace = traceOfSpan(span), place = (span - store.firstSpans[trace]) * 16;
          return store.ids[trace].slice(place, place + 16);
        };
        const startOf = trace => (store.origin + store.traceStarts[trace]) / 1e6;
        const hasStart = trace => store.traceStarts[trace] >= 0;
        const colourOf = service => store.serviceColours[service] < 0 ? "var(--quiet)" : `var(--s${store.serviceColours[service]})`;
        const pairOf = number => [readable(store.texts[store.pairs[number * 2]]), readableLines(store.texts[store.pairs[number * 2 + 1]])];

        // The first place in a sorted list of spans that is not below a span.
        const placeOf = (list, span) => {
          let low = 0, high = list.length;
          while (low < high) { const middle = low + high >> 1; if (list[middle] < span) low = middle + 1; else high = middle; }
          return low;
        };
        // The places of a span in a sorted list of spans, such as that of events: the first one, and the one after the last.
        const placesOf = (list, span) => [placeOf(list, span), placeOf(list, span + 1)];

        // How long the task of a span ran and waited, in nanoseconds and in the order of the names; null if it was not measured.
        const partNames = ["running", "queued for an actor", "queued for a thread", "suspended"];
        const partsOf = span => {
          const place = placeOf(store.partSpans, span);
          return store.partSpans[place] === span ? store.partTimes.slice(place * 4, place * 4 + 4) : null;
        };
        const sumOf = numbers => numbers.reduce((sum, number) => sum + number, 0);
        const shareOf = (part, parts) => {
          const percent = part / (sumOf(parts) || 1) * 100;
          return percent < 0.05 ? "<0.1 %" : percent.toFixed(1) + " %";
        };
        // The parts as text, without those that take less than a hundredth of the span.
        const partsText = parts => parts.map((part, place) => part > sumOf(parts) / 100 ? `${time(part)} ${partNames[place]}` : "").filter(Boolean).join(" + ");
        """#
}
