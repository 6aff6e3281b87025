/** To the nearest whole number, halves to the even one. */
export function roundHalfEven(x: number): number {
  if (Math.abs(x) >= 2 ** 52 || Number.isNaN(x)) return x;
  const low = Math.floor(x);
  const part = x - low;
  if (part < 0.5) return low === 0 && x < 0 ? -0 : low;
  const up = part > 0.5 || low % 2 !== 0 ? low + 1 : low;
  return up === 0 && (x < 0 || Object.is(x, -0)) ? -0 : up;
}

/** The remainder with the sign of y, as Python's %. */
export function modFloor(x: number, y: number): number {
  const r = x % y;
  if (r === 0) return y < 0 ? -0 : 0;
  return r < 0 !== y < 0 ? r + y : r;
}

export function sign(x: number): number {
  return x > 0 ? 1 : x < 0 ? -1 : Number.isNaN(x) ? x : 0;
}
