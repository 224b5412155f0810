extension ReportAssets {
    /// Functions that all parts of the script use: elements, durations, counts and times as text, and lists that create
    /// only their visible rows.
    static let pageScript = #"""
        "use strict";
        const element = id => document.getElementById(id);

        // Texts become text nodes and attributes, never markup.
        const make = (tag, attributes = {}, ...children) => {
          const node = document.createElement(tag);
          for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
          node.append(...children);
          return node;
        };

        // Durations and counts look as in the tables, which Swift writes.
        const digits = value => value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : value.toFixed(0);
        const minutes = s => s < 3600 ? `${Math.floor(s / 60)} m ${s % 60} s` : `${Math.floor(s / 3600)} h ${Math.floor(s % 3600 / 60)} m`;
        const time = ns => ns < 1e3 ? `${ns} ns` : ns < 999.5e3 ? digits(ns / 1e3) + " µs" : ns < 999.5e6 ? digits(ns / 1e6) + " ms"
          : ns < 99.95e9 ? digits(ns / 1e9) + " s" : minutes(Math.round(ns / 1e9));
        const grouped = count => String(count).replace(/\B(?=(\d{3})+$)/g, " ");
        const counted = (count, one, many = one + "s") => `${grouped(count)} ${count === 1 ? one : many}`;

        // A text as it is written in a filter.
        const quoted = text => '"' + text.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t") + '"';

        // Control characters and those that reverse a line are shown as in the tables, which Swift writes. Values may have several lines.
        const readable = text => text.replace(/[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
        const readableLines = text => text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");

        // Long names would slow down the browser.
        const shortened = (text, most = 300) => text.length > most ? text.slice(0, most) + "…" : text;

        // Times with their zone; the exact time is in nanoseconds, which a Date cannot hold.
        const zone = { utc: false };
        const pad = (number, width = 2) => String(number).padStart(width, "0");
        const offset = minutes => (minutes < 0 ? "−" : "+") + pad(Math.floor(Math.abs(minutes) / 60)) + ":" + pad(Math.abs(minutes) % 60);
        const zoneName = date => zone.utc || date.getTimezoneOffset() === 0 ? "UTC" : "UTC" + offset(-date.getTimezoneOffset());
        const inZone = date => zone.utc ? date : new Date(date.getTime() - date.getTimezoneOffset() * 60000);
        const clock = (milliseconds, decimals) => {
          const text = inZone(new Date(milliseconds)).toISOString();
          return text.slice(0, 10) + " " + text.slice(11, decimals ? 20 + decimals : 19);
        };
        const moment = (milliseconds, decimals = 0) => clock(milliseconds, decimals) + " " + zoneName(new Date(milliseconds));

        // A column of times names the zone in its head, unless summer time began or ended in between.
        const showTimes = () => {
          for (const table of document.querySelectorAll("table")) {
            const times = [...table.querySelectorAll("time[data-ns]")];
            const zones = new Set(times.map(one => zoneName(new Date(Number(one.dataset.ns) / 1e6))));
            for (const one of times) {
              one.textContent = (zones.size > 1 ? moment : clock)(Number(one.dataset.ns) / 1e6, 0);
              const cell = table.tHead.rows[0].cells[one.parentElement.cellIndex], head = cell.querySelector("button") ?? cell;
              head.dataset.title ??= head.textContent;
              head.textContent = head.dataset.title + (zones.size > 1 ? "" : ` (${[...zones][0]})`);
            }
          }
        };

        // A box with a fixed height for each row. Only the rows in view are in the document.
        const virtualRows = (box, makeRow) => {
          const inner = box.firstElementChild;
          const drawn = new Map();
          let count = 0, waiting = false;
          const height = () => parseFloat(getComputedStyle(box).getPropertyValue("--row")) || 28;
          // Adds the rows that came into view, in order, and removes the others.
          const place = () => {
            waiting = false;
            if (!box.isConnected) return;
            const row = height();
            const first = Math.max(0, Math.floor(box.scrollTop / row) - 4);
            const last = Math.min(count, Math.ceil((box.scrollTop + box.clientHeight) / row) + 4);
            inner.style.height = count * row + "px";
            for (const [at, node] of drawn) if (at < first || at >= last) { node.remove(); drawn.delete(at); }
            let next = inner.firstChild;
            for (let at = first; at < last; at++) {
              const known = drawn.get(at), node = known ?? makeRow(at);
              node.style.top = at * row + "px";
              if (known) next = known.nextSibling; else { drawn.set(at, node); inner.insertBefore(node, next); }
            }
          };
          const draw = () => { drawn.clear(); inner.replaceChildren(); place(); };
          const soon = () => { if (!waiting) { waiting = true; requestAnimationFrame(place); } };
          box.addEventListener("scroll", soon);
          new ResizeObserver(soon).observe(box);
          const reveal = place => {
            const row = height(), top = place * row;
            if (top < box.scrollTop) box.scrollTop = top;
            if (top + row > box.scrollTop + box.clientHeight) box.scrollTop = top + row - box.clientHeight;
          };
          return { draw, reveal, resize: rows => { count = rows; draw(); }, page: () => Math.max(1, Math.floor(box.clientHeight / height()) - 1) };
        };

        // A canvas of the element's size, sharp on any display, and the colours of the style sheet.
        const canvasOf = canvas => {
          const ratio = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
          canvas.width = Math.max(1, Math.round(width * ratio));
          canvas.height = Math.max(1, Math.round(height * ratio));
          const context = canvas.getContext("2d");
          context.scale(ratio, ratio);
          const style = getComputedStyle(document.documentElement);
          return { context, width, height, colour: name => style.getPropertyValue("--" + name).trim(), font: getComputedStyle(canvas).fontFamily };
        };

        // Round steps for an axis: 1, 2 or 5 times a power of ten.
        const roundStep = span => {
          const power = 10 ** Math.floor(Math.log10(Math.max(span, 1e-9)));
          return power * [1, 2, 5, 10].find(factor => power * factor >= span);
        };
        const timeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800].map(s => s * 1e9);
        const timeStep = span => span < 1e9 ? roundStep(span) : timeSteps.find(step => step >= span) ?? roundStep(span / 86400e9) * 86400e9;
        // The multiples of a step in a range. They are counted, because adding a small step to a large number may not change it.
        const multiples = (from, to, step) => {
          const first = Math.ceil(from / step), count = Math.floor(to / step) - first + 1;
          return Array.from({ length: Math.min(Math.max(count, 0), 200) }, (_, place) => (first + place) * step);
        };
        // A time on an axis: all have one unit, and as many decimals as the step needs.
        const tickTime = (at, step, most) => {
          const isClock = most >= 60e9, [unit, name] = [[1e9, " s"], [1e6, " ms"], [1e3, " µs"], [1, " ns"]].find(([size]) => most >= size) ?? [1, " ns"];
          const decimals = Math.max(0, -Math.floor(Math.log10(step / unit) + 1e-9));
          if (at === 0 || !isClock) return at === 0 ? "0" : (at / unit).toFixed(decimals) + name;
          const scale = 10 ** decimals, count = Math.round(at / unit * scale), seconds = Math.floor(count / scale);
          const fraction = decimals ? "." + pad(count % scale, decimals) : "";
          return `${grouped(Math.floor(seconds / 3600))}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}${fraction}`;
        };
        """#
}
