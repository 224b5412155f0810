extension ReportAssets {
    /// The search for a text: which spans contain it anywhere.
    static let searchScript = #"""
        // All texts in lower case in one long text, so that one pass of the browser's own search finds every match.
        let lowered = null;
        const loweredTexts = () => {
          if (lowered) return lowered;
          const texts = store.texts.map(text => text.toLowerCase());
          lowered = { all: texts.join(""), firsts: starts(texts.map(text => text.length)) };
          return lowered;
        };

        // Which texts contain a text. Matches across the end of a text do not count.
        const textsContaining = wanted => {
          const { all, firsts } = loweredTexts(), hits = new Uint8Array(store.texts.length);
          let text = 0;
          for (let at = all.indexOf(wanted); at >= 0;) {
            while (firsts[text + 1] <= at) text++;
            const isInside = at + wanted.length <= firsts[text + 1];
            if (isInside) hits[text] = 1;
            at = all.indexOf(wanted, isInside ? firsts[text + 1] : at + 1);
          }
          return hits;
        };

        const spansWhere = test => {
          const hits = new Uint8Array(store.spanCount);
          for (let span = 0; span < hits.length; span++) if (test(span)) hits[span] = 1;
          return hits;
        };
        const tracesWhere = test => {
          const hits = new Uint8Array(store.spanCount);
          for (let trace = 0; trace < store.traceCount; trace++) {
            if (test(trace)) hits.fill(1, store.firstSpans[trace], store.firstSpans[trace + 1]);
          }
          return hits;
        };

        // Spans with an attribute whose number is marked: their own, of their resource, of their events, links or log records.
        const addSpansWithPairs = (marked, hits) => {
          const sources = store.sourceLists.map(list => list.some(pair => marked[pair]));
          const { spanPairs, firstPairs, eventPairs, firstEventPairs, linkPairs, firstLinkPairs, logPairs, firstLogPairs } = store;
          for (let span = 0; span < hits.length; span++) {
            if (hits[span]) continue;
            let hit = sources[store.sources[span]];
            for (let place = firstPairs[span]; !hit && place < firstPairs[span + 1]; place++) hit = marked[spanPairs[place]];
            if (hit) hits[span] = 1;
          }
          const attached = (spans, pairs, firsts) => spans.forEach((span, place) => {
            for (let pair = firsts[place]; pair < firsts[place + 1]; pair++) if (marked[pairs[pair]]) hits[span] = 1;
          });
          attached(store.eventSpans, eventPairs, firstEventPairs);
          attached(store.linkSpans, linkPairs, firstLinkPairs);
          attached(store.logSpans, logPairs, firstLogPairs);
          return hits;
        };
        const markPairs = test => {
          const marked = new Uint8Array(store.pairs.length / 2);
          for (let pair = 0; pair < marked.length; pair++) if (test(store.pairs[pair * 2], store.pairs[pair * 2 + 1])) marked[pair] = 1;
          return marked;
        };

        const matchIDs = (wanted, hits) => {
          if (!/^[0-9a-f]{4,32}$/.test(wanted)) return hits;
          for (let trace = 0; trace < store.traceCount; trace++) {
            const first = store.firstSpans[trace];
            if (store.traceIDs[trace].includes(wanted)) hits.fill(1, first, store.firstSpans[trace + 1]);
            else for (let at = store.ids[trace].indexOf(wanted); at >= 0; at = store.ids[trace].indexOf(wanted, at + 1)) {
              if (at % 16 + wanted.length <= 16) hits[first + Math.floor(at / 16)] = 1;
            }
          }
          return hits;
        };
        const matchAnywhere = text => {
          const wanted = text.toLowerCase(), texts = textsContaining(wanted);
          const services = store.serviceTexts.map(service => texts[service]);
          const hits = spansWhere(span => texts[store.names[span]] || services[store.services[span]] || texts[store.messages[span]]);
          store.eventSpans.forEach((span, place) => { if (texts[store.eventNames[place]]) hits[span] = 1; });
          store.logSpans.forEach((span, place) => {
            if (texts[store.logBodies[place]] || texts[store.logEvents[place]] || texts[store.logLoggers[place]]) hits[span] = 1;
          });
          addSpansWithPairs(markPairs((key, value) => texts[key] || texts[value]), hits);
          return matchIDs(wanted, hits);
        };
        """#
}
