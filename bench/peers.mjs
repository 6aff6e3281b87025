// The same work by other systems in JavaScript, for engines.mjs. Installed by hand, at the root of the repository:
//   npm install --no-save --ignore-scripts rose@0.4.10 @jax-js/jax@0.1.25 @tensorflow/tfjs@4.22.0
// What is missing is said and left out. rose computes in double precision, TF.js and jax-js in single.

const load = (name) => import(name).catch(() => void console.log(`${name} is left out: it is not installed`));

/** For each row, the runs of the peers that can do it. */
export async function peerRuns(data) {
  const runs = {};
  const put = (row, peer, run) => {
    runs[row] = { ...runs[row], [peer]: run };
  };
  for (const by of [byRose, byTensorFlow, byJaxJs, byMathjs]) await by(put, data);
  return runs;
}

const FIVE = "five lines of two numbers: gradient";
const NETWORK = "two-layer network, 1000 rows";
const LOGISTIC = "logistic loss, 10000 × 30";

async function byRose(put, { wanted, rosenbrock }) {
  const rose = await load("rose");
  if (!rose) return;
  const { add, compile, div, fn, mul, neg, opaque, Dual, Real, sub, Vec, vjp } = rose;
  if (wanted(FIVE)) {
    const [sin, cos, exp, log] = [Math.sin, Math.cos, Math.exp, Math.log].map((f) => opaque([Real], Real, f));
    const slope = (f, at) => {
      f.jvp = fn([Dual], Dual, ({ re: x, du: dx }) => ({ re: f(x), du: mul(dx, at(x)) }));
    };
    slope(sin, (x) => cos(x));
    slope(exp, (x) => exp(x));
    slope(log, (x) => div(1, x));
    const Pair = Vec(2, Real);
    const f = fn([Pair], Real, ([x, y]) => {
      const a = add(mul(x, x), y);
      const b = sin(mul(a, x));
      const c = exp(neg(mul(b, y)));
      const d = div(a, add(1, mul(c, c)));
      return add(mul(d, b), log(add(1, mul(a, a))));
    });
    const run = await compile(fn([Pair], Pair, (v) => vjp(f)(v).grad(1)));
    put(FIVE, "rose", () => run([0.7, 1.3]));
  }
  for (const [row, x] of rosenbrock) {
    // A million of them is more than its memory holds.
    if (x.length > 1000 || !wanted(row)) continue;
    const n = x.length;
    const V = Vec(n, Real);
    // Written out, as its loops cannot read two neighbours.
    const f = fn([V], Real, (v) => {
      let total = 0;
      for (let i = 0; i + 1 < n; i++) {
        const gap = sub(v[i + 1], mul(v[i], v[i]));
        const rest = sub(1, v[i]);
        total = add(total, add(mul(100, mul(gap, gap)), mul(rest, rest)));
      }
      return total;
    });
    const run = await compile(fn([V], V, (v) => vjp(f)(v).grad(1)));
    const given = [...x];
    put(row, "rose", () => run(given));
  }
}

async function byTensorFlow(put, { wanted, rosenbrock, logistic, network }) {
  const tf = await load("@tensorflow/tfjs");
  if (!tf) return;
  await tf.setBackend("cpu");
  const read = (make) => () => {
    const results = make();
    for (const r of results) {
      r.dataSync();
      r.dispose();
    }
  };
  for (const [row, x] of rosenbrock) {
    if (!wanted(row)) continue;
    const [v, n] = [tf.tensor1d(Float32Array.from(x)), x.length];
    const f = (t) => {
      const [a, b] = [tf.slice(t, 0, n - 1), tf.slice(t, 1, n - 1)];
      const gap = tf.sub(b, tf.square(a));
      return tf.sum(tf.add(tf.mul(100, tf.square(gap)), tf.square(tf.sub(1, a))));
    };
    const g = tf.grad(f);
    put(
      row,
      "TF.js",
      read(() => [g(v)]),
    );
  }
  const matrix = (t) => tf.tensor(Float32Array.from(t.toTypedArray()), t.shape);
  if (wanted(LOGISTIC)) {
    const [X, y, w] = [logistic.X, logistic.y, logistic.w].map(matrix);
    const g = tf.grad((v) => {
      const z = tf.dot(X, v);
      return tf.sum(tf.sub(tf.log(tf.add(tf.exp(z), 1)), tf.mul(y, z)));
    });
    put(
      LOGISTIC,
      "TF.js",
      read(() => [g(w)]),
    );
  }
  if (wanted(NETWORK)) {
    const [X, Y] = [matrix(network.X), matrix(network.Y)];
    const p = network.p.map(matrix);
    const g = tf.grads((W, b, V, c) => {
      const scores = tf.add(tf.matMul(tf.tanh(tf.add(tf.matMul(X, W), b)), V), c);
      return tf.mean(tf.sub(tf.logSumExp(scores, 1), tf.sum(tf.mul(scores, Y), 1)));
    });
    put(
      NETWORK,
      "TF.js",
      read(() => g(p)),
    );
  }
}

async function byJaxJs(put, { wanted, rosenbrock, logistic, network }) {
  const jax = await load("@jax-js/jax");
  if (!jax) return;
  const { defaultDevice, grad, init, jit, numpy: np, scipySpecial } = jax;
  await init("wasm");
  defaultDevice("wasm");
  for (const [row, x] of rosenbrock) {
    if (!wanted(row)) continue;
    const v = np.array(Float32Array.from(x));
    const f = (t) => {
      const [a, b] = [t.ref.slice([0, x.length - 1]), t.slice([1, x.length])];
      const gap = b.sub(a.ref.mul(a.ref));
      const rest = np.array(1).sub(a);
      return gap.ref.mul(gap).mul(100).add(rest.ref.mul(rest)).sum();
    };
    const g = jit(grad(f));
    put(row, "jax-js", () => g(v.ref).dataSync());
  }
  const matrix = (t) => np.array(Float32Array.from(t.toTypedArray())).reshape(t.shape);
  if (wanted(LOGISTIC)) {
    const [X, y, w] = [logistic.X, logistic.y, logistic.w].map(matrix);
    const g = jit(
      grad((v, A, b) => {
        const z = np.dot(A, v);
        return np.log(np.exp(z.ref).add(1)).sub(b.mul(z)).sum();
      }),
    );
    put(LOGISTIC, "jax-js", () => g(w.ref, X.ref, y.ref).dataSync());
  }
  if (wanted(NETWORK)) {
    const [X, Y] = [matrix(network.X), matrix(network.Y)];
    const p = network.p.map(matrix);
    const g = jit(
      grad(([W, b, V, c], A, B) => {
        const scores = np.matmul(np.tanh(np.matmul(A, W).add(b)), V).add(c);
        return scipySpecial.logsumexp(scores.ref, 1).sub(scores.mul(B).sum(1)).mean();
      }),
    );
    put(NETWORK, "jax-js", () => {
      for (const r of g(
        p.map((t) => t.ref),
        X.ref,
        Y.ref,
      ))
        r.dataSync();
    });
  }
}

async function byMathjs(put, { wanted }) {
  const mathjs = await load("mathjs");
  if (!mathjs || !wanted(FIVE)) return;
  const [a, c] = ["(x^2 + y)", "exp(-sin((x^2 + y) x) y)"];
  const f = `${a} / (1 + ${c}^2) * sin(${a} x) + log(1 + ${a}^2)`;
  const slopes = ["x", "y"].map((v) => mathjs.derivative(f, v).compile());
  const at = { x: 0.7, y: 1.3 };
  put(FIVE, "mathjs", () => slopes.map((s) => s.evaluate(at)));
}
