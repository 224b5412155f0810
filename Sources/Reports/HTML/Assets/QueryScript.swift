extension ReportAssets {
    /// The language of the search: the filters of `--where`, and texts that are searched everywhere.
    static let queryScript = #"""
        let keys = null;
        const isKey = text => {
          keys ??= new Set(store.pairs.filter((_, place) => place % 2 === 0).map(key => store.texts[key]));
          return keys.has(text);
        };
        const escapes = { n: "\n", t: "\t", '"': '"', "'": "'", "\\": "\\" };
        const advice = {
          "=~": "there are no regular expressions; ~ means contains", "!~": 'write "not FIELD ~ VALUE"', "!": 'write "not"',
        };
        const deepest = 100;

        // The spans that match a query, and notes about it. It is evaluated while it is parsed:
        // or = and { "or" and }; and = not { ["and"] not }; not = "not" not | "(" or ")" | TEXT | FIELD OPERATOR VALUE
        const evaluate = query => {
          const notes = [], texts = new Set();
          let next = 0, token = null;
          const fail = reason => { throw new SyntaxError(reason); };
          const take = pattern => {
            pattern.lastIndex = next;
            const parts = pattern.exec(query) ?? [""];
            next += parts[0].length;
            return parts;
          };
          const isKeyword = text => ["and", "or", "not"].includes(text.toLowerCase());
          // A word may contain an apostrophe and parentheses, as a call does.
          const takeWord = () => {
            let [text] = take(/[^\s()"'=<>!~&|][^\s()"=<>!~&|]*/y);
            for (let more = text; more && !isKeyword(text); text += more) [more] = take(/\([^\s()"'=<>!~&|]*\)[^\s()"=<>!~&|]*/y);
            return text;
          };
          // A quotation mark that is still open ends with the query.
          const takeQuoted = () => {
            const [whole, , content] = take(/(["'])((?:\\[^]|(?!\1)[^\\])*)(?:\1|\\?$)/y);
            if (!whole) fail(`${query[next]} has no meaning; write "and" or "or", or put text in quotation marks`);
            return content.replace(/\\([^])/g, (_, letter) => escapes[letter] ?? fail("after \\, expected a quotation mark, \\, n or t"));
          };
          const advance = () => {
            take(/\s+/y);
            const start = next, patterns = { sign: /[=<>!~]+/y, bracket: /[()]/y };
            if (next === query.length) { token = { kind: "end", start }; return; }
            for (const kind in patterns) {
              const [text] = take(patterns[kind]);
              if (text) { token = { kind, text, start }; return; }
            }
            const word = takeWord();
            token = word ? { kind: isKeyword(word) ? word.toLowerCase() : "word", text: word, start } : { kind: "quoted", text: takeQuoted(), start };
          };
          const skip = kind => { const isThere = token.kind === kind || token.kind === "bracket" && token.text === kind; if (isThere) advance(); return isThere; };
          const found = () => token.kind === "end" ? "the search ends" : `found ${query.slice(token.start, next)}`;
          const isText = () => token.kind === "word" || token.kind === "quoted";

          const either = depth => {
            const hits = both(depth);
            while (skip("or")) both(depth).forEach((hit, span) => { hits[span] |= hit; });
            return hits;
          };
          const both = depth => {
            const hits = negation(depth);
            while (skip("and") || isText() || token.kind === "not" || token.text === "(") negation(depth).forEach((hit, span) => { hits[span] &= hit; });
            return hits;
          };
          const negation = depth => {
            if (depth > deepest) fail(`more than ${deepest} levels of parentheses and "not"`);
            if (skip("not")) {
              const operand = token, hits = negation(depth + 1);
              if (texts.has(operand)) notes.push(`To find the text “not ${operand.text}”, put it in quotation marks.`);
              return hits.map(hit => 1 - hit);
            }
            if (!skip("(")) return condition();
            const hits = either(depth + 1);
            if (!skip(")")) fail(`expected ")", but ${found()}`);
            return hits;
          };
          const condition = () => {
            if (token.kind === "sign") fail(`${token.text} needs a name before it; ${token.text === "!" ? 'write "not"' : "put text in quotation marks"}`);
            if (!isText()) fail(`expected a text or a condition, but ${found()}`);
            const operand = token, { text, start } = operand, isBare = operand.kind === "word";
            advance();
            if (token.kind !== "sign") {
              if (isBare && text === "error") return fields.error.find("=", "true");
              texts.add(operand);
              return matchAnywhere(text);
            }
            const field = isBare && Object.hasOwn(fields, text) ? fields[text] : null;
            return !field && isBare && !isKey(text) && textWithOperator(text, start) || comparison(text, field);
          };
          // Text such as a URL contains operators; null if there are blanks or quotation marks.
          const textWithOperator = (text, start) => {
            const end = next;
            next = start;
            const [whole] = take(/[^\s()"']+/y);
            if (next < end || token.start !== start + text.length || /["']/.test(query[next] ?? "")) { next = end; return null; }
            advance();
            notes.push(`No span on the page has the attribute ${text}, so ${whole} is searched as text.`);
            return matchAnywhere(whole);
          };
          const comparison = (name, field) => {
            const sign = token.text, operator = sign === "==" ? "=" : sign;
            if (![...order, "~"].includes(operator)) fail(`${sign} is not an operator; ${advice[sign] ?? "expected one of = != < <= > >= ~"}`);
            if (field && !field.operators.includes(operator)) fail(`${name} cannot be compared with ${sign}, only with ${field.operators.join(" ")}`);
            advance();
            if (!isText()) fail(`expected a value after ${sign}, but ${found()}`);
            const value = token.text, isQuoted = token.kind === "quoted";
            advance();
            if (field) return field.find(operator, value);
            if (!isKey(name)) notes.push(`No span on the page has the attribute ${name}.`);
            const isOrder = "<>".includes(operator[0]);
            const isNumber = !isQuoted && operator !== "~" && isAmount(isOrder ? orderedAmountOf(value) : amountOf(value));
            if (!isQuoted && !isNumber && isOrder) {
              if (!Number.isNaN(nanoseconds(value))) fail("only duration is compared with a duration");
              if (/^[-+.\d]/.test(value)) fail(`expected a number such as 1000, 0.5 or 1e3; to compare texts, write "${value}" in quotation marks`);
            }
            return matchAttribute(name, operator, value, isNumber);
          };

          advance();
          if (token.kind === "end") return { hits: null, notes, problem: "" };
          const hits = either(0);
          if (token.kind !== "end") fail(token.text === ")" ? 'there is no "(" for this ")"' : `expected "and", "or" or the end, but ${found()}`);
          return { hits, notes, problem: "" };
        };
        const matchingSpans = query => {
          try { return evaluate(query); } catch (error) {
            if (error instanceof SyntaxError) return { hits: null, notes: [], problem: error.message };
            throw error;
          }
        };
        """#
}
