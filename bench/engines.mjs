// Gradients into given buffers, beside the same by hand and by JAX on the CPU under jit: medians of runs in turns.
// Run: npm run build && node bench/engines.mjs [part of a row's name]. Peers are left out where they are missing:
// pip install jax torch; those in JavaScript as peers.mjs says. GRADUS_ONE_THREAD=1 keeps JAX and PyTorch to one thread.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  add,
  div,
  exp,
  grad,
  hvp,
  jit,
  log,
  logSumExp,
  matmul,
  mul,
  sin,
  slice,
  sub,
  sum,
  tanh,
  taylor,
  tensor,
} from "gradus";
import { bundle, gmm, lstm } from "./adbench.mjs";
import * as byHand from "./by-hand.mjs";
import { peerRuns } from "./peers.mjs";

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];

/** Medians of runs that take turns, after some that let everything be compiled; short runs are timed in batches. */
async function interleaved(name, runs) {
  const entries = Object.entries(runs).filter(([, run]) => run);
  const once = (run, times) => {
    const start = performance.now();
    for (let i = 0; i < times; i++) run();
    return (performance.now() - start) / times;
  };
  const batches = entries.map(([, run]) => {
    for (let spent = 0, i = 0; i < 3 || (spent < 300 && i < 20_000); i++) spent += once(run, 1);
    return Math.max(1, Math.ceil(2 / once(run, 5)));
  });
  const times = {};
  const note = (peer, time) => {
    times[peer] ??= [];
    times[peer].push(time);
  };
  for (let round = 0; round < 25; round++) {
    entries.forEach(([peer, run], i) => {
      note(peer, once(run, batches[i]));
    });
    for (const [peer, time] of Object.entries(await askPython(name))) note(peer, time);
  }
  return Object.fromEntries(Object.entries(times).map(([peer, list]) => [peer, median(list)]));
}

/** One turn of the peers in Python: milliseconds. */
const python = spawn("python3", [fileURLToPath(new URL("engines_peer.py", import.meta.url))], {
  stdio: ["pipe", "pipe", "inherit"],
});
const failed = new Promise((resolve) => {
  python.on("error", (error) => {
    console.log(`JAX and PyTorch are left out: ${error.message}`);
    resolve();
  });
  python.on("exit", resolve);
});
python.stdin.on("error", () => undefined);
const answers = createInterface(python.stdout)[Symbol.asyncIterator]();
async function askPython(name) {
  python.stdin.write(`${name}\n`);
  const answer = await Promise.race([answers.next(), failed.then(() => ({ done: true }))]);
  return answer.done ? {} : JSON.parse(answer.value);
}

const waves = (n, scale = 1) =>
  Float64Array.from({ length: n }, (_, i) => Math.sin(i * 12.9898 + i * i * 0.37) * scale);
const matrix = (rows, columns, scale) => tensor(waves(rows * columns, scale)).reshape([rows, columns]);
const wanted = process.argv[2] ?? "";
const isWanted = (name) => name.toLowerCase().includes(wanted.toLowerCase());
const rosenbrocks = [1000, 1_000_000].map((n) => [`Rosenbrock, ${n} variables`, waves(n, 2)]);
const logistic = {
  X: matrix(10_000, 30),
  y: tensor(Float64Array.from({ length: 10_000 }, (_, i) => i % 2)),
  w: tensor(waves(30)),
};
const twoLayers = { X: matrix(1000, 20), Y: oneHot(1000, 10), p: layers(20, 32, 10) };
const inJavaScript = await peerRuns({
  wanted: isWanted,
  rosenbrock: rosenbrocks,
  logistic,
  network: twoLayers,
});

function oneHot(rows, classes) {
  return tensor(
    Float64Array.from({ length: rows * classes }, (_, i) =>
      Number(Math.floor(i / classes) % classes === i % classes),
    ),
  ).reshape([rows, classes]);
}

function layers(inputs, hidden, classes) {
  return [
    matrix(inputs, hidden, 0.2),
    tensor(waves(hidden, 0.1)),
    matrix(hidden, classes, 0.2),
    tensor(waves(classes, 0.1)),
  ];
}

const shown = (ms) =>
  ms < 0.001 ? `${(ms * 1e6).toFixed(0)} ns` : ms < 1 ? `${(ms * 1e3).toFixed(1)} µs` : `${ms.toFixed(2)} ms`;

