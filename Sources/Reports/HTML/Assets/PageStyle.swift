extension ReportAssets {
    /// Colours, tables, tiles, charts, the flame graph and conversations, on screen and in print.
    static let pageStyle = """
        :root{color-scheme:light dark;--bg:#fff;--fg:#1a1d21;--quiet:#667079;--line:#dfe3e8;--panel:#f6f8fa;--bar:#3b7ddd;\
        --bar2:#f0883e;--bad:#c62f2f;--good:#1a7f37;--caution:#9a6700;--mark:#d1242f}
        @media screen and (prefers-color-scheme:dark){:root{--bg:#14171a;--fg:#e4e8ec;--quiet:#97a1ab;--line:#30363d;--panel:#1c2126;\
        --bar:#5b9bff;--bar2:#f0a35e;--bad:#ff7b72;--good:#56d364;--caution:#e3b341;--mark:#ff8f87}}
        *{box-sizing:border-box}body{margin:0 auto;max-width:1240px;padding:24px;background:var(--bg);color:var(--fg);\
        font:15px/1.45 system-ui,sans-serif}
        h1{font-size:26px;margin:0 0 4px}h2{font-size:19px;margin:40px 0 8px}h3{font-size:15px;margin:20px 0 4px}
        p{margin:6px 0;max-width:75ch}.quiet,caption,.facts{color:var(--quiet)}nav a{display:inline-block;white-space:nowrap;margin-right:14px}a{color:var(--bar)}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:20px 0}
        .tile{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:12px 14px}
        .tile{min-width:0;overflow-wrap:anywhere}.tile b{display:block;font-size:19px;font-weight:600;white-space:nowrap}.tile span{color:var(--quiet);font-size:13px}
        .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:13.5px}
        caption{text-align:left;padding:4px 0;font-size:13px}th,td{padding:4px 10px 4px 0;text-align:left;border-bottom:1px solid var(--line)}
        th{font-weight:600;white-space:nowrap;color:var(--quiet)}th button{all:unset;cursor:pointer}th button:focus-visible{outline:2px solid var(--bar);outline-offset:2px}th[aria-sort] button::after{content:" ▲";font-size:10px}th[aria-sort=descending] button::after{content:" ▼"}td{white-space:nowrap}td:first-child{font-family:ui-monospace,monospace}
        th:first-child,td:first-child{position:sticky;left:0;background:var(--bg)}
        .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.bad{color:var(--bad)}.good{color:var(--good)}\
        .caution{color:var(--caution)}td.bar{width:120px;padding-right:0}td.bar i{display:block;height:10px;background:var(--bar);border-radius:2px;min-width:1px}
        .hidden{position:absolute;left:-9999px}.charts{display:grid;gap:10px 24px;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr))}.chart{border-bottom:1px solid var(--line);padding-bottom:6px}
        .chart,main li{min-width:0;overflow-wrap:anywhere}.paper{display:none}
        .chart code,.chart .quiet{font-size:13px}.chart svg{width:100%;height:auto;display:block}svg rect{fill:var(--bar)}svg polyline{fill:none;stroke:var(--bar2);stroke-width:1.5}
        svg .tick{stroke:var(--line)}svg .mark{stroke:var(--mark);stroke-width:1.5;stroke-dasharray:3 2}svg text{font-size:13px;fill:var(--quiet)}
        #flame{position:relative;font:12px ui-monospace,monospace;margin-top:8px}#flame button{position:absolute;height:19px;border:1px solid var(--bg);\
        border-radius:2px;padding:0;text-indent:4px;overflow:hidden;white-space:nowrap;text-align:left;font:inherit;color:#14171a;cursor:pointer}
        #flame button:focus-visible{outline:2px solid var(--fg);z-index:1}#flame button.miss{opacity:.25}#flame button.hit{min-width:5px;outline:1px solid var(--fg);z-index:1}
        .tools{display:flex;gap:10px;flex-wrap:wrap;align-items:center}.tools input,.tools select,.tools button{font:inherit;padding:4px 8px;\
        border:1px solid var(--line);border-radius:6px;background:var(--panel);color:var(--fg)}
        details{margin:10px 0}summary{cursor:pointer}summary:focus-visible,a:focus-visible{outline:2px solid var(--bar);outline-offset:2px}
        .scenario{border:1px solid var(--line);border-radius:8px;padding:8px 14px}.scenario[open]{padding-bottom:14px}
        .exchange{border-top:1px solid var(--line);margin-top:12px;padding-top:10px}.turn{border-radius:8px;padding:8px 12px;margin:8px 0;max-width:75ch;overflow-wrap:anywhere}
        .turn p{margin:2px 0}.who{font-size:12.5px;color:var(--quiet)}.user{background:var(--panel)}.reply{border:1px solid var(--line);margin-left:28px}
        .findings{list-style:none;padding:0;margin:4px 0 4px 12px;font-size:13.5px}.findings li{margin:3px 0}.findings q{font-style:italic}
        .findings .high{color:var(--bad)}.findings .medium{color:var(--caution)}.findings .low{color:var(--quiet)}.phase{font-size:13px}
        @media(max-width:640px){body{padding:16px}svg text{font-size:19px}td:first-child{max-width:45vw;overflow:hidden;text-overflow:ellipsis}.reply{margin-left:12px}}
        @media print{.paper{display:block;color:var(--quiet)}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}.tools,nav,#facts{display:none}body{max-width:none;padding:0;font-size:12px}
        table{font-size:10.5px}td,th{padding:2px 6px 2px 0;white-space:normal;overflow-wrap:anywhere}.n{white-space:nowrap}td.bar{width:60px}.scroll{overflow:visible}.tiles{grid-template-columns:repeat(4,1fr)}.tile b{font-size:16px}.who,.phase,.findings,.facts{font-size:10.5px}.charts{grid-template-columns:1fr 1fr}svg text{font-size:15px}
        details::details-content{content-visibility:visible;display:block}tr,.tile,.chart,.turn{break-inside:avoid}h2,h3,caption,summary{break-after:avoid}#flame button{border-color:#fff}}
        """
}
