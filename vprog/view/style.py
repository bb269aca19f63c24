"""The style sheet of the HTML views. Everything is scoped to `.vprog`."""

STYLE = """
.vprog{--ink:#1c2330;--dim:#667085;--line:#e3e7ee;--paper:#fff;--wash:#f5f7fa;--mark:#3b74d6;
--good:#137a4b;--bad:#b3261e;--warm:#b25e09;color:var(--ink);background:var(--paper);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;max-width:1180px;margin:0 auto;
padding:20px;box-sizing:border-box}
.vprog *{box-sizing:border-box}
.vprog h2{font-size:14px;font-weight:600;margin:28px 0 8px;color:var(--dim)}
.vprog .question{font-size:17px;margin:0 0 6px;color:var(--dim);overflow-wrap:anywhere}
.vprog .answer{font-size:32px;font-weight:650;margin:0;line-height:1.2;overflow-wrap:anywhere}
.vprog .answer.none{font-size:20px;color:var(--warm)}
.vprog .facts{display:flex;flex-wrap:wrap;gap:6px 18px;margin:12px 0 0;padding:0;list-style:none;
color:var(--dim);font-size:13px;overflow-wrap:anywhere}
.vprog .facts b{color:var(--ink);font-weight:600}
.vprog .choices{margin:10px 0 0;padding-left:22px}.vprog .choices .chosen{font-weight:650}
.vprog .warn{border-left:3px solid var(--warm);padding:2px 10px;margin:10px 0;
background:var(--wash);overflow-wrap:anywhere}
.vprog .store{position:absolute}
.vprog .hint{margin:0 0 10px 13px;font-size:13px;color:var(--dim);overflow-wrap:anywhere}
.vprog .strip{display:grid;grid-template-columns:repeat(auto-fill,minmax(220px,1fr));gap:12px}
.vprog figure{margin:0}.vprog figure svg{width:100%;height:auto;display:block;border-radius:6px;
background:#000}
.vprog figcaption{font-size:13px;color:var(--dim);margin-top:3px;overflow-wrap:anywhere}
.vprog .box{fill:none;stroke:#ff4d4d;stroke-width:2;vector-effect:non-scaling-stroke}
.vprog .label{fill:#fff;paint-order:stroke;stroke:#c2211b;stroke-width:3px;font-weight:600}
.vprog .timeline{width:100%;height:auto;display:block;background:var(--wash);border-radius:6px}
.vprog .timeline text{font:11px system-ui,sans-serif;fill:var(--dim)}
.vprog .timeline .axis{text-anchor:middle}.vprog .timeline .strong{fill:var(--ink);font-weight:600}
.vprog .tick{stroke:var(--line)}.vprog .mark{fill:var(--mark);opacity:.55}
.vprog .evidence{fill:var(--good)}.vprog .curve{fill:none;stroke:var(--mark);stroke-width:1.5}
.vprog .scroll{overflow-x:auto}
.vprog .code{border:1px solid var(--line);border-radius:6px;overflow:hidden}
.vprog .row{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,300px);gap:0 14px;
border-top:1px solid var(--line);padding:5px 10px}
.vprog .row:first-child{border-top:0}
.vprog .src{display:flex;gap:12px;font:13px/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,
monospace;white-space:pre-wrap;overflow-wrap:anywhere}
.vprog .no{color:var(--dim);min-width:2.2em;text-align:right;user-select:none;flex:none}
.vprog .value{margin:2px 0 2px 3.4em;font-size:13px;color:var(--good);overflow-wrap:anywhere}
.vprog .value b{font-weight:600;color:var(--ink)}
.vprog .err{margin:2px 0 2px 3.4em;font-size:13px;color:var(--bad);overflow-wrap:anywhere}
.vprog details{margin:2px 0 4px 3.4em;font-size:13px}
.vprog summary{cursor:pointer;color:var(--mark)}
.vprog table{border-collapse:collapse;font-size:12px;margin:4px 0;width:100%}
.vprog td,.vprog th{border-top:1px solid var(--line);padding:2px 8px 2px 0;text-align:left;
vertical-align:top;overflow-wrap:anywhere}
.vprog th{font-weight:600;color:var(--dim)}.vprog td.n{white-space:nowrap}
.vprog .side{display:grid;grid-template-columns:repeat(2,1fr);gap:6px;align-content:start}
.vprog .side figcaption{font-size:11px;margin:0}
.vprog pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--wash);padding:8px 10px;
border-radius:6px;font-size:12.5px}
.vprog h3{font-size:13px;font-weight:600;margin:18px 0 4px;color:var(--dim)}
.vprog .code .cell{margin:0;padding:5px 10px;background:var(--wash);font-weight:500;
border-top:1px solid var(--line)}.vprog .code .cell:first-child{border-top:0}
.vprog .counts{list-style:none;margin:0 0 8px;padding:0;font-size:13px;color:var(--dim)}
.vprog .key{font-size:12px;color:var(--dim);margin:2px 0 10px}
.vprog .map{display:block;margin:0 auto;background:var(--wash);border-radius:6px}
.vprog .map .way{fill:none;stroke:var(--dim);stroke-width:1.5;opacity:.5}
.vprog .map .way.chosen{stroke:var(--mark);stroke-width:4;opacity:1}
.vprog .map .root{fill:var(--dim)}
.vprog .map .node circle{fill:var(--paper);stroke:var(--dim);stroke-width:1.5}
.vprog .map .node.good circle{stroke:var(--good);stroke-width:2.5}
.vprog .map .node.bad circle{stroke:var(--bad);stroke-dasharray:3 3}
.vprog .map .node.warm circle{stroke:var(--warm);stroke-dasharray:6 3}
.vprog .map .node.chosen circle{fill:var(--mark);stroke:var(--mark)}
.vprog .map text{font:11px system-ui,sans-serif;fill:var(--ink);text-anchor:middle}
.vprog .map .chosen text{fill:var(--paper);font-weight:600}
.vprog .map .node .said{fill:var(--dim);font-weight:400}
.vprog .tree,.vprog .tree ul{list-style:none;margin:0;padding:0}
.vprog .tree ul{padding-left:26px}
.vprog .tree li{position:relative;padding:5px 0 3px;border:0}
.vprog .tree ul>li::before{content:"";position:absolute;left:-15px;top:-2px;bottom:0;
border-left:2px solid var(--line)}
.vprog .tree ul>li:last-child::before{bottom:auto;height:18px}
.vprog .tree ul>li::after{content:"";position:absolute;left:-15px;top:15px;width:12px;
border-top:2px solid var(--line)}
.vprog .tree ul>li.chosen::before,.vprog .tree ul>li.chosen::after{border-color:var(--mark)}
.vprog .what{display:flex;gap:8px;align-items:baseline}
.vprog .words{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;
overflow-wrap:anywhere}.vprog .chosen>.what .words{font-weight:650}
.vprog .num{flex:none;min-width:22px;height:22px;padding:0 5px;border-radius:11px;font-size:12px;
line-height:20px;text-align:center;border:1.5px solid var(--dim)}
.vprog .num.good{border-color:var(--good)}.vprog .num.bad{border:1.5px dashed var(--bad)}
.vprog .num.warm{border:1.5px dashed var(--warm)}
.vprog .chosen>.what .num{background:var(--mark);border-color:var(--mark);color:var(--paper)}
.vprog .worth,.vprog .why{margin-left:30px;font-size:12.5px;color:var(--dim);
overflow-wrap:anywhere}
.vprog .why{color:var(--bad)}.vprog .worth b{color:var(--mark);font-weight:600}
.vprog .said.good{color:var(--good)}.vprog .said.bad{color:var(--bad)}
.vprog .said.warm{color:var(--warm)}
.vprog .tree details{margin:0 0 2px 30px}.vprog .tree pre{margin:4px 0}
.vprog .tree details ul{list-style:disc;padding-left:20px}
.vprog .tree details li{padding:0}.vprog .tree details li::before,
.vprog .tree details li::after{display:none}
.vprog .tree details p{margin:4px 0 0}
.vprog .vote{min-width:560px}.vprog .vote th{white-space:nowrap}
.vprog .vote th[scope]{white-space:normal;max-width:220px}
.vprog .vote .won th,.vprog .vote .won td{color:var(--ink);font-weight:650}
.vprog .vote .lost th{font-weight:400;color:var(--ink)}
.vprog .bar{background:var(--line);border-radius:2px;vertical-align:1px}
.vprog .bar rect{fill:var(--mark)}
@media (max-width:760px){.vprog{padding:14px}.vprog .row{grid-template-columns:minmax(0,1fr)}
.vprog .side{grid-template-columns:repeat(3,1fr);margin:4px 0 6px}
.vprog .value,.vprog .err,.vprog details{margin-left:1em}.vprog .no{min-width:1.6em}
.vprog .tree ul{padding-left:16px}.vprog .tree ul>li::before,.vprog .tree ul>li::after{left:-9px}
.vprog .tree ul>li::after{width:7px}.vprog .map{margin:0}
.vprog .worth,.vprog .why,.vprog .tree details{margin-left:0}
.vprog .answer{font-size:26px}.vprog .timeline{min-width:620px}}
@media (prefers-color-scheme:dark){.vprog{--ink:#e7eaf0;--dim:#98a2b3;--line:#2c3442;
--paper:#12161d;--wash:#1a202a;--mark:#7aa7ff;--good:#58c791;--bad:#ff8a80;--warm:#f0b059}}
"""
