export { digamma, polygamma } from "./digamma.ts";
export { erf, erfc, erfcx, normalCdf } from "./erf.ts";
export { gamma, logGamma } from "./gamma.ts";
export * from "./hyperbolic.ts";
export * from "./power.ts";
export * from "./rounding.ts";
export * from "./sigmoid.ts";
export * from "./trigonometric.ts";
