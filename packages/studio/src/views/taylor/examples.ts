/** Each sets the function and what is looked at. The first is the deck's. */
export interface Example {
  readonly name: string;
  readonly value: string;
  /** A value for each variable, as in the address. */
  readonly point: string;
  readonly to: number;
  readonly order: number;
  readonly low: number;
  readonly high: number;
}

/** Estimates of higher orders are not proven one by one. */
export const MOST_ESTIMATES = 12;

export const EXAMPLES: readonly Example[] = [
  { name: "ln(1.1)", value: "ln(1+x)", point: "x:0", to: 0.1, order: 2, low: -0.9, high: 2 },
  { name: "eˣ", value: "e^x", point: "x:0", to: 1, order: 4, low: -3, high: 3 },
  { name: "sine", value: "sin(x)", point: "x:0", to: 2, order: 7, low: -8, high: 8 },
  { name: "a hidden pole", value: "1/(1+x^2)", point: "x:0", to: 0.5, order: 8, low: -2, high: 2 },
  { name: "tanh", value: "tanh(x)", point: "x:0", to: 1, order: 9, low: -3, high: 3 },
  { name: "softplus", value: "ln(1+e^x)", point: "x:0", to: 1, order: 2, low: -4, high: 4 },
  { name: "a bowl", value: "x^2 + x y + 2 y^2", point: "x:1,y:1", to: 1, order: 2, low: -2, high: 2 },
  { name: "hills", value: "sin(x) cos(y)", point: "x:0.6,y:0.4", to: 1, order: 2, low: -2, high: 2 },
];
