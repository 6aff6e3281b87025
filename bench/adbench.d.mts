import type { Tensor } from "gradus";

type Tensors<K extends string> = Readonly<Record<K, Tensor>>;
type Gaussians = Tensors<"alphas" | "means" | "icf">;
type Scene = Tensors<"cameras" | "points" | "weights">;

export declare function gmm(data: { x: number[][]; gamma: number; m: number }): (p: Gaussians) => Tensor;

export declare function lstm(data: {
  state: number[][];
  sequence: number[][];
}): (p: Tensors<"main" | "extra">) => Tensor;

export declare function bundle(data: { observations: number[][]; features: number[][] }): {
  residuals(p: Scene): Tensors<"residuals" | "weights">;
  jacobians(p: Scene): Tensors<"camera" | "point" | "weight">;
};
