// What the benches are measured against: the same gradients, written out.

export function rosenbrock(v) {
  return ([out]) => {
    out.fill(0);
    for (let i = 0; i < v.length - 1; i++) {
      const gap = v[i + 1] - v[i] * v[i];
      out[i] += -400 * gap * v[i] - 2 * (1 - v[i]);
      out[i + 1] += 200 * gap;
    }
  };
}

export function logistic(x, y, w) {
  const columns = w.length;
  return ([out]) => {
    out.fill(0);
    for (let i = 0; i < y.length; i++) {
      let z = 0;
      for (let j = 0; j < columns; j++) z += x[i * columns + j] * w[j];
      const e = Math.exp(z);
      const d = e / (1 + e) - y[i];
      for (let j = 0; j < columns; j++) out[j] += d * x[i * columns + j];
    }
  };
}

/** One row after the other, so that nothing but the row's activations is kept. */
export function network(X, Y, parameters) {
  const [rows, inputs] = X.shape;
  const [x, y, W, b, V, c] = [X, Y, ...parameters].map((t) => t.toTypedArray());
  const [hidden, classes] = [b.length, c.length];
  const [h, s] = [new Float64Array(hidden), new Float64Array(classes)];
  return ([dW, db, dV, dc]) => {
    for (const d of [dW, db, dV, dc]) d.fill(0);
    for (let r = 0; r < rows; r++) {
      h.set(b);
      for (let i = 0; i < inputs; i++) {
        const f = x[r * inputs + i];
        for (let j = 0; j < hidden; j++) h[j] += f * W[i * hidden + j];
      }
      s.set(c);
      for (let j = 0; j < hidden; j++) {
        h[j] = Math.tanh(h[j]);
        for (let k = 0; k < classes; k++) s[k] += h[j] * V[j * classes + k];
      }
      let top = s[0];
      for (let k = 1; k < classes; k++) if (s[k] > top) top = s[k];
      let total = 0;
      for (let k = 0; k < classes; k++) total += s[k] = Math.exp(s[k] - top);
      for (let k = 0; k < classes; k++) {
        s[k] = (s[k] / total - y[r * classes + k]) / rows;
        dc[k] += s[k];
      }
      for (let j = 0; j < hidden; j++) {
        let d = 0;
        for (let k = 0; k < classes; k++) {
          dV[j * classes + k] += h[j] * s[k];
          d += V[j * classes + k] * s[k];
        }
        h[j] = d * (1 - h[j] * h[j]);
        db[j] += h[j];
      }
      for (let i = 0; i < inputs; i++) {
        const f = x[r * inputs + i];
        for (let j = 0; j < hidden; j++) dW[i * hidden + j] += f * h[j];
      }
    }
  };
}

export function fiveLines() {
  const out = [0, 0];
  return (x, y) => {
    const a = x * x + y;
    const ax = a * x;
    const b = Math.sin(ax);
    const c = Math.exp(-b * y);
    const n = 1 + c * c;
    const d = a / n;
    const dd = b;
    const dc = (dd * -a * 2 * c) / (n * n);
    const db = d - dc * c * y;
    const dax = db * Math.cos(ax);
    const da = dd / n + (2 * a) / (1 + a * a) + dax * x;
    out[0] = da * 2 * x + dax * a;
    out[1] = da - dc * c * b;
    return out;
  };
}

/** The recurrences of log(2 + sin x · eˣ / (2 + tanh x²)), as a book has them. */
export function taylor(at, order) {
  const zeros = () => new Float64Array(order + 1);
  const [s, c, e, n, w, t, q, d, r, y] = Array.from({ length: 10 }, zeros);
  return () => {
    for (let k = 0; k <= order; k++) {
      w[k] = k === 0 ? at * at : k === 1 ? 2 * at : k === 2 ? 1 : 0;
      if (k === 0) {
        [s[0], c[0], e[0], t[0]] = [Math.sin(at), Math.cos(at), Math.exp(at), Math.tanh(w[0])];
      } else {
        s[k] = c[k - 1] / k;
        c[k] = -s[k - 1] / k;
        e[k] = e[k - 1] / k;
        let sum = 0;
        for (let j = 1; j <= k && j <= 2; j++) sum += j * w[j] * q[k - j];
        t[k] = sum / k;
      }
      let square = 0;
      for (let j = 0; j <= k; j++) square += t[j] * t[k - j];
      q[k] = (k === 0 ? 1 : 0) - square;
      d[k] = (k === 0 ? 2 : 0) + t[k];
      let product = 0;
      for (let j = 0; j <= k; j++) product += s[j] * e[k - j];
      n[k] = product;
      let rest = n[k];
      for (let j = 1; j <= k; j++) rest -= d[j] * r[k - j];
      r[k] = rest / d[0];
      const u0 = 2 + r[0];
      if (k === 0) y[0] = Math.log(u0);
      else {
        let sum = k * r[k];
        for (let j = 1; j < k; j++) sum -= j * y[j] * r[k - j];
        y[k] = sum / (k * u0);
      }
    }
    return y;
  };
}
