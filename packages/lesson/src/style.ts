import { chartStyle, colourStyle } from "gradus-charts";

/** One scale of space (4, 8, 16, 24, 48), one of type; colours are the charts'. */
const PAGE = `@font-face{font-family:"Gradus Math";src:url("math.woff2") format("woff2");font-display:swap}
*,*::before,*::after{box-sizing:border-box}
html{font:1.0625rem/1.6 system-ui,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;background:var(--ground);color:var(--ink);-webkit-text-size-adjust:100%;scroll-padding-top:64px}
body{margin:0}
main{max-width:44.5rem;margin:0 auto;padding:24px 20px 96px}
section+section{margin-top:48px}
h1,h2,h3,h4{line-height:1.25;letter-spacing:-.01em;margin:32px 0 8px}
h1{font-size:2rem;margin-top:16px}h2{font-size:1.5rem}h3{font-size:1.1875rem}h4{font-size:1rem}
section>h1:first-child,section>h2:first-child{margin-top:0}
p,ul,ol,blockquote,pre{margin:0 0 16px}
li{margin:4px 0}
a{color:var(--forward)}
blockquote p:last-child{margin:0}
blockquote{padding:4px 16px;border-left:3px solid var(--forward);color:var(--soft)}
code,pre{font:0.9em ui-monospace,"Cascadia Code",Menlo,Consolas,monospace}
code{background:var(--surface);padding:2px 5px;border-radius:4px}
pre{background:var(--surface);padding:16px;border-radius:10px;overflow-x:auto}
pre code{background:none;padding:0}
img{max-width:100%;height:auto}
math{font-size:1.14em;font-family:"Gradus Math","STIX Two Math","Cambria Math",math,serif}
mo.tml-prime{transform:translateY(.28em) scale(1.2)}
math[style*="displaystyle"],.display>math{display:inline-block}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:0}
main>section>table{display:block;overflow-x:auto;margin:0 0 16px}
th,td{padding:4px 12px;border-bottom:1px solid var(--line);text-align:left}
.wide th,.wide td{text-align:right;white-space:nowrap;padding:4px 8px}
.wide th:first-child,.wide td:first-child{padding-left:0}.wide th:last-child,.wide td:last-child{padding-right:0}
.wide th:first-child,.wide td:first-child,.wide .left{text-align:left}
.wide table{font-size:.9375rem}
thead th{color:var(--soft);font-size:.8125rem;font-weight:600}
tbody th{font-weight:400}
main table td,main table th{vertical-align:baseline}
.wide{overflow-x:auto;margin:0 0 16px}
.soft{color:var(--soft)}
.block:empty{display:none}
.block{display:block;margin:0 0 24px}
.block .why,.block .soft,.block details{font-size:.9375rem}
.display{display:block;overflow-x:auto;padding:4px 0;margin:0 0 16px}
.picture{margin:0 0 16px;min-width:0;aspect-ratio:var(--w)/var(--h)}
.picture svg{width:100%;height:100%;user-select:none;-webkit-user-select:none}
.picture.wide{aspect-ratio:auto}
.picture.wide svg{height:auto;margin:0 auto}
.picture.across{overflow-x:auto}.picture.across svg{width:auto;max-width:100%}.picture.down svg{width:auto;max-width:100%}
@media screen and (min-width:66rem){.picture.across{margin-inline:calc((100% - 60rem)/2)}.picture.down{display:none}}
@media print{.picture.down{display:none}.picture.across svg{min-width:0!important}}
@media screen and (max-width:65.99rem){.picture.across{display:none}}
.part{cursor:pointer}
.part:focus-visible .node,.part:focus-visible .hit{stroke:var(--ink);stroke-width:3}
.player{display:flex;flex-wrap:wrap;align-items:center;gap:4px;margin:0 0 8px}
.player [aria-disabled]{color:var(--soft);opacity:.6;cursor:default}.player button{min-width:44px;min-height:36px}.player [data-go=play]{min-width:5.5em;background:var(--forward);border-color:var(--forward);color:var(--ground)}
.player span{margin-left:8px;font-variant-numeric:tabular-nums}
.told{min-height:1.6em}
.closer{padding:8px 16px;margin:0 0 16px;background:var(--surface);border-radius:10px}.closer h4{margin:0 0 4px}.closer p:last-child{margin:0}
.unseen{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%)}
@media (scripting:none){.player{display:none}}
.neighbours{display:grid;grid-template-columns:1fr 1fr;gap:16px;margin-top:64px}
.neighbours a{display:block;padding:12px 16px;border:1px solid var(--line);border-radius:10px;text-decoration:none;color:var(--ink)}
.neighbours a:hover{border-color:var(--forward)}.neighbours a[rel=next]{text-align:right}
.neighbours small{display:block;color:var(--soft);font-size:.8125rem}
.quantity{white-space:nowrap}
.value{font-variant-numeric:tabular-nums;font-weight:600;color:var(--forward)}
.problem,.wrong{color:var(--bad);border:1px solid var(--bad);border-radius:6px;padding:2px 8px;overflow-wrap:anywhere}
.slider{display:inline-flex;align-items:center;gap:12px;padding:4px 12px;background:var(--surface);border-radius:10px;max-width:100%}
.block>.slider{display:flex}
.slider input{flex:1;min-width:96px;accent-color:var(--forward);min-height:28px}
.slider span{font-style:italic}
.slider output{min-width:4.5em;text-align:right;font-variant-numeric:tabular-nums;font-weight:600}
.board ol{list-style:none;padding:0;margin:0 0 8px}
.board{overflow-x:auto}
.board li{margin:0 0 8px}
.board li:not(:first-child)>math{margin-left:24px}
.why{padding-left:24px;color:var(--soft)}
.why span+span::before{content:" · "}
.why b,details b{color:var(--backward);font-weight:600}
summary{cursor:pointer;padding:4px 0;overflow-x:auto}
.inside{margin-left:5px;padding-left:16px;border-left:2px solid var(--line)}
.inside p{margin:4px 0;overflow-x:auto}
.locals{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,12rem),1fr));gap:0 24px}
.columns{display:flex;flex-wrap:wrap;gap:0 48px}.columns>div{max-width:100%}
.forward thead th:first-child{color:var(--forward)}.backward thead th:first-child{color:var(--backward)}
.bar{position:sticky;top:0;z-index:1;display:flex;align-items:center;gap:8px;padding:8px 20px;background:var(--ground);border-bottom:1px solid var(--line);font-size:.9375rem}
.bar .name{flex:1;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;color:var(--soft)}
.bar a,.bar button,.player button{font:inherit;color:inherit;min-height:36px;padding:4px 12px;border:1px solid var(--line);border-radius:8px;background:var(--ground);text-decoration:none;cursor:pointer;white-space:nowrap}
.bar a:hover,.bar button:hover,.player button:hover{border-color:var(--soft)}
.bar button[hidden]{display:none}
:focus-visible{outline:2px solid var(--forward);outline-offset:2px}
.part:focus-visible{outline:none}
.lessons{list-style:none;padding:0}
.lessons a{display:block;padding:16px;border:1px solid var(--line);border-radius:10px;text-decoration:none;color:inherit;margin:0 0 8px}
.lessons a:hover{border-color:var(--forward)}
.lessons b{color:var(--forward)}
@media screen{.slides main{--fit:1;max-width:calc(60rem*var(--fit));padding:24px max(20px,4vw)}
.slides main.two{max-width:110rem;padding-inline:24px}
.slides section,.slides .neighbours{display:none}
.slides section.now{display:block;min-height:calc(100vh - 120px);margin:0;font-size:calc(1.25rem*var(--fit))}
.slides h1{font-size:1.6em}.slides h2{font-size:1.3em}.slides h3{font-size:1.1em}.slides h4{font-size:1em}.slides :is(h3,h4){margin:.8em 0 .3em}
.slides pre{white-space:pre-wrap;padding:.7em}.slides :is(td,th){padding:.2em .6em}.slides .wide :is(td,th){padding-inline:.45em}.slides thead th{font-size:.9em}
.slides .picture.across{margin-inline:0}.slides .picture.wide svg{zoom:var(--fit)}
.slides :is(.block .why,.block .soft,.block details,.wide table,.told){font-size:.85em}
.slides .bar,.slides .player{font-size:1rem}
.slides .block:has(>.slider){display:inline-block;width:calc(50% - 16px);margin:0 8px .6em 0;vertical-align:top}
.slides .picture:not(.wide){aspect-ratio:auto;height:calc(52vh*min(1,var(--fit)))}
.slides .two section.now{columns:2;column-gap:3rem}
.slides .two :is(section>h1,section>h2,.picture.span){column-span:all}
.slides .two :is(figure,.board,.display,li,p,blockquote,pre,tr,.player){break-inside:avoid}
.slides .two :is(h2,h3,h4,.player,.told,.block:has(>.slider)){break-after:avoid}
.slides .two .block:has(>.slider){display:block;width:auto}
.slides :is(p,ul,ol,.wide,.picture,.board,.display,pre,blockquote,.block){margin-bottom:.7em}}
.count{color:var(--soft);font-variant-numeric:tabular-nums;white-space:nowrap}
@media (max-width:30rem){.told{min-height:3.2em}.picture{aspect-ratio:4/3}html{font-size:1rem}main{padding-inline:16px}h1{font-size:1.625rem}.bar{padding-inline:12px}}
@media print{.bar,.neighbours,.player,.told,.unseen,.slider input,details:not([open]){display:none}html{font-size:11pt}main{max-width:none;padding:0}pre{white-space:pre-wrap}h1,h2,h3,h4{break-after:avoid}.picture,.board,.columns>div,table,li,blockquote,.display{break-inside:avoid}.display,.wide,.board,.picture.wide,summary,.inside p{overflow:visible}section+section{margin-top:24px}a{color:inherit}.slider{background:none;padding-inline:0}.block>.slider{display:inline-flex}.block:has(>.slider){margin-bottom:4px;break-after:avoid}.picture:not(.wide){width:82%;margin-inline:auto}}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}`;

/** The style of every page of lessons. */
export const lessonStyle: string = [colourStyle, PAGE, chartStyle].join("\n");
