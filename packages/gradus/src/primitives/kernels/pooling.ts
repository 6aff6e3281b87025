import type { Data } from "../../ir/dtype.ts";
import type { AxisRelation } from "./convolution.ts";

/** For each window, then each place in it: the place in the plane that is read, or -1 in the padding. */
export function readPlaces(
  axes: readonly (AxisRelation & { readonly size: number })[],
  plane: readonly number[],
  window: readonly number[],
): Int32Array {
  const [rows, columns] = axes;
  const places = new Int32Array(rows.size * columns.size * window[0] * window[1]);
  let at = 0;
  for (let p = 0; p < rows.size; p++) {
    for (let q = 0; q < columns.size; q++) {
      for (let k = 0; k < window[0]; k++) {
        const i = rows.output * p + rows.kernel * k + rows.offset;
        for (let l = 0; l < window[1]; l++) {
          const j = columns.output * q + columns.kernel * l + columns.offset;
          const inside = i >= 0 && i < plane[0] && j >= 0 && j < plane[1];
          places[at++] = inside ? i * plane[1] + j : -1;
        }
      }
    }
  }
  return places;
}

/** The greatest of the elements that each window reads, in each plane; NaN wins. */
export function poolMax(x: Data, plane: number, places: Int32Array, window: number, out: Data): void {
  const windows = places.length / window;
  for (let base = 0, at = 0; at < out.length; base += plane) {
    for (let w = 0; w < windows; w++) {
      let top = Number.NEGATIVE_INFINITY;
      for (let k = w * window; k < (w + 1) * window; k++) {
        const place = places[k];
        if (place < 0) continue;
        const value = x[base + place];
        if (value > top || Number.isNaN(value)) top = value;
      }
      out[at++] = top;
    }
  }
}

/** For each window and place in it: 1 over the number of places that hold the maximum, if it is one of them; else 0. */
export function poolShares(x: Data, plane: number, places: Int32Array, window: number, out: Data): void {
  for (let base = 0, start = 0; start < out.length; base += plane) {
    for (let w = 0; w < places.length; w += window, start += window) {
      let top = Number.NEGATIVE_INFINITY;
      let count = 0;
      for (let k = 0; k < window; k++) {
        if (places[w + k] < 0) continue;
        const value = x[base + places[w + k]];
        if (value > top) count = 0;
        if (value >= top) {
          top = value;
          count++;
        }
      }
      for (let k = 0; k < window; k++)
        if (places[w + k] >= 0 && x[base + places[w + k]] === top) out[start + k] = 1 / count;
    }
  }
}
