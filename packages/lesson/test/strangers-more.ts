/** Further lessons that strangers might send: by styles, entities, names of JavaScript, front matter, paths, letters that hide. */

const ACT = "document.title='broken'";
const FAR = "https://elsewhere.example/x";
/** Right to left, zero width, joiners, marks without a letter, private and unpaired characters. */
const HIDDEN = [
  "\u202e",
  "\u2066",
  "\u200b",
  "\u200d",
  "\u2060",
  "\ufeff",
  "\u0301".repeat(400),
  "\ud83d",
  "\ue000",
  "\udb40\udc41",
];
/** What every object of JavaScript has, and what a page has. */
const NAMES =
  "__proto__ constructor prototype toString valueOf hasOwnProperty __defineGetter__ then toJSON length name"
    .split(" ")
    .concat("window document location top parent self globalThis gradusWork currentScript origin".split(" "));

const STYLES = [
  `red;background:url(${FAR})`,
  `red}*{display:none}`,
  `red"/><style>*{display:none}</style>`,
  `expression(${ACT})`,
  `-moz-binding:url(${FAR})`,
  `\\65xpression(${ACT})`,
  `url(javascript:${ACT})`,
  `var(--x,url(${FAR}))`,
  `/*`,
  `100%;position:fixed;inset:0`,
];

const ENTITIES = [
  `&lt;img src=x onerror=${ACT}&gt;`,
  `&amp;lt;script&amp;gt;${ACT}&amp;lt;/script&amp;gt;`,
  `&#x3C;script&#x3E;${ACT}&#x3C;/script&#x3E;`,
  `&#0000060script&#0000062;${ACT}`,
  `&lbrace;${ACT}&rbrace;`,
  `&NewLine;&Tab;<script&NewLine;>${ACT}</script>`,
  `&quot;&apos; onmouseover=&quot;${ACT}`,
  `&#xD800;&#xFFFF;&#x110000;&#99999999999;`,
  `&nosuchentity;`.repeat(2_000),
];

const block = (kind: string, attributes: string): string => `::${kind}{${attributes}}`;

const DIRECTIVES = [
  `${"::::note\n".repeat(300)}${"::::\n".repeat(300)}`,
  `${":value[".repeat(400)}${"]".repeat(400)}{of=1}`,
  `:value[:value[:value{of=1}]{of=2}]{of=3}`,
  `::plot[![x](javascript:${ACT})]{f=x}`,
  `::plot{f=x f="y" .a .b #c #d style="${STYLES[0]}" onclick="${ACT}"}`,
  `::plot{f="x" title="</title><script>${ACT}</script>"}`,
  `::plot{f="x" title="${"&#x202e;".repeat(100)}"}`,
  `::plot{${Array.from({ length: 3_000 }, (_, i) => `a${i}=1`).join(" ")}}`,
  `::plot{f="${"\\".repeat(490)}"}`,
  `::plot{f="${"{".repeat(240)}${"}".repeat(240)}"}`,
  `::table{f="${"x;".repeat(249)}"}`,
  `::table{f="${"1_{x>0};".repeat(39)}x" second}`,
  `::graph{lines="${Array.from({ length: 60 }, (_, i) => `a_${i}=b`).join(";")}"}`,
  `::graph{lines="z = __proto__; L = z" values="__proto__=1"}`,
  `::graph{lines="z = [x,x,x]; L = sum(z)" values="x=[[[[[[[[1]]]]]]]]"}`,
  `:value{of="sum(z)" at="z=[${"1,".repeat(230)}1]"}`,
  `:value{of="sum(z)" at="z=${"[".repeat(200)}1${"]".repeat(200)}"}`,
  `:value{of="1" is="[${"1,".repeat(200)}1]"}`,
  `:value{of="1" is="${"9".repeat(400)}"}`,
  `:value{of="1" is="1e-999999999"}`,
  `:value{of="1" digits="1e308"}`,
  `:formula{of="x" left="${"'".repeat(400)}"}`,
  `:formula{of="x" left="∂\\input/∂\\x"}`,
  `:formula{of="x" left="f''''(\\href{javascript:${ACT}}{x})"}`,
  `::formula{of="x^2" taylor=12 about="${"a+".repeat(200)}a"}`,
  `::slider{name=p label="<b onclick=${ACT}>x</b>"}`,
  `::slider{name=p from=-1e308 to=1e308 step=5e-324 value=0}\n\n:value{of="p"}`,
  `::descend{f="x" from="x=1" methods="${"gd ".repeat(160)}"}`,
  `::descend{f="1/(x-x)" from="x=1"}`,
  `::plot{f="sum(exp(x ones(1000,1000)))" wrt=x}`,
  `::plot{f="sum(ones(30000) ones(30000)^T) x" wrt=x}`,
  `:value{of="sum(outer(ones(60000), ones(60000)))"}`,
  `:value{of="sum(ones(3000,3000)) + det(ones(3000,3000))"}`,
  `:value{of="sum(sum(sum(i j k, i, 1, 1000), j, 1, 1000), k, 1, 1000)"}`,
];

