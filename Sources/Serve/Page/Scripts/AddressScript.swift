extension PageAssets {
    /// What is shown is in the address, so that every view is a link and Back works: #/traces?q=…&from=…&to=…&sel=…
    static let addressScript = #"""
        const shared = ["q", "from", "to", "sel"];

        export const state = { parts: ["traces"], params: new URLSearchParams() };

        export const read = () => {
          const [path, query = ""] = splitOnce(location.hash.replace(/^#\/?/, ""), "?");
          state.parts = path.split("/").map(decode).filter(Boolean);
          if (!state.parts.length) state.parts = ["traces"];
          state.params = new URLSearchParams(query);
        };
        const splitOnce = (text, mark) => {
          const place = text.indexOf(mark);
          return place < 0 ? [text] : [text.slice(0, place), text.slice(place + 1)];
        };
        const decode = text => { try { return decodeURIComponent(text); } catch { return text; } };

        // The address of a view. The filter, the times and the selection stay unless `changes` says otherwise; an empty value removes one.
        export const address = (parts, changes = {}) => {
          const params = new URLSearchParams();
          for (const key of shared) if (state.params.get(key)) params.set(key, state.params.get(key));
          return join(parts, params, changes);
        };
        // The address of the same view with changes.
        export const changed = changes => join(state.parts, new URLSearchParams(state.params), changes);
        const join = (parts, params, changes) => {
          for (const [key, value] of Object.entries(changes)) {
            if (value === "" || value === null || value === undefined) params.delete(key); else params.set(key, value);
          }
          const query = String(params);
          return "#/" + parts.map(encodeURIComponent).join("/") + (query ? "?" + query : "");
        };

        const listeners = [];
        export const onRoute = listener => listeners.push(listener);
        export const route = () => { read(); for (const listener of listeners) listener(); };
        export const go = (hash, { replace = false } = {}) => {
          if (hash === location.hash) return;
          history[replace ? "replaceState" : "pushState"](null, "", hash);
          route();
        };

        // The selected part of the heat map: times as BigInt, durations in nanoseconds; null without a selection.
        export const selection = () => {
          const [from, to, min, max] = (state.params.get("sel") ?? "").split(",");
          if (!/^\d+$/.test(from) || !/^\d+$/.test(to) || !(Number(max) > 0)) return null;
          return { from: BigInt(from), to: BigInt(to), min: Number(min) || 0, max: Number(max) };
        };
        export const selectionText = one => one ? [one.from, one.to, Math.floor(one.min), Math.ceil(one.max)].join(",") : "";

        // The filter, the times and the selection as parameters of the API.
        export const filters = ({ withSelection = true } = {}) => {
          const result = { q: state.params.get("q"), from: state.params.get("from"), to: state.params.get("to") };
          const selected = withSelection ? selection() : null;
          return selected ? { ...result, from: String(selected.from), to: String(selected.to), min: selected.min, max: selected.max } : result;
        };
        export const isFiltered = () => shared.some(key => state.params.get(key));
        export const addCondition = condition => {
          const query = state.params.get("q")?.trim() ?? "";
          if (query.includes(condition)) return query;
          return query ? `${/\bor\b/i.test(query) ? `(${query})` : query} and ${condition}` : condition;
        };
        // A key that is no single word cannot be in a filter.
        export const isKey = key => /^[^\s()"'=<>!~&|]+$/.test(key) && !["and", "or", "not"].includes(key.toLowerCase());
        // Writes what is shown into the address without showing it again.
        export const note = changes => {
          const hash = changed(changes);
          if (hash === location.hash) return;
          history.replaceState(null, "", hash);
          read();
        };

        """#
}
