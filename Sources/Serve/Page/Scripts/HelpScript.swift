extension PageAssets {
    /// The dialog with the keys and the filter language.
    static let helpScript = #"""
        import { element, make } from "./page.js";

        const everywhere = [["/", "filter, or search in the trace"], ["1 – 8", "the views"], ["Space", "pause and resume"], ["Escape", "clear: the selected span, the zoom, the selection"], ["?", "this help"]];
        const lists = [["↑ ↓, j k", "previous, next row"], ["Enter", "open the trace"], ["c", "mark a trace to compare it"], ["e", "next trace with errors"]];
        const trace = [
          ["↑ ↓", "previous, next span"], ["← →", "fold, unfold the span"], ["Enter, f", "zoom to the span"], ["+ − 0", "zoom in, zoom out, whole trace"], ["W S, A D", "zoom, move (by place of the keys)"],
          ["Shift ← →", "move the zoomed window"], ["n N", "next, previous match"], ["e E", "next, previous error"], ["c", "critical path only"], ["l", "show or hide log records"], ["y", "copy the link"],
        ];
        const queries = [
          ["\"card declined\"", "a name, attribute, event or message contains it"], ["service=checkout", "= != ~ (contains) < <= > >=; also for name, kind, status, trace, span"], ["duration>500ms", "ns, us, ms, s, m, h, d"],
          ["http.response.status_code>=500", "an attribute"], ["error", "spans that failed"], ["service=checkout and (error or duration>2s) and not name~health", "and, or, not, parentheses"],
        ];
        const table = rows => make("dl", {}, ...rows.flatMap(([term, meaning]) => [make("dt", {}, term), make("dd", {}, meaning)]));

        export const showHelp = view => {
          const close = make("button", {}, "Close");
          element("help").replaceChildren(make("h3", { id: "help-title" }, "Keys"), table([...everywhere, ...view === "trace" ? trace : lists]), make("h3", {}, "Filter"), table(queries),
            make("p", { class: "quiet" }, "The same filter works in a terminal: spankit top --server --where 'error'"), make("form", { method: "dialog" }, close));
          element("help").showModal();
          close.focus();
        };

        """#
}
