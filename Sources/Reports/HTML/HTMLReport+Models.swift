/// What language models took: by model, by conversation, and the calls that stand out.
extension HTMLReport {
    func models(_ page: inout HTMLText) {
        guard !calls.isEmpty else { return }
        page.raw("<section id=\"models\"><h2>Language models</h2>")
        let report = ModelCallReport(calls, by: .model)
        page.table(report.listing, caption: "By model; those that read and wrote most first")
        let conversations = ModelCallReport(calls, by: .conversation, limit: 50)
        page.table(conversations.listing, caption: "By conversation; those that read and wrote most first")
        outliers(report.outlierLines, &page)
        for note in report.notes { page.element("p", note, "class=\"quiet\"") }
        page.raw("</section>")
    }

    private func outliers(_ lines: [String], _ page: inout HTMLText) {
        guard !lines.isEmpty else { return }
        page.element("h3", "Calls that stand out")
        page.raw("<ul class=\"caution\">")
        for line in lines { page.element("li", line) }
        page.raw("</ul>")
    }
}
