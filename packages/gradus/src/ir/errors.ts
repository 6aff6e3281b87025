/** A Taylor series, or a proof, was asked for where a function has no power series. */
export class NotAnalyticError extends Error {
  override name = "NotAnalyticError";
  readonly primitive: string;
  readonly point: number;

  constructor(primitive: string, point: number, why = "it has a kink, a jump or a pole there") {
    super(`${primitive} is not analytic at ${point}: ${why}; choose another point`);
    this.primitive = primitive;
    this.point = point;
  }
}

/** A transform that a primitive cannot take part in, with the mend. */
export class TransformError extends Error {
  override name = "TransformError";
}

export const reverseOnlyError = (): TransformError =>
  new TransformError(
    "customVjp: the function has a reverse rule only: forward mode (jvp, jacfwd, hessian, taylor) needs customJvp",
  );

/** Options that a function does not know are refused: `argnums` for `argument` must not be passed over. */
export function checkOptions(name: string, options: object, known: Readonly<Record<string, true>>): void {
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(known, key));
  if (unknown !== undefined)
    throw new TypeError(`${name}: there is no option ${unknown}: expected ${Object.keys(known).join(", ")}`);
}
