export * from "./erf.ts";
export * from "./gamma.ts";
export * from "./hyperbolic.ts";
export * from "./power.ts";
export * from "./rounding.ts";
export * from "./sigmoid.ts";
export * from "./trigonometric.ts";
