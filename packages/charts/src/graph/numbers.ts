/** A number, a vector, a matrix, as plain data. */
export type Numbers = number | readonly Numbers[];

export function shapeOf(v: Numbers): number[] {
  return typeof v === "number" ? [] : [v.length, ...(v.length > 0 ? shapeOf(v[0]) : [])];
}
