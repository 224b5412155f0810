extension PageAssets {
    /// Two traces by path of names, or two groups of spans by operation.
    static let compareScript = #"""
        import { make, time, grouped, counted, readable } from "./page.js";
        import { state, address, changed, go } from "./state.js";
        import { get } from "./api.js";
        import { answerView, bar, emptyState, momentOf, serviceLabel, share, sortableTable } from "./parts.js";

        const signed = nanoseconds => nanoseconds === 0 ? "0" : (nanoseconds > 0 ? "+" : "−") + time(Math.abs(Math.round(nanoseconds)));
        const signedShare = fraction => fraction === null || fraction === undefined ? "–" : (fraction >= 0 ? "+" : "−") + share(Math.abs(fraction));

        const traceCard = (letter, one) => make("div", { class: "card" }, make("b", { class: "letter" }, letter), make("a", { href: address(["trace", one.trace]) }, readable((one.root ?? "").slice(0, 200)) || "(root span not here)"),
          make("p", { class: "quiet" }, `${momentOf(one.start)} · ${time(one.duration)} · ${counted(one.spans, "span")} · ${one.errors ? counted(one.errors, "error") : "no errors"}`));

        const compareTraces = box => {
          const [, a, b] = state.parts, body = make("tbody");
          const table = make("table", { class: "data", "aria-label": "Spans of both traces by path of names" }, make("thead", {}, make("tr", {},
            ...["Span", "A runs", "A time", "B runs", "B time", "B − A"].map((text, place) => make("th", { scope: "col", ...place ? { class: "n" } : {} }, text)), make("th", { scope: "col" }, make("span", { class: "hidden" }, "Difference as a bar")))), body);
          const swap = make("a", { class: "button", href: address(["compare", b, a]) }, "Swap A and B");
          const only = make("input", { type: "checkbox" }), cards = make("div", { class: "cards" });
          const content = make("div", { class: "padded compare" }, make("h2", {}, "Two traces"), cards, make("div", { class: "tools" }, swap, make("label", {}, only, " only what differs by more than 1 % of the longer trace")), make("div", { class: "scroll" }, table));
          let answer = null;
          const sideCells = side => side.count ? [make("td", { class: "n" }, grouped(side.count), side.errors ? make("span", { class: "bad" }, ` × ${grouped(side.errors)}`) : ""), make("td", { class: "n" }, time(side.duration))]
            : [make("td", { class: "n quiet" }, "–"), make("td", { class: "n quiet" }, "not there")];
          const draw = () => {
            const longest = Math.max(1, answer.a.duration, answer.b.duration), most = Math.max(1, ...answer.rows.map(row => Math.abs(row.b.duration - row.a.duration)));
            const isShown = row => !only.checked || Math.abs(row.b.duration - row.a.duration) > longest / 100 || !row.a.count !== !row.b.count;
            body.replaceChildren(...answer.rows.filter(isShown).slice(0, 2000).map(row => {
              const difference = row.b.duration - row.a.duration, name = make("td", { class: "wide", title: readable(row.path.map(one => one.slice(0, 200)).join(" › ").slice(0, 2000)) }, readable(row.path.at(-1).slice(0, 300)) || "(no name)");
              name.style.paddingLeft = Math.min(row.path.length - 1, 24) * 14 + 8 + "px";
              const direction = difference > 0 ? "slower" : "faster";
              return make("tr", { class: !row.a.count ? "added" : !row.b.count ? "removed" : "" }, name, ...sideCells(row.a), ...sideCells(row.b),
                make("td", { class: "n " + (difference > 0 ? "bad" : difference < 0 ? "good" : "quiet") }, signed(difference)), make("td", { class: "bar-cell" }, bar(Math.abs(difference) / most, direction)));
            }));
          };
          only.onchange = () => { if (answer) draw(); };
          return answerView(box, signal => get("/api/compare", { a, b }, signal), one => {
            answer = one;
            cards.replaceChildren(traceCard("A", one.a), traceCard("B", one.b));
            if (!content.isConnected) box.replaceChildren(content);
            draw();
          });
        };

        const verdicts = {
          slower: "slower", faster: "faster", tail_slower: "slower at p95", tail_faster: "faster at p95", no_change: "no clear change", too_few_runs: "too few runs", added: "only after", removed: "only before",
        };
        const sides = ["before", "after"], keys = ["From", "To", "Min", "Max"];

        const compareSets = box => {
          const form = make("form", { class: "compare-form" });
          const fields = {};
          const range = side => {
            const [from, to] = [state.params.get(side + "From"), state.params.get(side + "To")], text = value => /^\d+$/.test(value ?? "") ? momentOf(value) : value ? `${value} ago` : "";
            return from || to ? `${text(from) || "the start"} – ${text(to) || "now"}` : "all times";
          };
          for (const side of sides) {
            fields[side] = make("input", { type: "search", spellcheck: "false", value: state.params.get(side) ?? "", placeholder: "all traces" });
            form.append(make("label", {}, make("span", {}, side === "before" ? "Before" : "After"), fields[side], make("small", { class: "quiet" }, range(side))));
          }
          form.append(make("button", {}, "Compare"));
          form.addEventListener("submit", event => { event.preventDefault(); go(changed({ before: fields.before.value.trim(), after: fields.after.value.trim() })); });
          const table = sortableTable({
            label: "Operations before and after", order: "impact",
            columns: [
              { key: "name", title: "Operation", class: "wide", value: row => row.name, cell: row => readable(row.name.slice(0, 300)) },
              { key: "service", title: "Service", value: row => row.service ?? "", cell: row => serviceLabel(row.service) },
              { key: "verdict", title: "Verdict", value: row => row.verdict, cell: row => make("span", { class: /slower/.test(row.verdict) ? "bad" : /faster/.test(row.verdict) ? "good" : "quiet" }, verdicts[row.verdict] ?? row.verdict) },
              { key: "mean", title: "Mean", number: true, value: row => row.mean_change, cell: row => signedShare(row.mean_change) },
              { key: "p50", title: "p50", number: true, value: row => row.p50_change, cell: row => signedShare(row.p50_change) },
              { key: "p95", title: "p95", number: true, value: row => row.p95_change, cell: row => signedShare(row.p95_change) },
              { key: "impact", title: "Impact", number: true, hint: "Time that the change adds to the runs after", value: row => Math.abs(row.impact_ns), cell: row => signed(row.impact_ns) },
              { key: "chance", title: "Chance", number: true, hint: "Probability of such a difference without a change", value: row => row.chance_fraction, cell: row => share(row.chance_fraction) },
              { key: "runs", title: "Runs", number: true, value: row => row.count_after, cell: row => `${grouped(row.count_before)} → ${grouped(row.count_after)}` },
            ],
          });
          const result = make("div"), content = make("div", { class: "padded compare" }, make("h2", {}, "Two groups of spans"), make("p", { class: "quiet" }, "Each side is a filter that selects spans, such as service=web or version=2. Or select a part of the heat map."), form, result);
          box.append(content);
          const params = () => Object.fromEntries(sides.flatMap(side => [side, ...keys.map(key => side + key)]).map(key => [key, state.params.get(key)]));
          const isAsked = () => sides.some(side => state.params.get(side) || state.params.get(side + "From"));
          return answerView(result, async signal => isAsked() ? get("/api/compare", { ...params(), before: state.params.get("before") ?? "", after: state.params.get("after") ?? "" }, signal) : null, answer => {
            if (!answer) { result.replaceChildren(); return; }
            result.replaceChildren(answer.rows.length ? table.box : emptyState("Nothing to compare", make("p", {}, "No operation is in both groups.")));
            table.draw(answer.rows);
          });
        };

        export const compareView = box => {
          const opened = JSON.stringify([state.parts, [...state.params]]);
          const view = state.parts[1] && state.parts[2] ? compareTraces(box) : compareSets(box);
          return { ...view, follows: () => JSON.stringify([state.parts, [...state.params]]) === opened, back: () => address(["traces"]) };
        };

        """#
}
