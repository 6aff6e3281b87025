/** Optimizers that compose, functions minimized step by step, curves fitted to data. */
import "./primitives/methods.ts";

export * from "./optimize/first-order.ts";
export { applyUpdate, chain, groups, type Optimizer } from "./optimize/optimizer.ts";
export * from "./optimize/schedules.ts";
