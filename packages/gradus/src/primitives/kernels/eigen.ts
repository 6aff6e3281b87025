/*
 * Eigenvalues and eigenvectors of a symmetric matrix: Householder tridiagonalization, then QL with implicit shifts
 * (Bowdler, Martin, Reinsch and Wilkinson, Handbook for Automatic Computation II; the EISPACK pair tred2 and tql2).
 */

/** Overwrites the symmetric n×n block `v` with its eigenvectors (in columns) and `d` with its eigenvalues, ascending. */
export function eigenSymmetric(v: Float64Array, d: Float64Array, n: number): boolean {
  const e = new Float64Array(n);
  tridiagonalize(v, d, e, n);
  if (!iterate(v, d, e, n)) return false;
  sortAscending(v, d, n);
  fixSigns(v, n);
  return true;
}

function tridiagonalize(v: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) d[j] = v[(n - 1) * n + j];
  for (let i = n - 1; i > 0; i--) {
    let scale = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(d[k]);
    let h = 0;
    if (scale === 0) {
      e[i] = d[i - 1];
      for (let j = 0; j < i; j++) {
        d[j] = v[(i - 1) * n + j];
        v[i * n + j] = 0;
        v[j * n + i] = 0;
      }
    } else {
      h = reduceRow(v, d, e, n, i, scale);
    }
    d[i] = h;
  }
  accumulate(v, d, n);
  e[0] = 0;
}

/** One Householder step on row i. */
function reduceRow(v: Float64Array, d: Float64Array, e: Float64Array, n: number, i: number, scale: number) {
  let h = 0;
  for (let k = 0; k < i; k++) {
    d[k] /= scale;
    h += d[k] * d[k];
  }
  let f = d[i - 1];
  let g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
  e[i] = scale * g;
  h -= f * g;
  d[i - 1] = f - g;
  e.fill(0, 0, i);
  for (let j = 0; j < i; j++) {
    f = d[j];
    v[j * n + i] = f;
    g = e[j] + v[j * n + j] * f;
    for (let k = j + 1; k < i; k++) {
      g += v[k * n + j] * d[k];
      e[k] += v[k * n + j] * f;
    }
    e[j] = g;
  }
  f = 0;
  for (let j = 0; j < i; j++) {
    e[j] /= h;
    f += e[j] * d[j];
  }
  const hh = f / (h + h);
  for (let j = 0; j < i; j++) e[j] -= hh * d[j];
  for (let j = 0; j < i; j++) {
    for (let k = j; k < i; k++) v[k * n + j] -= d[j] * e[k] + e[j] * d[k];
    d[j] = v[(i - 1) * n + j];
    v[i * n + j] = 0;
  }
  return h;
}

/** Multiplies the reflections out. */
function accumulate(v: Float64Array, d: Float64Array, n: number): void {
  for (let i = 0; i < n - 1; i++) {
    v[(n - 1) * n + i] = v[i * n + i];
    v[i * n + i] = 1;
    const h = d[i + 1];
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = v[k * n + i + 1] / h;
      for (let j = 0; j <= i; j++) {
        let g = 0;
        for (let k = 0; k <= i; k++) g += v[k * n + i + 1] * v[k * n + j];
        for (let k = 0; k <= i; k++) v[k * n + j] -= g * d[k];
      }
    }
    for (let k = 0; k <= i; k++) v[k * n + i + 1] = 0;
  }
  for (let j = 0; j < n; j++) {
    d[j] = v[(n - 1) * n + j];
    v[(n - 1) * n + j] = 0;
  }
  v[n * n - 1] = 1;
}

/** Many more than the two or three that an eigenvalue takes. */
const MOST_ITERATIONS = 60;

function iterate(v: Float64Array, d: Float64Array, e: Float64Array, n: number): boolean {
  for (let i = 1; i < n; i++) e[i - 1] = e[i];
  e[n - 1] = 0;
  let shift = 0;
  let largest = 0;
  for (let l = 0; l < n; l++) {
    largest = Math.max(largest, Math.abs(d[l]) + Math.abs(e[l]));
    let m = l;
    while (m < n - 1 && Math.abs(e[m]) > Number.EPSILON * largest) m++;
    for (let count = 0; m > l && Math.abs(e[l]) > Number.EPSILON * largest; count++) {
      if (count === MOST_ITERATIONS) return false;
      shift += shiftBy(d, e, n, l);
      sweep(v, d, e, n, l, m);
    }
    d[l] += shift;
    e[l] = 0;
  }
  return true;
}

/** Subtracts the implicit shift from the diagonal and returns it. */
function shiftBy(d: Float64Array, e: Float64Array, n: number, l: number): number {
  const g = d[l];
  const p = (d[l + 1] - g) / (2 * e[l]);
  const r = p < 0 ? -Math.hypot(p, 1) : Math.hypot(p, 1);
  d[l] = e[l] / (p + r);
  d[l + 1] = e[l] * (p + r);
  const h = g - d[l];
  for (let i = l + 2; i < n; i++) d[i] -= h;
  return h;
}

/** One QL sweep from m up to l, by plane rotations. */
function sweep(v: Float64Array, d: Float64Array, e: Float64Array, n: number, l: number, m: number): void {
  const ahead = d[l + 1];
  const off = e[l + 1];
  let p = d[m];
  let [c, c2, c3, s, s2] = [1, 1, 1, 0, 0];
  for (let i = m - 1; i >= l; i--) {
    c3 = c2;
    c2 = c;
    s2 = s;
    const g = c * e[i];
    const h = c * p;
    const r = Math.hypot(p, e[i]);
    e[i + 1] = s * r;
    s = e[i] / r;
    c = p / r;
    p = c * d[i] - s * g;
    d[i + 1] = h + s * (c * g + s * d[i]);
    for (let k = 0; k < n; k++) {
      const at = k * n + i;
      const right = v[at + 1];
      v[at + 1] = s * v[at] + c * right;
      v[at] = c * v[at] - s * right;
    }
  }
  p = (-s * s2 * c3 * off * e[l]) / ahead;
  e[l] = s * p;
  d[l] = c * p;
}

function sortAscending(v: Float64Array, d: Float64Array, n: number): void {
  const order = Array.from(d, (_, i) => i).sort((a, b) => d[a] - d[b]);
  const [values, vectors] = [d.slice(), v.slice()];
  for (let j = 0; j < n; j++) {
    d[j] = values[order[j]];
    for (let i = 0; i < n; i++) v[i * n + j] = vectors[i * n + order[j]];
  }
}

/** An eigenvector is known up to its sign: its largest component (the first of equals) is made positive. */
function fixSigns(v: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) {
    let top = 0;
    for (let i = 1; i < n; i++) if (Math.abs(v[i * n + j]) > Math.abs(v[top * n + j])) top = i;
    if (v[top * n + j] < 0) for (let i = 0; i < n; i++) v[i * n + j] = -v[i * n + j];
  }
}