/** One line of the table; ratios are to `hand`. */
async function row(name, aim, makeRuns) {
  if (!isWanted(name)) return;
  const { base: wish = "hand", ...runs } = makeRuns();
  const times = await interleaved(name, { ...runs, ...inJavaScript[name] });
  const base = wish in times ? wish : "compiled";
  const cells = Object.entries(times).map(
    ([k, t]) => `${k} ${shown(t)}${k === base ? "" : ` (${(t / times[base]).toFixed(2)} ×)`}`,
  );
  console.log(`${name} [aim ${aim}]: ${cells.join(", ")}`);
}

/** The runs of a gradient: by hand, compiled, on the tape; and the function alone. */
function gradientRuns(f, x, hand, tape = true) {
  const sizes = Array.isArray(x) ? x.map((t) => t.size) : [x.size];
  const outs = () => sizes.map((n) => new Float64Array(n));
  const [a, b, c, value] = [outs(), outs(), outs(), [new Float64Array(1)]];
  const [fast, slow, own] = [jit(grad(f)), jit(grad(f), { engine: "tape" }), jit(f)];
  hand(c);
  fast.into(a, x);
  for (let i = 0; i < a.length; i++) close(a[i], c[i]);
  return {
    hand: () => hand(c),
    compiled: () => fast.into(a, x),
    tape: tape && (() => slow.into(b, x)),
    "the function alone": () => own.into(value, x),
  };
}

function close(got, want) {
  const scale = want.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-300);
  got.forEach((v, i) => {
    if (!(Math.abs(v - want[i]) <= 1e-9 * scale)) throw new Error(`wrong: ${v}, not ${want[i]}, at ${i}`);
  });
}

for (const [name, at] of rosenbrocks) {
  await row(name, "1.5 × by hand", () => {
    const [x, n] = [tensor(at), at.length];
    const f = (v) => {
      const [a, b] = [slice(v, [0], [n - 1]), slice(v, [1], [n])];
      return b.sub(a.mul(a)).pow(2).mul(100).add(sub(1, a).pow(2)).sum();
    };
    return gradientRuns(f, x, byHand.rosenbrock(at), n < 1e6);
  });
}

await row("logistic loss, 10000 × 30", "1.5 × by hand", () => {
  const { X, y, w } = logistic;
  const f = (v) => {
    const z = X.dot(v);
    return log(exp(z).add(1)).sub(y.mul(z)).sum();
  };
  return gradientRuns(f, w, byHand.logistic(X.toTypedArray(), y.toTypedArray(), w.toTypedArray()));
});

/** Cross-entropy of a network with one tanh layer. */
const network =
  (X, Y) =>
  ([W, b, V, c]) => {
    const scores = matmul(tanh(matmul(X, W).add(b)), V).add(c);
    return sum(sub(logSumExp(scores, { axis: 1 }), sum(mul(scores, Y), { axis: 1 }))).div(X.shape[0]);
  };
await row("two-layer network, 1000 rows", "1.5 × by hand", () => {
  const { X, Y, p } = twoLayers;
  return gradientRuns(network(X, Y), p, byHand.network(X, Y, p));
});

await row("five lines of two numbers: gradient", "2 × by hand", () => {
  const f = ({ x, y }) => {
    const a = add(mul(x, x), y);
    const b = sin(mul(a, x));
    const c = exp(mul(b, y).neg());
    const d = div(a, add(1, mul(c, c)));
    return add(mul(d, b), log(add(1, mul(a, a))));
  };
  const [fast, slow] = [jit(grad(f)), jit(grad(f), { engine: "tape" })];
  const [at, out, tapeOut] = [
    [0.7, 1.3],
    [new Float64Array(1), new Float64Array(1)],
    [new Float64Array(1), new Float64Array(1)],
  ];
  const p = { x: tensor(at[0]), y: tensor(at[1]) };
  const hand = byHand.fiveLines();
  fast.into(out, p);
  close(
    out.map((o) => o[0]),
    hand(...at),
  );
  return { hand: () => hand(...at), compiled: () => fast.into(out, p), tape: () => slow.into(tapeOut, p) };
});

const shared = fileURLToPath(new URL("../../shared/adbench/", import.meta.url));
const adbench = (name) => JSON.parse(readFileSync(`${shared}${name}.json`, "utf8"));
/** A gradient by a tree of parameters, beside JAX. */
function objectiveRuns(f, p) {
  const outs = () => Object.values(p).map((t) => new Float64Array(t.size));
  const [a, b] = [outs(), outs()];
  const [fast, slow] = [jit(grad(f)), jit(grad(f), { engine: "tape" })];
  return { base: "JAX", compiled: () => fast.into(a, p), tape: () => slow.into(b, p) };
}

