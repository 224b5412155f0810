extension PageAssets {
    /// What the page of `spankit serve` adds to the style sheet of the HTML report, and changes in it.
    static let serveStyle = #"""
        :root{--link:#1f5fc4;--heat:#2f6fd0;--quiet:#5c666f;--bad:#c02727;--caution:#855900;--edge:#8b96a1;--inside:#1f5fc4;--outside:#8b96a1;--head:#fff;--radius:8px}
        @media screen and (prefers-color-scheme:dark){:root{--bg:#121518;--panel:#1b2025;--line:#2c333a;--link:#7fb2ff;--heat:#5b9bff;--quiet:#9aa5b0;--bad:#ff8078;--caution:#e3b341;--edge:#6e7a86;--inside:#5b9bff;--outside:#6e7a86;--head:#171b1f}}
        html,body{height:100%}
        body{max-width:none;padding:0;margin:0;display:flex;flex-direction:column;height:100dvh;overflow:hidden;font-size:14px;font-variant-numeric:tabular-nums}
        a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
        h2{font-size:14px;margin:0 0 6px;font-weight:600}h3{font-size:13.5px}
        button,.button,select,input{font:inherit;font-size:13px;color:var(--fg);line-height:20px}
        button,.button,select{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:4px 10px;cursor:pointer}
        button:hover:not(:disabled),.button[href]:hover,select:hover{border-color:var(--edge);text-decoration:none}
        .button{display:inline-block;text-decoration:none}.button:not([href]){color:var(--quiet);cursor:default}[hidden]{display:none!important}
        button[aria-pressed=true]{background:color-mix(in srgb,var(--link) 14%,var(--bg));border-color:var(--link)}
        :is(a,button,input,select,canvas,summary,.virtual,main,[tabindex]):focus-visible{outline:2px solid var(--link);outline-offset:1px}
        main:focus-visible{outline:none}
        .small{font-size:12px;padding:1px 7px;line-height:18px;border-radius:5px}th button.small{padding:1px 7px}
        td:first-child,th:first-child{position:static;font-family:inherit;background:none}

        /* The top. */
        #top{display:flex;align-items:center;gap:10px;padding:8px 16px;background:var(--head)}
        #home{display:flex;align-items:center;gap:8px;color:var(--fg);font-size:15px;margin-right:6px}#home:hover{text-decoration:none}
        #home svg{width:20px;height:20px;stroke:var(--link);stroke-width:2.4;stroke-linecap:round;fill:none}
        #search-form{position:relative;flex:1;min-width:0}
        #query{width:100%;padding:5px 36px 5px 12px;border:1px solid var(--edge);border-radius:var(--radius);background:var(--bg);font-family:ui-monospace,monospace;font-size:13px}
        #query::placeholder{color:var(--quiet);opacity:1}#query:focus{outline:2px solid var(--link);outline-offset:0;border-color:transparent}
        #search-form kbd{position:absolute;right:10px;top:6px;font:12px ui-monospace,monospace;color:var(--quiet);border:1px solid var(--line);border-radius:4px;padding:0 6px;line-height:18px;pointer-events:none}
        #query:focus~kbd,#query:not(:placeholder-shown)~kbd{display:none}
        #completions{position:absolute;z-index:20;left:0;right:0;top:calc(100% + 4px);margin:0;padding:4px;list-style:none;max-height:min(420px,60vh);overflow:auto;background:var(--bg);border:1px solid var(--edge);border-radius:var(--radius);box-shadow:0 8px 24px #0003}
        #completions li{display:flex;justify-content:space-between;gap:16px;padding:4px 8px;border-radius:5px;cursor:pointer;font-family:ui-monospace,monospace;font-size:12.5px}
        #completions span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;unicode-bidi:isolate}#completions small{color:var(--quiet);font-family:system-ui,sans-serif;white-space:nowrap}
        #completions li:hover,#completions [aria-selected=true]{background:color-mix(in srgb,var(--link) 16%,var(--bg))}#completions [aria-selected=true]{box-shadow:inset 3px 0 var(--link)}
        #completions [aria-selected=true] small,#completions li:hover small{color:var(--fg)}
        #pause{min-width:78px}.icon{width:30px;padding:4px 0;text-align:center}
        #tabs{display:flex;gap:2px;padding:0 12px;overflow-x:auto;background:var(--head);border-bottom:1px solid var(--line);scrollbar-width:none;flex:none}
        #tabs a{margin:0;padding:7px 10px 8px;color:var(--quiet);border-bottom:2px solid transparent;white-space:nowrap;font-size:13.5px}
        #tabs a:hover{color:var(--fg);text-decoration:none}#tabs a[aria-current]{color:var(--fg);border-color:var(--link);font-weight:600}#tabs a:focus-visible{outline-offset:-3px}
        .banner{margin:0;max-width:none;padding:7px 16px;font-size:13px;background:color-mix(in srgb,var(--caution) 12%,var(--bg));border-bottom:1px solid var(--caution);overflow-wrap:anywhere}
        #query-problem{background:color-mix(in srgb,var(--bad) 10%,var(--bg));border-color:var(--bad)}
        main{flex:1;min-height:0;overflow:auto;display:flex;flex-direction:column}
        #view{flex:1 0 auto;display:flex;flex-direction:column;min-height:0}
        .view-traces,.view-logs,.view-metrics{flex:1 1 300px!important}
        #status{display:flex;gap:18px;align-items:center;padding:4px 16px;border-top:1px solid var(--line);font-size:12px;color:var(--quiet);white-space:nowrap;overflow-x:auto;scrollbar-width:none;flex:none;background:var(--head);min-height:26px}
        #status span:last-child{margin-left:auto}.lamp{width:8px;height:8px;border-radius:50%;border:2px solid var(--quiet);flex:none;margin-right:-10px}.lamp.on{background:var(--good);border-color:var(--good)}.is-lost .lamp{background:none;border-color:var(--bad)}
        .padded{padding:12px 16px 24px}.padded>p{max-width:none;font-size:13px;margin:0 0 8px}.hint{margin-left:14px}.is-refused :is(#overview-panel,#view){display:none!important}
        .tools button,.tools input,.tools select{font-size:13px}

        /* The heat map and what is different. */
        #overview-panel{flex:none;padding:10px 16px 8px;border-bottom:1px solid var(--line);display:grid;grid-template-columns:minmax(0,1fr);gap:2px 20px}
        #overview-panel.is-empty:not(.has-differences){display:none}
        #heat-box{position:relative}#heat{display:block;width:100%;height:clamp(130px,22vh,230px);cursor:crosshair;touch-action:pan-y;border-radius:4px}
        #heat-brush{position:absolute;border:1.5px solid var(--fg);background:color-mix(in srgb,var(--link) 16%,transparent);border-radius:2px;pointer-events:none}
        #heat-tip,.tip{position:absolute;z-index:5;padding:5px 9px;background:var(--fg);color:var(--bg);border-radius:6px;font-size:12px;line-height:17px;white-space:pre;pointer-events:none;max-width:60vw;overflow:hidden;text-overflow:ellipsis}
        #heat-foot{display:flex;gap:6px 14px;align-items:center;flex-wrap:wrap;min-height:30px}#heat-foot p{margin:0;font-size:12.5px}.key .heat-key,.heat-key{display:inline-block;width:8px;height:8px;margin:0 5px 0 10px;background:var(--heat);border-radius:1px;vertical-align:0}
        #heat-foot .key{font-size:12.5px}.key .bad{padding:0 2px 0 8px}
        #differences ol{list-style:none;margin:0;padding:0;display:grid;gap:3px 24px}
        #differences li{display:grid;grid-template-columns:minmax(0,1fr) minmax(150px,210px);gap:10px;align-items:center;padding:2px 0;border-bottom:1px solid var(--line)}
        #differences .what{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;font:12.5px ui-monospace,monospace;unicode-bidi:isolate}
        .pair{display:grid;grid-template-columns:minmax(0,1fr) 46px 48px;gap:6px;align-items:center;font-size:11.5px;line-height:14px}.pair small{color:var(--quiet);font-size:11px}
        .legend-line{margin:0 0 4px;font-size:12.5px}.legend-line i{display:inline-block;width:10px;height:8px;border-radius:2px;margin:0 5px 0 0;background:var(--inside)}.legend-line i.outside{margin-left:12px;background:repeating-linear-gradient(90deg,var(--outside) 0 2px,transparent 2px 4px)}
        .meter{display:inline-block;position:relative;height:8px;width:100%;min-width:30px;background:color-mix(in srgb,var(--line) 60%,transparent);border-radius:2px;overflow:hidden}
        .meter i{position:absolute;left:0;top:0;bottom:0;min-width:1px;background:var(--heat);border-radius:2px}.meter.inside i{background:var(--inside)}.meter.outside i{background:repeating-linear-gradient(90deg,var(--outside) 0 2px,transparent 2px 4px)}
        .meter.slower i{background:var(--bad)}.meter.faster i{background:var(--good)}
        @media(min-width:1000px){#overview-panel.has-differences{grid-template-columns:minmax(0,1fr) minmax(380px,36%)}.has-differences #heat-foot{grid-column:1}#differences{grid-column:2;grid-row:1/span 2;max-height:clamp(180px,28vh,290px);overflow:auto;padding-right:4px}.has-differences #heat-foot{align-self:start}}

        /* Lists. */
        .list-box{flex:1;min-height:220px;display:flex;flex-direction:column;padding:0 16px 8px}
        .bar{display:flex;gap:10px;align-items:center;padding:6px 0;font-size:13px;flex-wrap:wrap}.bar p,.bar h2{margin:0;margin-right:auto}.bar label{color:var(--quiet)}
        .fresh{background:color-mix(in srgb,var(--link) 14%,var(--bg));border-color:var(--link)}
        .list-box .virtual{flex:1;min-height:160px;height:auto}
        .virtual{border-radius:var(--radius);font-size:13px}
        #trace-list .row,.list-head{grid-template-columns:22px minmax(0,1.3fr) 96px minmax(150px,1fr) 64px 64px}.list-head{padding:2px 9px 4px;overflow:hidden;scrollbar-gutter:stable;flex:none;font-size:12px;font-weight:500}
        #trace-list{--row:30px}.list-box #trace-list{height:auto}
        .row{cursor:pointer;contain:strict}.row .name{display:flex;align-items:center;gap:6px;min-width:0}.row .name>a{color:var(--fg);overflow:hidden;text-overflow:ellipsis;font-weight:500;unicode-bidi:isolate;min-width:24px}
        .row .name small{overflow:hidden;text-overflow:ellipsis;flex:none;max-width:40%}#trace-list .swatch{margin-right:0}.dots{display:inline-flex;gap:3px;flex:none}.dots .swatch{width:6px;height:6px;border-radius:50%;opacity:.9}
        .row .mark{overflow:visible;display:flex}.row input{margin:0;width:15px;height:15px}
        .note{border:1px solid var(--line);border-radius:4px;padding:0 5px}.row .span-time{display:grid;grid-template-columns:minmax(0,1fr) 76px;gap:10px;align-items:center;padding:0}.span-time .track{height:8px}.span-time .length{position:static;display:block;max-width:none;background:var(--heat)}.virtual{scrollbar-gutter:stable}
        .row[aria-selected=true]{box-shadow:inset 3px 0 var(--link)}.row[aria-selected=true] :is(small,.quiet,.start,.bad){color:var(--fg)}
        #log-list{--row:26px}#log-list .row{grid-template-columns:96px 52px minmax(90px,150px) minmax(0,1fr)}#log-list .name{font:12.5px ui-monospace,monospace;display:block}.level{font-size:11.5px;font-weight:600}
        #log-detail{max-height:45%;overflow:auto;margin-top:8px;border:1px solid var(--line);border-radius:var(--radius);padding:4px 12px 10px;font-size:13px}
        .body{white-space:pre-wrap;overflow-wrap:anywhere;font:12.5px/1.5 ui-monospace,monospace;max-width:none;margin:2px 0 8px}
        #log-detail th{width:190px;font-weight:400;vertical-align:top;white-space:normal;overflow-wrap:anywhere}#log-detail td{white-space:pre-wrap;overflow-wrap:anywhere;font:12.5px ui-monospace,monospace}

        /* Tables. */
        table.data{font-size:13px;width:100%}table.data th{font-weight:500;font-size:12px;border-bottom-color:var(--edge);padding:4px 14px 4px 0}table.data td{padding:5px 14px 5px 0;vertical-align:middle}
        table.data td.wide{max-width:min(46vw,520px);min-width:150px;overflow:hidden;text-overflow:ellipsis;unicode-bidi:isolate}table.data td.message{white-space:normal;overflow-wrap:anywhere;min-width:240px}
        table.data tbody tr:hover{background:var(--panel)}th button{font-size:12px!important;color:var(--quiet)!important}th[aria-sort] button{color:var(--fg)!important}
        .service{display:inline-flex;align-items:center;unicode-bidi:isolate;max-width:220px;overflow:hidden;text-overflow:ellipsis}.service .swatch{margin-right:6px}
        .strip{width:120px;height:16px;display:block;overflow:visible}.strip line{stroke:var(--quiet);stroke-width:1.5}.strip .thick{stroke:var(--heat);stroke-width:6}.strip .median{stroke:var(--fg);stroke-width:2}
        .with-bar{display:grid;grid-template-columns:64px 52px;gap:8px;align-items:center}.with-bar>span:last-child{text-align:right}
        .bar-cell{width:110px;min-width:80px}
        .empty{padding:48px 16px;max-width:660px;margin:0 auto;width:100%}.empty h2{font-size:19px;margin-bottom:8px}.command{display:flex;gap:8px;align-items:center;margin:10px 0;padding:8px 10px;background:var(--panel);border:1px solid var(--line);border-radius:var(--radius)}.command code{flex:1;min-width:0;overflow-wrap:anywhere;font-size:13px}

        /* Services, conversations, open spans, metrics, comparison. */
        .pair-of-tables{display:grid;gap:24px 40px;grid-template-columns:minmax(0,1fr)}@media(min-width:1100px){.pair-of-tables{grid-template-columns:minmax(0,2fr) minmax(0,1fr)}}
        .map-box{margin-top:20px;border:1px solid var(--line);border-radius:var(--radius);padding:16px;background:var(--panel)}.map{display:block;max-width:none;height:auto;margin:0 auto}
        .map rect,.map text{fill:unset}.map .node{fill:var(--bg);stroke:var(--edge)}.map a:hover .node,.map a:focus-visible .node{stroke:var(--link);stroke-width:2}.map a:focus-visible{outline:none}.map a:hover{text-decoration:none}
        .map text{font-size:13px;fill:var(--fg);font-weight:500}.map .small{font-size:11.5px;fill:var(--quiet);font-weight:400}.map .small.bad{fill:var(--bad)}
        .map .edge{fill:none;stroke:var(--edge)}.map .edge.failed{stroke:var(--bad);stroke-dasharray:7 4}.map .tip{position:static;fill:var(--edge)}.map .tip.failed{fill:var(--bad)}
        .padded h2+*{margin-bottom:20px}
        .open-row{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,1.4fr) minmax(80px,1fr) 80px 110px;gap:12px;align-items:center;padding:5px 0;border-bottom:1px solid var(--line)}.open-row .name{display:flex;gap:10px;min-width:0;align-items:center}.open-row a,.open-row .attributes{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;unicode-bidi:isolate}.open-row .service{color:var(--quiet);font-size:12px;flex:none}
        .metrics{flex:1;display:grid;grid-template-columns:minmax(220px,300px) minmax(0,1fr);min-height:0}.metric-side{border-right:1px solid var(--line);overflow:auto;padding:8px}.metric-list{list-style:none;margin:0;padding:0}
        .metric-list a{display:block;padding:6px 10px;border-radius:6px;color:var(--fg);overflow-wrap:anywhere}.metric-list a:hover{background:var(--panel);text-decoration:none}.metric-list a[aria-current]{background:color-mix(in srgb,var(--link) 14%,var(--bg));box-shadow:inset 3px 0 var(--link)}.metric-list small{display:block;color:var(--quiet)}.metric-list [aria-current] small{color:var(--fg)}
        .metrics figure{margin:0;padding:14px 16px;min-width:0;overflow:auto}.metrics figure p{margin:0 0 8px}.chart-box{position:relative}#metric-chart{display:block;width:100%;height:clamp(200px,44vh,420px)}
        .series{list-style:none;padding:0;display:grid;gap:2px 18px;grid-template-columns:repeat(auto-fill,minmax(min(100%,260px),1fr));max-height:none;font-size:12.5px;margin:10px 0}.series b{font-weight:600}.swatch.line{width:18px;height:0;border-top:3px solid;border-radius:0;vertical-align:3px}
        .exemplars ul{list-style:none;padding:0;margin:0;display:flex;flex-wrap:wrap;gap:2px 18px;font-size:13px}.exemplars h3{margin:10px 0 2px}
        .cards{display:grid;gap:12px;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));margin:6px 0 12px}.card{border:1px solid var(--line);border-radius:var(--radius);padding:10px 14px;overflow-wrap:anywhere}.letter{display:inline-block;width:22px;height:22px;line-height:22px;text-align:center;border-radius:5px;background:var(--panel);border:1px solid var(--line);margin-right:10px}
        .compare .tools{margin-bottom:10px}tr.added td:first-child::before{content:"+ ";color:var(--good)}tr.removed td:first-child::before{content:"− ";color:var(--bad)}
        .compare-form{display:grid;gap:8px;max-width:760px;margin:10px 0 18px}.compare-form label{display:grid;grid-template-columns:60px minmax(0,1fr) minmax(0,auto);gap:10px;align-items:center}.compare-form input{border:1px solid var(--edge);border-radius:6px;padding:4px 10px;background:var(--bg);font-family:ui-monospace,monospace}.compare-form button{justify-self:start;margin-left:70px}

        /* A trace. */
        .view-trace #trace{padding:10px 16px 0;display:flex;flex-direction:column;flex:1;min-height:0}
        .view-trace{flex:1 1 560px!important}.trace-actions{display:flex;flex-wrap:wrap;gap:6px}.trace-actions .button:first-child{margin-right:auto}
        #trace-title{margin:8px 0 0;font-size:17px}#trace-facts{margin:2px 0 4px;font-size:13px}.services-legend{list-style:none;padding:0;margin:0 0 6px;gap:2px 16px;font-size:12.5px}.services-legend small{margin-left:2px}
        #trace-tools{gap:6px}#trace-tools input[type=search]{flex:1 1 220px;max-width:360px;border-color:var(--edge);background:var(--bg)}#trace-tools label{margin-left:auto;color:var(--quiet);font-size:13px}
        .view-trace .inspect{flex:1;min-height:300px;display:flex;flex-direction:column;gap:12px}.view-trace .inspect>div{flex:1;min-height:0;min-width:0;display:flex;flex-direction:column}
        .view-trace #waterfall{flex:1;min-height:160px;height:auto!important;resize:none}#overview{margin-top:8px;height:50px;flex:none}.ruler{margin-top:2px;flex:none}
        #waterfall .row{cursor:default}#waterfall .name{display:block}#waterfall .row.log .name{color:var(--quiet)}#waterfall .row.log b{font-size:11px}.row.log .lane .event{height:60%;top:20%}
        .lane .bar{border-radius:3px}.row.critical .name{font-weight:600}
        .view-trace .key{margin:4px 0 8px;font-size:12px}
        #details{font-size:13px;border-radius:var(--radius);margin-top:0;overflow:auto;flex:none;max-height:44%}.inspect:not(.open) #details{display:none}
        #details th{width:36%}.actions{display:inline-flex;flex-wrap:wrap;gap:4px;margin-left:8px;vertical-align:top;font-family:system-ui,sans-serif}.actions a{border:1px solid var(--line);background:var(--panel)}
        @media(hover:hover){tr .actions{opacity:0}tr:hover .actions,tr:focus-within .actions{opacity:1}}
        @media(min-width:1100px){.view-trace .inspect.open{display:grid;grid-template-columns:minmax(0,1fr) minmax(340px,30%)}.open #details{max-height:none;margin-top:0;min-height:0}}
        #help{font-size:13.5px}

        /* Narrow windows. */
        @media(max-width:760px){
        #top{flex-wrap:wrap;padding:8px 12px;gap:8px}#search-form{order:2;flex-basis:100%}#home{margin-right:auto}#query{font-size:16px}#range{max-width:132px}
        #tabs{padding:0 6px}#status{padding:4px 12px;gap:14px}.list-box{padding:0 8px 8px}.padded{padding:10px 12px 20px}#overview-panel{padding:8px 12px}
        .view-traces,.view-logs{flex:1 0 420px!important}.list-head{display:none}
        #trace-list{--row:54px}.list-box #trace-list{height:auto}#trace-list .row{grid-template-columns:22px minmax(0,1fr) auto auto;gap:0 10px;align-content:center}#trace-list .mark{grid-row:1/3;align-self:center}#trace-list .name{grid-column:2/-1}#trace-list .start{grid-column:2}
        .row .span-time{display:block}.span-time .track,.dots{display:none}#trace-list .count{display:none}
        #log-list{--row:48px}#log-list .row{grid-template-columns:auto auto minmax(0,1fr);gap:0 8px;align-content:center}#log-list .name{grid-column:1/-1}
        .metrics{grid-template-columns:minmax(0,1fr);grid-template-rows:auto 1fr}.metric-side{max-height:150px;border-right:0;border-bottom:1px solid var(--line)}
        .open-row{grid-template-columns:minmax(0,1fr) auto}.open-row .attributes,.open-row .meter,.open-row>small:last-child{display:none}
        .view-trace #trace{padding:8px 10px 0}.view-trace{flex:1 0 auto!important}.view-trace #waterfall{flex:none;height:56vh!important}.view-trace #details{max-height:none}.inspect.open{min-height:0}#trace-tools label{margin-left:0}.services-legend{max-height:44px}#trace-tools input[type=search]{flex-basis:100%;max-width:none;font-size:16px}
        .compare-form label{grid-template-columns:1fr}.compare-form button{margin-left:0}#differences li{grid-template-columns:minmax(0,1fr)}#log-detail th{width:34%}#waterfall .row.log{grid-template-rows:1fr}#waterfall .row.log .lane{display:none}
        }
        @media(min-width:2200px){body{font-size:16px}}
        @media(prefers-reduced-motion:no-preference){button,.meter i{transition:border-color .15s}}
        @media(forced-colors:active){.meter i,.strip line,.map *{forced-color-adjust:none}}
        .note-line{margin:0;padding:8px 16px 0;max-width:none;font-size:13px}

        """#
}
