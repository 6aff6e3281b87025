// Fits of NIST's sets beside SciPy's curve_fit, L-BFGS on Rosenbrock's function beside SciPy's, and the lecture's neuron
// beside NumPy by hand: one run, medians.
// Run: npm run build && node bench/optimize.mjs ../shared/nist   (python3 with numpy and scipy)
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mean, pow, sigmoid, slice, sum, tensor } from "gradus";
import { fit, gradientDescent, minimize, trainStep } from "gradus/optimize";

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
const peerFile = new URL("./optimize_peer.py", import.meta.url).pathname;

function peer(task, env = {}) {
  const run = spawnSync("python3", [peerFile], {
    input: JSON.stringify(task),
    encoding: "utf8",
    maxBuffer: 1e9,
    env: { ...process.env, ...env },
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout);
}

/** The fewest significant digits that agree. */
const digits = (values, certified) =>
  Math.min(...values.map((v, i) => Math.min(16, -Math.log10(Math.abs(v / certified[i] - 1)))));

/** Milliseconds of each run, after one to warm up. */
function spent(f, times) {
  f();
  return Array.from({ length: times }, () => {
    const start = performance.now();
    f();
    return performance.now() - start;
  });
}
const timed = (f, times) => median(spent(f, times));

/**
 * Times beside the peer's, as it comes and with one thread: medians, and the shortest runs, which other work on the
 * machine lengthens least.
 */
function beside(name, task, run) {
  const peers = [
    ["", peer(task)],
    [" with one thread", peer(task, { OPENBLAS_NUM_THREADS: "1" })],
  ];
  const ours = spent(run, task.times);
  const [middle, least] = [median(ours), Math.min(...ours)];
  for (const [how, { seconds, shortest }] of peers)
    console.log(
      `  medians ${middle.toFixed(1)} and ${(seconds * 1000).toFixed(1)} ms (${name}${how}), ratio ${(middle / seconds / 1000).toFixed(2)}; ` +
        `shortest ${least.toFixed(1)} and ${(shortest * 1000).toFixed(1)} ms, ratio ${(least / shortest / 1000).toFixed(2)}`,
    );
  return peers[0][1];
}

function readSet(path) {
  const lines = readFileSync(path, "utf8").split(/\r?\n/);
  const model = lines.findIndex((l) => l.startsWith("Model:"));
  const starts = lines.findIndex((l, i) => i > model && /Starting [Vv]alues/.test(l));
  const written = lines
    .slice(model + 1, starts)
    .join(" ")
    .replace(/^.*?y\s*=/, "")
    .replace(/\+\s*e\s*$/, "");
  const rows = [
    ...lines
      .slice(starts)
      .join("\n")
      .matchAll(/^\s*(b\d)\s*=\s*(\S+)\s+(\S+)\s+(\S+)/gm),
  ];
  const data = lines.slice(lines.findIndex((l) => /^Data:\s+y\s+x/.test(l)) + 1);
  const pairs = data.map((l) => l.trim().split(/\s+/).map(Number)).filter((p) => p.length === 2);
  return {
    model: written.trim(),
    parameters: rows.map((r) => r[1]),
    starts: [0, 1].map((k) => rows.map((r) => Number(r[2 + k]))),
    certified: rows.map((r) => Number(r[4])),
    y: pairs.map((p) => p[0]),
    x: pairs.map((p) => p[1]),
  };
}

function fits(folder) {
  const sets = readdirSync(folder).filter((f) => f.endsWith(".dat"));
  const problems = sets.flatMap((name) => {
    const { starts, ...set } = readSet(`${folder}/${name}`);
    return starts.map((start, k) => ({ name: `${name.replace(".dat", "")}, start ${k + 1}`, start, ...set }));
  });
  const times = 15;
  const theirs = peer({ what: "fits", times, problems });
  const ratios = problems.flatMap((p, i) => {
    const start = Object.fromEntries(p.parameters.map((name, k) => [name, p.start[k]]));
    const data = { x: p.x, y: p.y };
    const run = () => fit(`y = ${p.model}`, data, { start });
    const ours = timed(run, times);
    const found = new Map(run().parameters.map(({ name, value }) => [name, value]));
    const own = digits(
      p.parameters.map((name) => found.get(name)),
      p.certified,
    );
    const { seconds, values } = theirs[i];
    const peers = values === null ? 0 : digits(values, p.certified);
    // Where it ends at no minimum, its time is no measure.
    const failed = peers < 2;
    console.log(
      `${p.name.padEnd(20)} Gradus ${ours.toFixed(2).padStart(8)} ms, ${own.toFixed(1).padStart(4)} digits; ` +
        `curve_fit ${(seconds * 1000).toFixed(2).padStart(8)} ms, ${failed ? "not at the minimum" : `${peers.toFixed(1)} digits`}`,
    );
    return failed ? [] : [ours / (seconds * 1000)];
  });
  const shown = [Math.min(...ratios), median(ratios), Math.max(...ratios)].map((r) => r.toFixed(2));
  console.log(
    `fit / curve_fit, the ${ratios.length} of ${problems.length} where both arrive: ${shown[1]} in the median (${shown[0]} to ${shown[2]})\n`,
  );
}

const STARTS = { pairs: [-1.2, 1], chain: [1.3, 0.7, 0.8, 1.9, 1.2] };

/** Of Moré, Garbow and Hillstrom in pairs, and as SciPy's `rosen` in a chain. */
function rosenbrock(n, kind) {
  const parts = (x) => {
    if (kind === "chain") return [slice(x, [0], [n - 1]), slice(x, [1], [n])];
    const p = x.reshape([n / 2, 2]);
    return [slice(p, [0, 0], [n / 2, 1]), slice(p, [0, 1], [n / 2, 2])];
  };
  const f = (x) => {
    const [a, b] = parts(x);
    return sum(b.sub(a.mul(a)).pow(2))
      .mul(100)
      .add(sum(a.sub(1).pow(2)));
  };
  const cycle = STARTS[kind];
  const start = Float64Array.from({ length: n }, (_, i) => cycle[i % cycle.length]);
  const run = () => minimize(f, start, { method: "lbfgs" });
  console.log(`L-BFGS on Rosenbrock (${kind}), ${n} variables`);
  const theirs = beside("SciPy", { what: "rosenbrock", kind, start: [...start], times: 15 }, run);
  const { value, evaluations } = run();
  console.log(
    `  ${evaluations.functions} evaluations to f = ${value.toExponential(1)}; SciPy ${theirs.evaluations} to ${theirs.value.toExponential(1)}`,
  );
}

/** Full-batch epochs of one neuron: loss, gradient and descent in one compiled step. */
function neuron(rows, columns) {
  const [rate, times] = [0.5, 40];
  const x = tensor(Float64Array.from({ length: rows * columns }, (_, i) => Math.sin(i * 12.9898))).reshape([
    rows,
    columns,
  ]);
  const cells = x.toTypedArray();
  const y = Float64Array.from({ length: rows }, (_, i) => {
    const [a, b, c] = cells.subarray(i * columns, i * columns + 3);
    return a - 2 * b + c > 0.1 ? 1 : 0;
  });
  const step = trainStep(
    ({ w, b }, x, y) => mean(pow(y.sub(sigmoid(x.dot(w).add(b))), 2)).mul(0.5),
    { w: tensor(new Float64Array(columns)), b: tensor(0) },
    gradientDescent(rate),
  );
  let loss = 0;
  const epoch = () => {
    loss = step(x, y);
  };
  console.log(`Neuron, ${rows} rows × ${columns}, full-batch epoch`);
  const theirs = beside("NumPy by hand", { what: "neuron", rows, columns, rate, times }, epoch);
  console.log(`  losses ${loss.toPrecision(9)} and ${theirs.loss.toPrecision(9)}`);
}

const folder = process.argv[2];
if (folder) fits(folder);
rosenbrock(10_000, "pairs");
rosenbrock(10_000, "chain");
neuron(100_000, 30);