const mixtureRuns = (data) =>
  objectiveRuns(gmm(data), { alphas: tensor(data.alphas), means: tensor(data.means), icf: tensor(data.icf) });

await row("GMM, 1000 points of 20, 10 Gaussians", "3 × JAX", () =>
  mixtureRuns({
    x: matrix(1000, 20).toArray(),
    gamma: 1,
    m: 0,
    alphas: waves(10),
    means: matrix(10, 20).toArray(),
    icf: matrix(10, 210, 0.3).toArray(),
  }),
);

await row("LSTM, 2 layers, 1024 characters", "3 × JAX", () => {
  const [layerCount, steps, width] = [2, 1024, 14];
  const data = {
    state: matrix(2 * layerCount, width).toArray(),
    sequence: matrix(steps, width)
      .toArray()
      .map((r) => r.map((v) => Number(v > 0))),
  };
  return objectiveRuns(lstm(data), { main: matrix(2 * layerCount, 4 * width), extra: matrix(3, width) });
});

if (!existsSync(shared)) console.log("ADBench's files are left out: there is no ../shared/adbench");
else {
  await row("ADBench GMM, 200 points of 10, 5 Gaussians", "3 × JAX", () =>
    mixtureRuns(adbench("gmm_n200_d10_K5")),
  );
  await row("ADBench BA, 30 observations", "3 × JAX", () => {
    const data = adbench("ba");
    const p = { cameras: tensor(data.cameras), points: tensor(data.points), weights: tensor(data.weights) };
    const { jacobians } = bundle(data);
    const outs = () => [22, 6, 2].map((n) => new Float64Array(30 * n));
    const [a, b, fast, slow] = [outs(), outs(), jit(jacobians), jit(jacobians, { engine: "tape" })];
    return { base: "JAX", compiled: () => fast.into(a, p), tape: () => slow.into(b, p) };
  });
}

await row("Hessian · vector, 10000 parameters", "3 × its gradient", () => {
  const [X, Y, p] = [matrix(100, 90), oneHot(100, 10), layers(90, 100, 10)];
  const v = layers(90, 100, 10);
  const f = network(X, Y);
  const outs = () => p.map((t) => new Float64Array(t.size));
  const [a, b, c] = [outs(), outs(), outs()];
  const [gradient, product] = [jit(grad(f)), jit((q, u) => hvp(f, q, u))];
  const slow = jit((q, u) => hvp(f, q, u), { engine: "tape" });
  return {
    base: "gradient",
    gradient: () => gradient.into(a, p),
    compiled: () => product.into(b, p, v),
    tape: () => slow.into(c, p, v),
  };
});

await row("Taylor order 100 of ten nodes", "0.3 ms", () => {
  const f = (x) => log(add(2, div(mul(sin(x), exp(x)), add(2, tanh(mul(x, x))))));
  const compiled = (order, engine) => {
    const run = jit((x) => taylor(f, x, order), { engine });
    const [x, out] = [tensor(0.3), [new Float64Array(order + 1)]];
    return () => run.into(out, x);
  };
  return {
    hand: byHand.taylor(0.3, 100),
    compiled: compiled(100),
    tape: compiled(100, "tape"),
    "order 200": compiled(200),
  };
});

await row("compile 1000 nodes", "50 ms", () => {
  const x = tensor(waves(1000));
  const f = (v) => {
    let [a, b] = [v, v.mul(0.5)];
    for (let i = 0; i < 250; i++) [a, b] = [sin(a.mul(b)), a.add(b.mul(1 / (i + 2)))];
    return a.add(b).sum();
  };
  const out = [new Float64Array(1)];
  return {
    base: "compiled",
    compiled: () => jit(f).into(out, x),
    tape: () => jit(f, { engine: "tape" }).into(out, x),
  };
});

if ("memory of a gradient".includes(wanted.toLowerCase())) {
  const [X, Y, p] = [matrix(1000, 20), oneHot(1000, 10), layers(20, 32, 10)];
  const fast = jit(grad(network(X, Y)));
  fast.into(
    p.map((t) => new Float64Array(t.size)),
    p,
  );
  const bytes = Number(/(\d+) bytes/.exec(fast.explain())[1]);
  // Where the way back begins: the activations, their cotangents, and those of the scores.
  const kept = 8 * 1000 * (32 + 32 + 10);
  console.log(
    `memory of a gradient (network) [aim 1.3 ×]: ${(bytes / 1000).toFixed(0)} kB, ${(bytes / kept).toFixed(2)} × what must be kept at one time`,
  );
}

python.stdin.end();
