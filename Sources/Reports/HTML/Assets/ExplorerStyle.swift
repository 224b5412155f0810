extension ReportAssets {
    /// The errors and the explorer of traces. Services have the colours `--s0` to `--s11`, whose contrast to the background is at least 4.5.
    static let explorerStyle = """

        :root{--s0:#1f77b4;--s1:#2a7f3f;--s2:#8250c4;--s3:#a85b00;--s4:#0b7f8a;--s5:#b0388f;\
        --s6:#5a6b00;--s7:#4b5bd6;--s8:#8a5a44;--s9:#00735c;--s10:#1b2a6b;--s11:#5b6770}
        @media screen and (prefers-color-scheme:dark){:root{--s0:#5aa9e6;--s1:#5cc47a;--s2:#b48cf2;--s3:#f0a04b;--s4:#4cc9d6;--s5:#f07ccf;\
        --s6:#b5c94a;--s7:#8f9cff;--s8:#c99a84;--s9:#3ccfac;--s10:#c7d2fe;--s11:#a9b6c1}}
        @media(prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
        button,input,select{accent-color:var(--bar)}
        button:focus-visible,input:focus-visible,select:focus-visible,canvas:focus-visible,.virtual:focus-visible{outline:2px solid var(--bar);outline-offset:1px}
        button:disabled{opacity:.5}.tools label{display:inline-flex;gap:6px;align-items:center}.tools .wide{flex:1 1 320px}.tools .wide input{flex:1;min-width:0}
        button.link{all:unset;cursor:pointer;color:var(--bar);max-width:100%;overflow:hidden;text-overflow:ellipsis;vertical-align:bottom}button.link:hover{text-decoration:underline}button.link:focus-visible{outline:2px solid var(--bar)}
        button.more{font:inherit;font-size:13px;margin-top:6px;padding:3px 10px;border:1px solid var(--line);border-radius:6px;background:var(--panel);color:var(--fg);cursor:pointer}
        @media screen{table.folded tbody tr:nth-child(n+16){display:none}}
        #errors td{vertical-align:top}#errors td:nth-child(4){white-space:normal;overflow-wrap:anywhere;min-width:24ch}
        .legend{display:flex;gap:6px;flex-wrap:wrap;margin:6px 0;max-height:96px;overflow:auto}.legend button{font:inherit;font-size:13px;padding:2px 10px 2px 6px;\
        border:1px solid var(--line);border-radius:12px;background:none;color:var(--fg);cursor:pointer}.legend button[aria-pressed=true]{background:var(--panel);border-color:var(--fg)}
        .swatch{display:inline-block;width:9px;height:9px;border-radius:2px;margin-right:6px;flex:none}
        #chart{position:relative;margin:8px 0}#scatter{display:block;width:100%;height:190px;touch-action:pan-y;cursor:crosshair}figcaption{font-size:13px}
        #brush{position:absolute;border:1px solid var(--fg);background:color-mix(in srgb,var(--bar) 15%,transparent);pointer-events:none}
        #mark{position:absolute;width:13px;height:13px;margin:-7px;border:2px solid var(--fg);border-radius:50%;pointer-events:none}
        .virtual{position:relative;overflow:auto;overflow-x:hidden;border:1px solid var(--line);border-radius:6px;font-size:13.5px;overscroll-behavior-y:auto}
        .virtual>div{position:relative}.row{position:absolute;left:0;right:0;height:var(--row);display:grid;gap:10px;align-items:center;padding:0 8px;\
        border-bottom:1px solid var(--line);cursor:default}.row>*{unicode-bidi:isolate;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
        .row:hover{background:var(--panel)}.row[aria-selected=true]{background:color-mix(in srgb,var(--bar) 18%,transparent);box-shadow:inset 3px 0 var(--bar)}.row.hit[aria-selected=true]{outline:2px solid var(--bar);outline-offset:-2px}
        .row small{color:var(--quiet);font-size:12px}
        #trace-list{--row:28px;height:282px}#trace-list .row,.list-head{grid-template-columns:minmax(0,1fr) 256px 156px 70px 70px}
        .list-head{display:grid;gap:10px;padding:4px 9px;font-size:13px;color:var(--quiet);font-weight:600}
        .row .start{color:var(--quiet);font-variant-numeric:tabular-nums}.span-time{position:relative}
        .span-time{padding-left:76px}.span-time .length{position:absolute;left:0;top:9px;height:8px;max-width:70px;background:var(--bar);border-radius:2px}
        #trace{scroll-margin-top:8px}#trace-title{font-size:16px;margin-top:22px;overflow-wrap:anywhere}#trace-facts{max-width:none;overflow-wrap:anywhere}
        #span-matches{display:inline-flex;gap:6px;align-items:center;flex-wrap:wrap}#span-matches[hidden]{display:none}dialog button{font:inherit;padding:4px 10px}
        #overview{display:block;width:100%;height:56px;margin-top:10px;border:1px solid var(--line);border-radius:6px;background:var(--panel);cursor:col-resize;touch-action:pan-y}
        .inspect,.ruler{--columns:minmax(0,36%) minmax(0,1fr) 76px 76px}
        .ruler{display:grid;grid-template-columns:var(--columns);gap:10px;padding:0 9px;height:20px;font-size:12px;color:var(--quiet)}
        #ruler{position:relative;cursor:col-resize;user-select:none;touch-action:pan-y}#ruler span{position:absolute;padding-left:3px;border-left:1px solid var(--quiet);white-space:nowrap}
        #ruler span.end{transform:translateX(-100%);border-left:0;border-right:1px solid var(--quiet);padding:0 3px 0 0}
        #waterfall{--row:25px;height:420px;resize:vertical;min-height:90px}#waterfall .row{grid-template-columns:var(--columns);user-select:none}
        #waterfall .name{font-family:ui-monospace,monospace;font-size:12.5px}.toggle{display:inline-block;width:16px;font-style:normal;cursor:pointer;color:var(--quiet)}
        .lane{position:relative;height:100%;background:linear-gradient(90deg,var(--line) 1px,transparent 1px) var(--grid-at) 0/var(--grid) 100%}
        .row .lane{overflow:hidden}.lane i{position:absolute;pointer-events:none}.lane .bar{top:5px;bottom:5px;min-width:3px;border-radius:2px;background:var(--service)}
        .lane .bar.failed,.key .failed{box-shadow:inset 0 0 0 2px var(--bad);background-image:repeating-linear-gradient(45deg,var(--bad) 0 2px,transparent 2px 7px)}
        .lane .bar.open,.key .open{background-image:repeating-linear-gradient(90deg,var(--bg) 0 2px,transparent 2px 8px)}
        .lane .bar{display:flex;gap:0;padding:0;flex-wrap:nowrap;align-items:stretch;overflow:hidden}.lane .bar b{flex:0 1 0;min-width:1px}.lane .failed b{margin-block:2px}.key .running{background:var(--service);border-radius:2px}
        .key{--service:var(--quiet)}.lane .queued,.key .queued{background:repeating-linear-gradient(-45deg,var(--fg) 0 2px,var(--bg) 2px 5px);border-block:2px solid var(--service)}
        .lane .suspended,.key .suspended{background:color-mix(in srgb,var(--service) 16%,var(--bg));border:1px solid var(--service)}
        .lane .path{bottom:2px;height:4px;background:var(--fg);min-width:1px}.lane .event{top:2px;width:0!important;height:9px;border-left:2px solid var(--fg)}
        .lane small{position:absolute;top:4px;left:2px}.lane .after{left:auto;right:2px}
        .row:is(.hit,[aria-selected=true]) :is(small,.quiet,.start,.toggle){color:var(--fg)}.row:is(.hit,[aria-selected=true]) .bad{color:color-mix(in srgb,var(--bad) 45%,var(--fg))}.row.hit{background:color-mix(in srgb,#ffd33d 30%,transparent)}.row.hit .name{font-weight:700}
        #details{margin-top:10px;font-size:13.5px;border:1px solid var(--line);border-radius:6px;padding:8px 12px;overflow-wrap:anywhere}
        #details h4{margin:12px 0 2px;font-size:13.5px}#details h4.title{margin-top:2px;font-size:14.5px;font-family:ui-monospace,monospace}#details table{table-layout:fixed;font-size:13px}
        #details th{width:34%;font-weight:400;white-space:normal;vertical-align:top;position:static}#details td{white-space:pre-wrap;overflow-wrap:anywhere;font-family:ui-monospace,monospace;font-size:12.5px}
        #details p.body{white-space:pre-wrap;overflow-wrap:anywhere;margin:0 0 6px;max-width:none;font-family:ui-monospace,monospace;font-size:12.5px}#details p.body:empty{display:none}
        .key{font-size:13px;max-width:none}.key i{display:inline-block;width:18px;height:10px;margin:0 4px 0 12px;vertical-align:-1px}.key .path{height:4px;background:var(--fg);margin-left:0;vertical-align:2px}
        .key .failed,.key .open{background-color:var(--quiet);border-radius:2px}.key .event{width:0;border-left:2px solid var(--fg)}
        dialog{max-width:min(560px,calc(100vw - 32px));border:1px solid var(--line);border-radius:10px;background:var(--bg);color:var(--fg)}dialog::backdrop{background:#0008}
        dialog dl{display:grid;grid-template-columns:fit-content(52%) minmax(0,1fr);gap:4px 16px;margin:6px 0 12px;font-size:13.5px}dialog dt{font-family:ui-monospace,monospace;overflow-wrap:anywhere}dialog dd{margin:0}dialog h3{margin:4px 0}
        @media(min-width:1100px){.inspect.open{display:grid;grid-template-columns:minmax(0,1fr) 380px;gap:12px}.open #details{margin-top:20px;max-height:600px;overflow:auto}}
        @media(max-width:640px){#trace-list{--row:50px;height:350px}#trace-list .row{grid-template-columns:minmax(0,1fr) auto auto;gap:0 10px;align-content:center}\
        #trace-list .name{grid-column:1/-1}#trace-list .count,.list-head{display:none}.span-time{padding-left:0}.span-time .length{display:none}#trace-list .start{font-size:12.5px}
        .inspect,.ruler{--columns:minmax(0,1fr) 76px}.ruler>span{display:none}#ruler{grid-column:1/-1}#waterfall{--row:44px}#waterfall .row{gap:0 8px;grid-template-rows:22px 20px;align-items:stretch}\
        #waterfall .lane{grid-row:2;grid-column:1/-1}#waterfall .own{display:none}.ruler{padding:0 9px}}
        @media(forced-colors:active){.lane i,.key i,.swatch,.length{forced-color-adjust:none}}
        @media print{.virtual{overflow:hidden}.row{break-inside:avoid}button.more,#chart figcaption,.legend{display:none}\
        #errors td{overflow-wrap:break-word}#errors time{white-space:normal}}
        """
}
