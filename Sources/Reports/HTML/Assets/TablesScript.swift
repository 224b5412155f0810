extension ReportAssets {
    /// Sorting and unfolding of tables, links from operations to traces, downloads and printing.
    static let tablesScript = #"""
        // Texts are first sorted upwards, numbers downwards.
        const sortTable = (table, head, column) => {
          const key = row => { const cell = row.cells[column], v = cell.dataset.v; return v === undefined ? cell.textContent : Number(v); };
          const isNumber = row => row.cells[column].dataset.v !== undefined;
          const earlier = head.getAttribute("aria-sort"), isUp = earlier ? earlier === "descending" : ![...table.tBodies[0].rows].some(isNumber);
          for (const other of table.querySelectorAll("th")) other.removeAttribute("aria-sort");
          head.setAttribute("aria-sort", isUp ? "ascending" : "descending");
          const rows = [...table.tBodies[0].rows].sort((a, b) => {
            const x = key(a), y = key(b);
            return (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y))) * (isUp ? 1 : -1);
          });
          table.tBodies[0].append(...rows);
        };

        const fewestRows = 15;
        const foldTable = table => {
          const count = table.tBodies[0].rows.length;
          if (count <= fewestRows + 3) return;
          const button = make("button", { type: "button", class: "more", "aria-expanded": "false" });
          const show = whole => {
            table.classList.toggle("folded", !whole);
            button.setAttribute("aria-expanded", String(whole));
            button.textContent = whole ? `Show the first ${fewestRows} rows` : `Show all ${grouped(count)} rows`;
          };
          button.onclick = () => show(table.classList.contains("folded"));
          show(false);
          table.parentElement.after(button);
        };

        for (const table of document.querySelectorAll("table.sortable")) {
          table.querySelectorAll("th").forEach((head, column) => {
            // The column of bars has the order of the column before it.
            if (head.querySelector(".hidden")) return;
            const button = make("button", { type: "button" });
            button.append(...head.childNodes);
            button.onclick = () => sortTable(table, head, column);
            head.append(button);
          });
          foldTable(table);
        }

        const offer = (id, type, text) => {
          const link = element(id);
          if (!link) return;
          // Made when it is needed, because it takes time.
          link.onclick = () => { link.href = URL.createObjectURL(new Blob([text()], { type })); };
        };
        const field = value => value === null ? "" : /[",\r\n]/.test(value) ? '"' + String(value).replaceAll('"', '""') + '"' : value;
        const operationsCSV = () => [Object.keys(data.operations[0] ?? {}), ...data.operations.map(Object.values)]
          .map(row => row.map(field).join(",") + "\n").join("");
        offer("save", "application/json", () => JSON.stringify(data, null, 1));
        offer("save-csv", "text/csv", operationsCSV);

        // What is folded is printed as well.
        let folded = [];
        addEventListener("beforeprint", () => {
          folded = [...document.querySelectorAll("details:not([open])")]; for (const one of folded) one.open = true;
        });
        addEventListener("afterprint", () => { for (const one of folded) one.open = false; folded = []; });
        """#
}