const FRONT = [
  `---\ntitle: "<script>${ACT}</script>"\n---\n`,
  `---\ntitle: |\n  ${"x".repeat(5_000)}\n---\n`,
  `---\na: &a [*a, *a]\nb: *a\n---\n`,
  `---\n? !!js/function "function(){${ACT}}"\n: 1\n---\n`,
  `---\n__proto__: {a: 1}\ntitle: __proto__\n---\n`,
  `---\ntitle: "${"a ".repeat(9_000)}"\n---\n`,
  `---\n${"a: b\n".repeat(2_000)}`,
  `---\n${"- : x\n".repeat(300)}`,
  `---\n${" ".repeat(50_000)}\n`,
  `---\n---\n---\n---\n`,
  `+++\ntitle = "x"\n+++\n`,
];

const PATHS = [
  "....//....//etc/passwd.png",
  "x/..\\..\\..\\etc\\passwd.png",
  "%252e%252e/x.png",
  "..%c0%af..%c0%afx.png",
  "CON.png",
  "x.png/",
  "x.png\u0000.svg",
  "~/.ssh/x.png",
  "file:x.png",
  "\\\\?\\C:\\x.png",
  "_gradus/live.js.png",
  `${"a".repeat(5_000)}.png`,
  "x.svg#svgView(viewBox(0,0,1,1))",
  "x.svg?<svg onload=1>",
  "data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9MT4=",
  "jav\u200bascript:1",
  'x.md#"><script>1</script>',
  "x.md#__proto__",
  "../../../x.md",
  ".hidden.md",
  "x.md?a=1",
];

const TEXTS = [
  ...HIDDEN.flatMap((h) => [
    `${h}::plot{f=x}${h}`,
    `:value{of="${h}x${h}" at="x=1"}`,
    `[a](java${h}script:1) # ${h}`,
  ]),
  ...NAMES.flatMap((n) => [
    `::slider{name=${n}}\n\n:value{of="2 ${n}"}\n\n# ${n}\n\n[x](#${n})`,
    `::quantity{name=${n} of="${n}"}\n\n::plot{${n}="x"}\n\n::${n}{a=b}`,
  ]),
  ...STYLES.flatMap((s) => [
    `$\\color{${s}}x$ $\\colorbox{${s}}{x}$`,
    block("slider", `name=p label="${s.replaceAll('"', "&quot;")}"`),
  ]),
  ...ENTITIES,
  ...DIRECTIVES,
  ...PATHS.flatMap((p) => [`![x](<${p}>)`, `[x](<${p}>)`]),
  `| ${"a|".repeat(1_000)}\n|${"-|".repeat(1_000)}\n${`|${"b|".repeat(1_000)}\n`.repeat(4)}`,
  `$${"a".repeat(100_000)}$`,
  `${"x".repeat(400_000)} :value{of=1}`,
  `::plot{f="${"x".repeat(400_000)}"}`,
  `- [ ] [x](${"(".repeat(3_000)})`,
  `${"[^a]: x\n\n".repeat(2_000)}[^a]`,
  `${"[^a]".repeat(3_000)}\n\n[^a]: [^a] [^a]`,
  `${"![a][b] ".repeat(3_000)}\n\n[b]: x.png`,
  `${"<https://a.example/> ".repeat(2_000)}`,
  `${"www.a.example ".repeat(5_000)}`,
  `${"a@b.example ".repeat(5_000)}`,
  `${"`".repeat(5_000)}x${"`".repeat(4_999)}`,
  "~~".repeat(10_000),
  `${"|".repeat(20_000)}\n${"-|".repeat(10_000)}`,
];

/** Some are one block to their end, or refused as a whole. */
const SHAPES = [
  `${":::".repeat(200)}plot`,
  Array.from({ length: 200 }, (_, i) => `${":".repeat(203 - i)}plot{f=x}`).join("\n"),
  `---\n${"- ".repeat(20_000)}\n---\n`,
  `---\n${"a: b\n".repeat(4_000)}---`,
  `${"a ".repeat(2_000)}\n`.repeat(120),
];

export const more: readonly { readonly name: string; readonly markdown: string }[] = [
  ...TEXTS.map((markdown, i) => ({ name: `text ${i}`, markdown })),
  ...FRONT.map((markdown, i) => ({ name: `front matter ${i}`, markdown: `${markdown}\n` })),
  ...SHAPES.map((markdown, i) => ({ name: `shape, further ${i}`, markdown })),
];
