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
color:var(--dim);font-size:13px}
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
@media (max-width:760px){.vprog{padding:14px}.vprog .row{grid-template-columns:minmax(0,1fr)}
.vprog .side{grid-template-columns:repeat(3,1fr);margin:4px 0 6px}
.vprog .value,.vprog .err,.vprog details{margin-left:1em}.vprog .no{min-width:1.6em}
.vprog .answer{font-size:26px}.vprog .timeline{min-width:620px}}
@media (prefers-color-scheme:dark){.vprog{--ink:#e7eaf0;--dim:#98a2b3;--line:#2c3442;
--paper:#12161d;--wash:#1a202a;--mark:#7aa7ff;--good:#58c791;--bad:#ff8a80;--warm:#f0b059}}
"""
