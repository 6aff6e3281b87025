/** Element types. Order of promotion: bool, i32, f32, f64. */
export type DType = "f64" | "f32" | "i32" | "bool";

/** Storage of one tensor, row-major; bool is 0 or 1 in a Uint8Array. */
export type Data = Float64Array | Float32Array | Int32Array | Uint8Array;

const ORDER: readonly DType[] = ["bool", "i32", "f32", "f64"];

export function isFloat(dtype: DType): boolean {
  return dtype === "f64" || dtype === "f32";
}

/** The wider of two dtypes: bool < i32 < f32 < f64 (i32 with f32 is f32, as in JAX). */
export function wider(a: DType, b: DType): DType {
  return ORDER.indexOf(a) >= ORDER.indexOf(b) ? a : b;
}

export function allocate(dtype: DType, size: number): Data {
  switch (dtype) {
    case "f64":
      return new Float64Array(size);
    case "f32":
      return new Float32Array(size);
    case "i32":
      return new Int32Array(size);
    case "bool":
      return new Uint8Array(size);
  }
}

export function dtypeOf(data: Data): DType {
  if (data instanceof Float64Array) return "f64";
  if (data instanceof Float32Array) return "f32";
  if (data instanceof Int32Array) return "i32";
  return "bool";
}
