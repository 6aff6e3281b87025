// Large expressions, Taylor series, and what an import costs.
// Run: npm run build && node bench/sizes.mjs
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { add, div, exp, log, mul, sin, tanh, taylor } from "gradus";
import { parse } from "gradus/math";

const time = (f) => {
  const start = performance.now();
  f();
  return performance.now() - start;
};
const series = (x) => log(add(2, div(mul(sin(x), exp(x)), add(2, tanh(mul(x, x))))));
console.log(
  `Taylor order 100 of a ten-node function, first call: ${time(() => taylor(series, 0.3, 100)).toFixed(1)} ms`,
);
console.log(`the same, second call: ${time(() => taylor(series, 0.3, 100)).toFixed(1)} ms`);

const n = 100_000;
const large = {
  "a chain of 10⁵ factors": Array.from({ length: n }, () => "x").join("*"),
  "a sum of 10⁵ terms": Array.from({ length: n }, (_, i) => `${i + 1}*x`).join(" + "),
  "5,000 nested functions": `${"sin(".repeat(5000)}x${")".repeat(5000)}`,
};
for (const [name, text] of Object.entries(large)) {
  const spent = time(() => {
    const d = parse(text).derivative("x");
    d.evaluate({ x: 0.5 });
    d.toText();
  });
  console.log(`${name}: parse, differentiate, evaluate, write: ${(spent / 1000).toFixed(2)} s`);
}

const core = new URL("../packages/gradus/dist/index.js", import.meta.url);
const { rolldown } = await import("rolldown");
/** What an application carries that imports these names. */
async function sizeOf(imports) {
  const source = `export ${imports} from ${JSON.stringify(fileURLToPath(core))}`;
  const app = {
    name: "app",
    resolveId: (id) => (id === "app" ? id : null),
    load: (id) => (id === "app" ? source : null),
  };
  const bundle = await rolldown({ input: "app", plugins: [app] });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  const kilobytes = (bytes) => (bytes.length / 1000).toFixed(1);
  const { code } = output[0];
  return `${kilobytes(brotliCompressSync(code))} kB by Brotli, ${kilobytes(gzipSync(code, { level: 9 }))} kB by gzip`;
}
// What other work has added to the entry since: engines, loops, linear algebra, windows, orders.
const LATER =
  /^(jit|compile|debugNans|interpret|scan|cond|whileLoop|remat|customRoot|fixedPoint|cholesky|cofactor|solve|triangularSolve|inverse|det|logdet|slogdet|qr|eigh|eigvalsh|lstsq|tril|triu|conv.*|.*[pP]ool.*|cum.*|sort|argsort|topK|takeAlongAxis)$/;
const names = Object.keys(await import(core.href));
const apps = {
  "an application with grad": "{ grad }",
  "with grad, jvp, hessian, taylor, tensor, sigmoid": "{ grad, jvp, hessian, taylor, tensor, sigmoid }",
  "with grad and jit": "{ grad, jit }",
  "every primitive and transform but loops, linear algebra, convolution, engines": `{ ${names.filter((n) => !LATER.test(n)).join(", ")} }`,
  "the core entry, whole": "*",
};
for (const [name, imports] of Object.entries(apps))
  console.log(`${name}, minified: ${await sizeOf(imports)}`);

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
const node = (...args) => spawnSync(process.execPath, args, { encoding: "utf8" }).stdout;
const script = `const s=performance.now();import(${JSON.stringify(core.href)}).then(()=>console.log(performance.now()-s))`;
const imports = Array.from({ length: 9 }, () => Number(node("-e", script)));
console.log(`import of the core: ${median(imports).toFixed(0)} ms (median of 9)`);

const main = fileURLToPath(new URL("../packages/cli/dist/main.js", import.meta.url));
const runs = Array.from({ length: 15 }, () => [
  time(() => node("-e", "0")),
  time(() => node(main, "derive", "sin(x^2)")),
]);
const [bare, derive] = [0, 1].map((i) => median(runs.map((r) => r[i])));
console.log(
  `gradus derive "sin(x^2)": ${derive.toFixed(0)} ms, ${(derive / bare).toFixed(1)} × Node's own start of ${bare.toFixed(0)} ms`,
);
