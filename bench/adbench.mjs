// The objectives of the ADBench benchmark (Srajer, Kukelova, Fitzgibbon 2018).
import {
  add,
  at,
  concatenate,
  cos,
  div,
  einsum,
  exp,
  gather,
  jacrev,
  log,
  logSumExp,
  mul,
  reshape,
  scan,
  sigmoid,
  sin,
  slice,
  sqrt,
  stack,
  sub,
  sum,
  tanh,
  tensor,
  vmap,
  zeros,
} from "gradus";

/** log Γ_d(a), the multivariate gamma function. */
function logMultiGamma(a, d) {
  let sum = (d * (d - 1) * Math.log(Math.PI)) / 4;
  for (let j = 0; j < d; j++) sum += logGamma(a - j / 2);
  return sum;
}

/** By Stirling's series, from arguments that are moved up. */
function logGamma(x) {
  let shift = 0;
  for (; x < 15; x++) shift += Math.log(x);
  const y = 1 / (x * x);
  const series = (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y / 1188)))) / x;
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series - shift;
}

/** The log-posterior of a Gaussian mixture, as a function of { alphas, means, icf }. */
export function gmm({ x: rows, gamma, m }) {
  const [n, d] = [rows.length, rows[0].length];
  const x = reshape(tensor(rows), [n, 1, d]);
  // The strict lower triangle is stored column by column; what is not in it reads the zero at the end.
  const lower = (d * (d - 1)) / 2;
  const places = Array.from({ length: d }, () => new Array(d).fill(lower));
  for (let j = 0, next = 0; j < d; j++) for (let i = j + 1; i < d; i++) places[i][j] = next++;
  const p = d + m + 1;
  const C = p * d * (Math.log(gamma) - Math.log(2) / 2) - logMultiGamma(p / 2, d);
  return ({ alphas, means, icf }) => {
    const [K] = alphas.shape;
    const q = slice(icf, [0, 0], [K, d]);
    const l = slice(icf, [0, d]);
    const triangle = gather(concatenate([l, zeros([K, 1])], 1), tensor(places, "i32"), 1);
    const off = sub(x, means);
    const stretched = mul(reshape(exp(q), [1, K, d]), off);
    const turned = add(stretched, einsum("kij,nkj->nki", triangle, off));
    const terms = sub(add(alphas, sum(q, { axis: 1 })), mul(0.5, sum(mul(turned, turned), { axis: 2 })));
    const squares = add(sum(exp(mul(2, q))), sum(mul(l, l)));
    const prior = sub(mul(0.5 * gamma * gamma, squares), mul(m, sum(q))).sub(K * C);
    const fit = sub(sum(logSumExp(terms, { axis: 1 })), mul(n, logSumExp(alphas)));
    return add(fit, prior).sub((n * d * Math.log(2 * Math.PI)) / 2);
  };
}

function cross(a, b) {
  const part = (i, j) => sub(mul(at(a, i), at(b, j)), mul(at(a, j), at(b, i)));
  return stack([part(1, 2), part(2, 0), part(0, 1)]);
}

/** Residuals of one observation: two of where its point is seen, as a function of { camera, point, weight }. */
function residual({ camera, point, weight }, feature) {
  const part = (from, to) => slice(camera, [from], [to]);
  const r = part(0, 3);
  const moved = sub(point, part(3, 6));
  const angle = sqrt(sum(mul(r, r)));
  const axis = div(r, angle);
  const along = mul(axis, mul(sum(mul(axis, moved)), sub(1, cos(angle))));
  const turned = add(add(mul(moved, cos(angle)), mul(cross(axis, moved), sin(angle))), along);
  const p = div(slice(turned, [0], [2]), at(turned, 2));
  const square = sum(mul(p, p));
  const bent = add(1, add(mul(at(camera, 9), square), mul(at(camera, 10), mul(square, square))));
  const seen = add(mul(at(camera, 6), mul(p, bent)), part(7, 9));
  return mul(weight, sub(seen, feature));
}

/** Bundle adjustment: residuals and their Jacobians, as functions of { cameras, points, weights }. */
export function bundle({ observations, features }) {
  const column = (k) =>
    tensor(
      observations.map((o) => o[k]),
      "i32",
    );
  const [camera, point, seen] = [column(0), column(1), tensor(features)];
  const each = ({ cameras, points, weights }) => ({
    camera: gather(cameras, camera),
    point: gather(points, point),
    weight: weights,
  });
  return {
    residuals: (p) => ({
      residuals: vmap(residual)(each(p), seen),
      weights: sub(1, mul(p.weights, p.weights)),
    }),
    jacobians: (p) => vmap(jacrev(residual))(each(p), seen),
  };
}

/**
 * The loss of ADBench's recurrent network, whose weights act element by element, as a function of { main, extra }: for
 * each layer a row of weights and one of biases, each of them four gates; and weights in, weights out, biases out. State:
 * for each layer its hidden row and its cell. Sequence: a row of bits for each character; each row predicts the next one.
 */
export function lstm({ state, sequence }) {
  const [steps, width, layers] = [sequence.length - 1, sequence[0].length, state.length / 2];
  const rows = tensor(sequence);
  const pairs = { seen: slice(rows, [0, 0], [steps, width]), next: slice(rows, [1, 0]) };
  return ({ main, extra }) => {
    const gatesOf = (row) => reshape(at(main, row), [4, width]);
    const parameters = Array.from({ length: layers }, (_, k) => [gatesOf(2 * k), gatesOf(2 * k + 1)]);
    const step = (states, { seen, next }) => {
      let x = mul(seen, at(extra, 0));
      const moved = parameters.map(([weights, biases], k) => {
        const [hidden, cell] = states[k];
        const gates = add(mul(stack([x, hidden, x, hidden]), weights), biases);
        const [forget, enter, leave] = [0, 1, 2].map((i) => sigmoid(at(gates, i)));
        const changed = add(mul(cell, forget), mul(enter, tanh(at(gates, 3))));
        x = mul(leave, tanh(changed));
        return [x, changed];
      });
      const scores = add(mul(x, at(extra, 1)), at(extra, 2));
      // The 2 is ADBench's own.
      return [moved, sum(mul(next, sub(scores, log(add(2, sum(exp(scores)))))))];
    };
    const first = Array.from({ length: layers }, (_, k) => [tensor(state[2 * k]), tensor(state[2 * k + 1])]);
    const [, gains] = scan(step, first, pairs);
    return sum(gains).div(-steps * width);
  };
}
