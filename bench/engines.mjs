// Gradients into a given buffer, beside the same gradient written by hand: medians of interleaved runs, ratios.
// Run: npm run build && node bench/engines.mjs
import { exp, grad, jit, log, slice, tensor } from "gradus";

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];

function interleaved(runs, times) {
  const spent = Object.fromEntries(Object.keys(runs).map((k) => [k, []]));
  for (let i = 0; i < times; i++) {
    for (const [name, run] of Object.entries(runs)) {
      const start = performance.now();
      run();
      spent[name].push(performance.now() - start);
    }
  }
  return Object.fromEntries(Object.entries(spent).map(([k, v]) => [k, median(v.slice(2))]));
}

const random = (n) => Float64Array.from({ length: n }, (_, i) => Math.sin(i * 12.9898) * 2);

function report(name, times) {
  const { hand } = times;
  const shown = Object.entries(times).map(([k, v]) => `${k} ${v.toFixed(3)} ms (${(v / hand).toFixed(1)} ×)`);
  console.log(`${name}: ${shown.join(", ")}`);
}

function rosenbrock(n) {
  const f = (x) => {
    const [a, b] = [slice(x, [0], [n - 1]), slice(x, [1], [n])];
    return b.sub(a.mul(a)).pow(2).mul(100).add(a.mul(-1).add(1).pow(2)).sum();
  };
  const x = tensor(random(n));
  const fast = jit(grad(f));
  fast(x);
  const out = new Float64Array(n),
    out2 = out.slice();
  const v = x.toTypedArray();
  const hand = () => {
    out.fill(0);
    for (let i = 0; i < n - 1; i++) {
      const gap = v[i + 1] - v[i] * v[i];
      out[i] += -400 * gap * v[i] - 2 * (1 - v[i]);
      out[i + 1] += 200 * gap;
    }
  };
  const eager = grad(f);
  const runs = {
    hand,
    compiled: () => fast.into([out2], x),
    ...(n <= 1000 ? { eager: () => eager(x) } : {}),
  };
  report(`Rosenbrock, ${n} variables`, interleaved(runs, n <= 1000 ? 3000 : 12));
}

function logistic(rows, columns) {
  const X = tensor(
    Array.from({ length: rows }, (_, i) => Array.from(random(columns), (v, j) => Math.sin(v + i * (j + 1)))),
  );
  const y = tensor(Float64Array.from({ length: rows }, (_, i) => i % 2));
  const f = (w) => {
    const z = X.dot(w);
    return log(exp(z).add(1)).sub(y.mul(z)).sum();
  };
  const w = tensor(random(columns));
  const fast = jit(grad(f));
  fast(w);
  const [x, t, v] = [X.toTypedArray(), y.toTypedArray(), w.toTypedArray()];
  const out = new Float64Array(columns),
    out2 = out.slice();
  const hand = () => {
    out.fill(0);
    for (let i = 0; i < rows; i++) {
      let z = 0;
      for (let j = 0; j < columns; j++) z += x[i * columns + j] * v[j];
      const e = Math.exp(z);
      const d = e / (1 + e) - t[i];
      for (let j = 0; j < columns; j++) out[j] += d * x[i * columns + j];
    }
  };
  const eager = grad(f);
  report(
    `logistic loss, ${rows} × ${columns}`,
    interleaved({ hand, compiled: () => fast.into([out2], w), eager: () => eager(w) }, 20),
  );
}

rosenbrock(1000);
rosenbrock(1_000_000);
logistic(10_000, 30);
