extension PageAssets {
    /// What is different in the selected part: per value of an attribute, its share inside and outside the
    /// selection.
    static let differencesScript = #"""
        import { element, make, grouped, counted, quoted, readable } from "./page.js";
        import { selection, isKey, filters } from "./state.js";
        import { get } from "./api.js";
        import { bar, filterLink, share } from "./parts.js";

        const shownRows = 8;

        export const startDifferences = () => {
          const box = element("differences");
          let isWhole = false;

          const rowOf = ({ key, value, insideShare, outsideShare, insideCount, outsideCount }) => {
            const text = readable(`${key} = ${String(value).slice(0, 300)}`), condition = isKey(key) ? `${key}=${quoted(String(value))}` : null;
            const pair = (name, fraction, count) => make("div", { class: "pair" }, bar(fraction, name), make("span", { class: "n" }, share(fraction)), make("small", { class: "n" }, grouped(count)));
            return make("li", {}, make("div", { class: "what", title: text }, condition ? filterLink(condition, text, "Show only these") : text),
              make("div", { class: "shares" }, pair("inside", insideShare, insideCount), pair("outside", outsideShare, outsideCount)));
          };
          const show = answer => {
            const { inside, outside, rows, fewest = 20 } = answer, title = make("h2", {}, "What is different");
            const legend = make("p", { class: "quiet legend-line" }, make("i", { class: "inside" }), `selected: ${counted(inside, "trace")} `, make("i", { class: "outside" }), `others: ${counted(outside, "trace")}`);
            const told = rows.filter(row => Math.abs(row.insideShare - row.outsideShare) >= 0.02);
            let content;
            if (inside < fewest || outside < fewest) content = [make("p", { class: "quiet" }, `At least ${fewest} traces inside and outside of the selection are needed to compare them.`)];
            else if (!told.length) content = [make("p", { class: "quiet" }, "No attribute is more frequent in the selection than outside.")];
            else {
              const list = make("ol", {}, ...told.slice(0, isWhole ? 60 : shownRows).map(rowOf));
              const more = make("button", { type: "button", class: "more" }, `Show all ${grouped(told.length)}`);
              more.hidden = isWhole || told.length <= shownRows;
              more.onclick = () => { isWhole = true; show(answer); };
              content = [list, more];
            }
            box.replaceChildren(title, legend, ...content);
            box.hidden = false;
          };
          const refresh = async signal => {
            const one = selection();
            element("overview-panel").classList.toggle("has-differences", Boolean(one));
            if (!one) { box.hidden = true; isWhole = false; return; }
            const answer = await get("/api/differences", {
              ...filters({ withSelection: false }), selFrom: one.from, selTo: one.to, selMin: Math.floor(one.min), selMax: Math.ceil(one.max),
            }, signal);
            if (!signal.aborted) show(answer);
          };
          return { refresh };
        };

        """#
}
