import { type Shape, sizesOf } from "./shape.ts";

/** The network as a TypeScript program for the library: its weights, its output, and how to train it on. */
export function networkCode(shape: Shape, parameters: Float64Array, rate: number): string {
  let at = 0;
  const take = (count: number) => {
    at += count;
    return Array.from(parameters.slice(at - count, at));
  };
  const layers = sizesOf(shape).map(([inputs, units]) => {
    const w = Array.from({ length: inputs }, () => take(units));
    return `    { w: tensor(${JSON.stringify(w)}), b: tensor(${JSON.stringify(take(units))}) },`;
  });
  const hidden = shape.hidden.length > 0;
  const activation = hidden ? shape.activation : "sigmoid";
  const imports = ["mean", "pow", ...new Set(["sigmoid", activation]), "tensor", "valueAndGrad"].sort();
  return `import { ${imports.join(", ")}, type Tensor } from "gradus";

interface Layer { w: Tensor; b: Tensor }

/** Each layer takes a row of inputs to its units. */
let network: { layers: Layer[] } = {
  layers: [
${layers.join("\n")}
  ],
};

/** Rows of two inputs, [n, 2], to outputs between 0 and 1, [n, 1]. */
export function predict({ layers }: { layers: Layer[] }, x: Tensor): Tensor {
  return layers.reduce((h, { w, b }, l) => {
    const z = h.dot(w).add(b);
    return l === layers.length - 1 ? sigmoid(z) : ${activation}(z);
  }, x);
}

const loss = (p: { layers: Layer[] }, x: Tensor, y: Tensor) => mean(pow(y.sub(predict(p, x)), 2)).mul(0.5);
const lossAndGradient = valueAndGrad(loss);

/** One step of gradient descent on rows x, [n, 2], with labels y, [n, 1]. */
export function step(x: Tensor, y: Tensor, rate = ${rate}) {
  const { value, gradient } = lossAndGradient(network, x, y);
  network = {
    layers: network.layers.map(({ w, b }, l) => ({
      w: w.sub(gradient.layers[l].w.mul(rate)),
      b: b.sub(gradient.layers[l].b.mul(rate)),
    })),
  };
  return value;
}
`;
}
