extension ReportAssets {
    /// Conditions of the search: which spans have a field or an attribute with a value. They are the same as in
    /// `SpanFilter`.
    static let conditionScript = #"""
        // Whether a comparison is true for two values in this order: negative, 0, positive, or NaN if they cannot be ordered.
        const accepts = {
          "=": order => order === 0, "!=": order => order !== 0, "<": order => order < 0, "<=": order => order <= 0,
          ">": order => order > 0, ">=": order => order >= 0,
        };
        const orderOf = (a, b) => a == b ? 0 : a < b ? -1 : a > b ? 1 : NaN;
        // Texts have the order of their bytes in UTF-8. UTF-16 has another one for surrogates.
        const inUTF8 = unit => unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
        const orderOfTexts = (a, b) => {
          const end = Math.min(a.length, b.length);
          let at = 0;
          while (at < end && a[at] === b[at]) at++;
          return at < end ? inUTF8(a.charCodeAt(at)) - inUTF8(b.charCodeAt(at)) : a.length - b.length;
        };
        const compareTexts = (text, operator, value) => operator === "~" ? text.includes(value)
          : operator === "=" ? text === value : accepts[operator](orderOfTexts(text, value));

        // A decimal number as it is written, exactly; NaN for any other text. This and `orderedAmountOf` are those of `FilterNumber`.
        const amountOf = text => {
          const [, whole, fraction = ""] = /^(-?\d+)(?:\.(\d+))?$/.exec(text) ?? [];
          if (whole === undefined) return NaN;
          if (/[^0]/.test(fraction)) return text.replace("-", "").length <= 16 ? Number(text) : NaN;
          if (whole.length <= 15) return Number(whole);
          return BigInt.asIntN(64, BigInt(whole)) === BigInt(whole) ? BigInt(whole) : NaN;
        };
        const isAmount = amount => !Number.isNaN(orderOf(amount, 0));
        // After < and >, a sign, an exponent and a decimal point at the start cannot be parts of an id.
        const orderedAmountOf = text => {
          const amount = amountOf(text);
          if (isAmount(amount)) return amount;
          const [, sign, whole, fraction = "", exponent = "0"] = /^([+-]?)(\d*)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
          if (!sign && !whole && !fraction || Math.abs(exponent) > 400 || !(whole + fraction)) return NaN;
          const digits = (whole + fraction).replace(/^0+/, ""), kept = digits.replace(/0+$/, "");
          const scale = Number(exponent) - fraction.length + digits.length - kept.length, minus = sign === "-" ? "-" : "";
          if (!kept) return 0;
          if (scale >= 0 && scale <= 18) {
            const number = BigInt(minus + kept + "0".repeat(scale));
            if (BigInt.asIntN(64, number) === number) return number;
          }
          const number = Number(`${minus}${kept}e${scale}`);
          return kept.length <= 15 && Number.isFinite(number) ? number : NaN;
        };
        const amountOfDouble = text => text === "inf" ? Infinity : text === "-inf" ? -Infinity : Number(text);

        // Whether a comparison is true for an attribute. Its type decides, so 5 is less than 10, and the text "5" is not.
        const comparePair = (pair, operator, value, isNumber) => {
          if (operator === "!=") return !comparePair(pair, "=", value, isNumber);
          const text = store.texts[store.pairs[pair * 2 + 1]], kind = store.pairKinds[pair];
          const compareAmounts = amount => accepts[operator](orderOf(amount, orderedAmountOf(value)));
          if (kind === "a") return store.elementsOf.get(pair).some(element => comparePair(element, operator, value, isNumber));
          if (operator === "~") return "sidb".includes(kind) && text.includes(value);
          if (kind === "i") return compareAmounts(amountOf(text));
          if (kind === "d") return compareAmounts(amountOfDouble(text));
          if (kind === "b") return !isNumber && operator === "=" && text === value;
          if (kind === "s" && isNumber) return operator === "=" && text === value
            || compareAmounts(operator === "=" ? amountOf(text) : orderedAmountOf(text));
          return kind === "s" && compareTexts(text, operator, value);
        };

