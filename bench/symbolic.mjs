// Symbolic derivative with tidying, beside mathjs (derivative with simplify) and SymPy (diff and simplify).
// Run: npm run build && node bench/symbolic.mjs [--sympy]   SymPy needs python3 with sympy; it is asked in one process.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parse } from "gradus/math";
import * as mathjs from "mathjs";

const expressions = JSON.parse(readFileSync(new URL("./expressions.json", import.meta.url), "utf8"));
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const time = (f) => {
  const start = performance.now();
  f();
  return performance.now() - start;
};

/** A peer that fails on an expression is counted, with the time it took. */
const failures = { gradus: 0, mathjs: 0 };
const attempt = (name, f) => {
  try {
    f();
  } catch {
    failures[name]++;
  }
};

const runs = {
  gradus: (text) =>
    parse(text, { variables: ["x"] })
      .derivative("x")
      .toText(),
  mathjs: (text) => mathjs.derivative(text, "x", { simplify: true }).toString(),
};
const times = { gradus: [], mathjs: [] };
for (const text of expressions.slice(0, 20))
  for (const [name, f] of Object.entries(runs)) attempt(name, () => f(text));
failures.gradus = failures.mathjs = 0;
// Interleaved: noise meets both alike. The median of three for each expression.
for (const text of expressions) {
  for (const [name, f] of Object.entries(runs))
    times[name].push(median([0, 1, 2].map(() => time(() => attempt(name, () => f(text))))));
}
const ratios = expressions.map((_, i) => times.mathjs[i] / times.gradus[i]);
console.log(`gradus  median ${median(times.gradus).toFixed(3)} ms`);
console.log(
  `mathjs  median ${median(times.mathjs).toFixed(3)} ms, median ratio ${median(ratios).toFixed(1)}`,
);

if (process.argv.includes("--sympy")) {
  const program = `
import json, sys, time, signal
import sympy
x = sympy.Symbol("x")
def late(*_): raise TimeoutError
signal.signal(signal.SIGALRM, late)
out = []
for text in json.load(sys.stdin):
    start = time.perf_counter()
    signal.alarm(10)
    try:
        sympy.simplify(sympy.diff(sympy.sympify(text.replace("^", "**")), x))
    except Exception:
        pass
    signal.alarm(0)
    out.append(1000 * (time.perf_counter() - start))
print(json.dumps(out))
`;
  // Every tenth: SymPy's simplify takes seconds on the larger ones (10 s at most are counted).
  const some = expressions.filter((_, i) => i % 10 === 0);
  const run = spawnSync("python3", ["-c", program], {
    input: JSON.stringify(some),
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  const sympy = JSON.parse(run.stdout);
  const own = times.gradus.filter((_, i) => i % 10 === 0);
  console.log(
    `SymPy   median ${median(sympy).toFixed(1)} ms, median ratio ${median(sympy.map((t, i) => t / own[i])).toFixed(0)} (20 of the 200)`,
  );
}
