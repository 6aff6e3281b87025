import { type Data, isFloat } from "../ir/dtype.ts";
import { isConstant, isInput, type Node } from "../ir/node.ts";
import { showShape } from "../ir/shape.ts";
import { watchEvaluations } from "../primitives/define.ts";
import { nameOf } from "../transforms/plan.ts";

/** A value became NaN, under `debugNans`. */
export class NaNError extends Error {
  override name = "NaNError";
  /** The primitive that made it. */
  readonly primitive: string;
  /** Where in its result, by axis. */
  readonly index: readonly number[];

  constructor(message: string, primitive: string, index: readonly number[]) {
    super(message);
    this.primitive = primitive;
    this.index = index;
  }
}

/**
 * Runs `f` and throws a NaNError at the first node whose value has a NaN, naming the primitive, the place, the operands
 * and the names that they were given; inside loops and branches too. Compiled functions run node by node meanwhile.
 */
export function debugNans<R>(f: () => R): R {
  const before = watchEvaluations(refuseNaN);
  try {
    const result = f();
    if (result instanceof Promise)
      throw new TypeError("debugNans: the function returned a Promise: only synchronous work is watched");
    return result;
  } finally {
    watchEvaluations(before);
  }
}

function refuseNaN(node: Node, operands: readonly Data[], result: Data): void {
  if (!isFloat(node.dtype) || isInput(node)) return;
  const at = result.findIndex(Number.isNaN);
  if (at < 0) return;
  const { name } = node.primitive;
  const index = indexOf(at, node.shape);
  const place = node.rank === 0 ? "" : ` at ${showShape(index)}`;
  const own = nameOf(node);
  const what = `${own ? `${own} = ` : ""}${isConstant(node) ? "a constant" : name}`;
  const from = operands.map((data, i) => operandText(node, i, data, at));
  const passedOn = operands.some((data) => data.some(Number.isNaN));
  const verb = passedOn ? "was given a NaN and passes it on" : isConstant(node) ? "holds NaN" : "gave NaN";
  const list = from.length > 0 ? `; operands: ${from.join(", ")}` : "";
  throw new NaNError(`${what} (${node.dtype}${showShape(node.shape)}) ${verb}${place}${list}`, name, index);
}

/** An operand by its name or number: its value there, or its first few. */
function operandText(node: Node, i: number, data: Data, at: number): string {
  const operand = node.inputs[i];
  const label = nameOf(operand) ?? `#${i + 1}`;
  if (data.length === 1) return `${label} = ${data[0]}`;
  if (node.primitive.pointwise) return `${label} = ${data[at]} there`;
  const shown = Array.from(data.subarray(0, 6), String).join(", ");
  return `${label} = ${operand.dtype}${showShape(operand.shape)} [${shown}${data.length > 6 ? ", …" : ""}]`;
}

function indexOf(place: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = place;
  for (const d of shape.toReversed()) {
    index.unshift(rest % d);
    rest = Math.floor(rest / d);
  }
  return index;
}