        // The spans with an attribute: their own or else of their resource, or else of their events, links or log records. Null is no value.
        const matchAttribute = (key, operator, value, isNumber) => {
          const states = new Uint8Array(store.pairs.length / 2), absent = 0, isFalse = 1, isTrue = 2;
          for (let pair = 0; pair < states.length; pair++) {
            if (store.texts[store.pairs[pair * 2]] !== key || store.pairKinds[pair] === "n") continue;
            states[pair] = comparePair(pair, operator, value, isNumber) ? isTrue : isFalse;
          }
          const sources = store.sourceLists.map(list => list.reduce((last, pair) => states[pair] || last, absent));
          const found = new Uint8Array(store.spanCount), attached = new Uint8Array(store.spanCount);
          const add = (spans, pairs, firsts) => spans.forEach((span, place) => {
            for (let at = firsts[place]; at < firsts[place + 1]; at++) attached[span] = Math.max(attached[span], states[pairs[at]]);
          });
          add(store.eventSpans, store.eventPairs, store.firstEventPairs);
          add(store.linkSpans, store.linkPairs, store.firstLinkPairs);
          add(store.logSpans, store.logPairs, store.firstLogPairs);
          for (let span = 0; span < found.length; span++) {
            let state = absent;
            for (let at = store.firstPairs[span]; at < store.firstPairs[span + 1]; at++) state = states[store.spanPairs[at]] || state;
            found[span] = (state || sources[store.sources[span]] || attached[span]) === isTrue ? 1 : 0;
          }
          return found;
        };

        const order = ["=", "!=", "<", "<=", ">", ">="];
        const unitPattern = /(\d+)(\.\d+)? *(ns|µs|μs|us|ms|s|m|h|d)/y;
        const units = { ns: 1, "µs": 1e3, "μs": 1e3, us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9, d: 86400e9 };
        const nanoseconds = text => {
          let sum = text === "" ? NaN : 0;
          for (unitPattern.lastIndex = 0; unitPattern.lastIndex < text.length;) {
            const [, whole, fraction = "", unit] = unitPattern.exec(text) ?? [];
            if (!unit) return NaN;
            sum += Number(whole) * units[unit] + Math.round(Number("0" + fraction) * units[unit]);
          }
          return sum;
        };
        const oneOf = (names, text) => {
          if (!names.includes(text)) throw new SyntaxError(`expected one of ${names.join(", ")}, but found "${text}"`);
          return text;
        };
        const isSame = (operator, holds) => holds === (operator === "=");
        const textField = textOf => ({
          operators: [...order, "~"],
          find: (operator, value) => {
            const results = new Map();
            return spansWhere(span => {
              const number = textOf(span);
              if (!results.has(number)) results.set(number, compareTexts(store.texts[number], operator, value));
              return results.get(number);
            });
          },
        });
        const idField = (find, idOf) => ({
          operators: ["=", "!=", "~"],
          find: (operator, value) => {
            const wanted = value.toLowerCase();
            return find(one => operator === "~" ? idOf(one).includes(wanted) : isSame(operator, idOf(one).startsWith(wanted)));
          },
        });
        const spanStatusOf = span => isFailed(span) ? "error" : statusOf(span);
        const fields = {
          name: textField(span => store.names[span]),
          service: textField(span => store.serviceTexts[store.services[span]]),
          kind: { operators: ["=", "!="], find: (operator, value) => {
            const kind = oneOf(kinds, value.toLowerCase().replace("span_kind_", ""));
            return spansWhere(span => isSame(operator, kindOf(span) === kind));
          } },
          status: { operators: ["=", "!="], find: (operator, value) => {
            const status = oneOf(statuses, value.toLowerCase());
            return spansWhere(span => isSame(operator, spanStatusOf(span) === status));
          } },
          error: { operators: ["=", "!="], find: (operator, value) => {
            const truth = oneOf(["true", "false"], value.toLowerCase()) === "true";
            return spansWhere(span => isSame(operator, isFailed(span) === truth));
          } },
          duration: { operators: order, find: (operator, value) => {
            const limit = nanoseconds(value);
            if (Number.isNaN(limit)) throw new SyntaxError(`expected a duration with a unit, such as 500ms or 1.5s, but found "${value}"`);
            return spansWhere(span => !isUntimed(span) && accepts[operator](orderOf(store.durations[span], limit)));
          } },
          trace: idField(tracesWhere, trace => store.traceIDs[trace]),
          span: idField(spansWhere, idOf),
        };
        """#
}
