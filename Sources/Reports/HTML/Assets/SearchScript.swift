extension ReportAssets {
    /// The search: which spans match all terms of a query.
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
        const textsEqual = (wanted, negated) => {
          const hits = new Uint8Array(store.texts.length);
          store.texts.forEach((text, number) => { if ((text === wanted) !== negated) hits[number] = 1; });
          return hits;
        };
        const number = text => text.trim() === "" ? NaN : Number(text);
        const compare = { "<": (a, b) => a < b, ">": (a, b) => a > b, "<=": (a, b) => a <= b, ">=": (a, b) => a >= b };
        const textsWhere = (operator, value) => {
          if (operator === "~") return textsContaining(value.toLowerCase());
          if (operator === "=" || operator === "!=") return textsEqual(value, operator === "!=");
          const limit = number(value), test = compare[operator];
          return Uint8Array.from(store.texts, text => test(number(text), limit) ? 1 : 0);
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

        // Spans with an attribute whose number is marked: their own, of their resource, of their events or links.
        const addSpansWithPairs = (marked, hits) => {
          const sources = store.sourceLists.map(list => list.some(pair => marked[pair]));
          const { spanPairs, firstPairs, eventPairs, firstEventPairs, linkPairs, firstLinkPairs } = store;
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
          addSpansWithPairs(markPairs((key, value) => texts[key] || texts[value]), hits);
          return matchIDs(wanted, hits);
        };

        const units = { "": 1, ns: 1, us: 1e3, "µs": 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
        const nanoseconds = text => {
          const parts = /^([\d.]+)\s*(ns|us|µs|ms|s|m|h)?$/.exec(text);
          return parts ? Number(parts[1]) * units[parts[2] ?? ""] : NaN;
        };
        const words = (operator, value) => text => operator === "~" ? text.toLowerCase().includes(value.toLowerCase())
          : (text === value) !== (operator === "!=");
        const fields = {
          name: (operator, value) => { const texts = textsWhere(operator, value); return spansWhere(span => texts[store.names[span]]); },
          service: (operator, value) => {
            const texts = textsWhere(operator, value), services = store.serviceTexts.map(service => texts[service]);
            return spansWhere(span => services[store.services[span]]);
          },
          kind: (operator, value) => { const test = words(operator, value); return spansWhere(span => test(kindOf(span))); },
          status: (operator, value) => {
            const test = words(operator, value);
            return spansWhere(span => test(isFailed(span) ? "error" : statusOf(span)));
          },
          trace: (operator, value) => {
            const isSame = id => operator === "=" ? id.startsWith(value) : words(operator, value)(id);
            return tracesWhere(trace => isSame(store.traceIDs[trace]));
          },
          span: (operator, value) => { const test = words(operator, value); return spansWhere(span => test(idOf(span))); },
          duration: (operator, value) => {
            const limit = nanoseconds(value), test = compare[operator] ?? ((a, b) => (a === b) !== (operator === "!="));
            return spansWhere(span => !isUntimed(span) && test(store.durations[span], limit));
          },
        };
        const matchAttribute = (key, operator, value) => {
          const values = textsWhere(operator, value), keys = textsEqual(key, false);
          return addSpansWithPairs(markPairs((k, v) => keys[k] && values[v]), new Uint8Array(store.spanCount));
        };

        // Text such as a URL that contains an operator is no condition unless an attribute has the name.
        let keys = null;
        const isKey = text => {
          keys ??= new Set(store.pairs.filter((_, place) => place % 2 === 0).map(key => store.texts[key]));
          return keys.has(text);
        };

        const unquoted = text => text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, "$1") : text;
        const termPattern = /(?:([^\s"=<>!~]+)(!=|>=|<=|=|~|>|<))?("(?:[^"\\]|\\.)*"|\S+)/g;
        const terms = query => [...query.matchAll(termPattern)].filter(term => term[1] || term[0].toLowerCase() !== "and")
          .map(([term, key, operator, value]) => key && !Object.hasOwn(fields, key) && !isKey(key)
            ? { value: unquoted(term) } : { key, operator, value: unquoted(value) });

        // Which spans match all terms; null if there are no terms.
        const matchingSpans = query => {
          let all = null;
          for (const { key, operator, value } of terms(query)) {
            const hits = !key ? matchAnywhere(value) : Object.hasOwn(fields, key) ? fields[key](operator, value)
              : matchAttribute(key, operator, value);
            if (all) for (let span = 0; span < all.length; span++) all[span] &= hits[span]; else all = hits;
          }
          return all;
        };
        """#
}
