// What a derivation with all its steps costs: beside the bare derivative, and beside Compute Engine's explain("D").
// Run: npm run build && npm install --no-save @cortex-js/compute-engine@0.140.0 && node bench/derivation.mjs
// Without that package only the first comparison is made.
import { readFileSync } from "node:fs";
import { derivation, derivationData, parse, renderDerivation } from "gradus/math";

const table = readFileSync(new URL("../packages/gradus/test/textbook.ts", import.meta.url), "utf8");
const sources = [...table.matchAll(/^ {2}\["([^"]+)",/gm)].map((m) => m[1]);

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
/** Median of some runs, in milliseconds. */
function time(run, times = 9) {
  for (let i = 0; i < 3; i++) run();
  return median(
    Array.from({ length: times }, () => {
      const start = performance.now();
      run();
      return performance.now() - start;
    }),
  );
}

const known = { variables: ["x"] };
const rows = sources.map((source) => {
  const e = parse(source, known);
  const bare = time(() => e.derivative("x"));
  const steps = time(() => derivation(e, "x"));
  const written = time(() => JSON.stringify(derivationData(derivation(e, "x")[0])));
  return { source, e, bare, steps, written };
});
const ratio = (key) => median(rows.map((r) => r[key] / r.bare));
console.log(
  `${rows.length} expressions of the textbook table; bare derivative ${(1000 * median(rows.map((r) => r.bare))).toFixed(0)} µs (median)`,
);
console.log(`derivation with all steps: ${ratio("steps").toFixed(1)} × the bare derivative (median)`);
console.log(`the same, written as text and LaTeX: ${ratio("written").toFixed(1)} ×`);

const engine = await import("@cortex-js/compute-engine").catch(() => undefined);
if (!engine) console.log("Compute Engine is not installed: see the first lines of this file");
else compare(new engine.ComputeEngine());

function compare(ce) {
  const both = [];
  let [theirs, ours] = [0, 0];
  for (const { source, e } of rows) {
    const read = ce.parse(e.toLatex());
    let found;
    try {
      found = read.explain("D", "x");
    } catch {
      found = undefined;
    }
    const [own] = derivation(e, "x");
    const right = agrees(e, own.result.text);
    if (right) ours++;
    const text = found?.steps?.length > 0 ? found.result.latex : undefined;
    const peer = text !== undefined && agrees(e, text);
    if (peer) theirs++;
    if (peer && right) {
      const ownTime = time(() => renderDerivation(derivation(e, "x")[0]));
      const peerTime = time(() => {
        // A parsed expression keeps what it worked out: each run reads it anew.
        const fresh = ce.parse(e.toLatex());
        for (const s of fresh.explain("D", "x").steps) s.value.latex;
      });
      both.push({ source, ratio: peerTime / ownTime });
    }
  }
  console.log(`Gradus derives ${ours} of ${rows.length} rightly with steps, Compute Engine ${theirs}`);
  console.log(
    `on the ${both.length} that both do: Compute Engine takes ${median(both.map((b) => b.ratio)).toFixed(0)} × as long (median)`,
  );
}

/** Whether a text is the slope of e at four points, by central quotients. */
function agrees(e, text) {
  try {
    const d = parse(text, known);
    let compared = 0;
    for (const x of [0.31, 0.83, 1.4, 2.2]) {
      const given = (f, at) =>
        f.evaluate(Object.fromEntries([...f.variables.keys()].map((n) => [n, n === "x" ? at : 1.3]))).item();
      const h = 1e-5;
      const slope = (given(e, x + h) - given(e, x - h)) / (2 * h);
      const value = given(d, x);
      if (!Number.isFinite(slope) || !Number.isFinite(value)) continue;
      compared++;
      if (Math.abs(slope - value) > 1e-5 * Math.max(1, Math.abs(slope))) return false;
    }
    return compared > 0 || text.includes("'");
  } catch {
    return false;
  }
}
