/// What language models took: by model, by scenario or conversation, and the calls that stand out.
extension HTMLReport {
    var hasModels: Bool { !content.calls.isEmpty || results?.aggregate.models != nil }

    func models(_ page: inout HTMLText) {
        guard hasModels else { return }
        page.raw("<section id=\"models\"><h2>Language models</h2>")
        if let results, let uses = results.aggregate.models {
            page.table(
                ModelUseTable.listing(uses),
                caption: "By model; tokens as the provider counts them, times as measured"
            )
            let scenarios = results.scenarios.compactMap {
                ModelUse.total(named: $0.scenario.title, of: $0.scenario.messages)
            }
            page.table(
                ModelUseTable.listing(scenarios, of: "Scenario"),
                caption: "By scenario; each is one conversation"
            )
            outliers((results.aggregate.modelOutliers ?? []).map(ModelUseTable.line(of:)), &page)
            for note in ModelUseTable.notes(uses) { page.element("p", note, "class=\"quiet\"") }
        } else {
            let report = ModelCallReport(content.calls, by: .model)
            page.table(report.listing, caption: "By model; those that read and wrote most first")
            let conversations = ModelCallReport(content.calls, by: .conversation, limit: 50)
            page.table(conversations.listing, caption: "By conversation; those that read and wrote most first")
            outliers(report.outlierLines, &page)
            for note in report.notes { page.element("p", note, "class=\"quiet\"") }
        }
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
