import { allocate, type Data, type DType, dtypeOf } from "../ir/dtype.ts";
import { constant, Node, type Typed } from "../ir/node.ts";
import type { Control, Primitive, Result, ResultParams } from "../ir/primitive.ts";
import { sizeOf } from "../ir/shape.ts";
import { apply } from "./define.ts";

/*
 * A node has one value. A control node packs its results into one array, one behind the other; a `result` node takes
 * one of them out, without a copy where it can.
 */

interface Layout {
  readonly dtype: DType;
  readonly offsets: readonly number[];
  readonly size: number;
}

/** The dtype that holds every number of all of these: f64 holds i32 and f32 exactly. */
function packedType(types: readonly Typed[]): DType {
  const kinds = new Set(types.map((t) => t.dtype));
  if (kinds.size > 1) kinds.delete("bool");
  return kinds.size === 1 ? ([...kinds][0] as DType) : "f64";
}

function layoutOf(types: readonly Typed[]): Layout {
  let size = 0;
  const offsets = types.map((t) => {
    const offset = size;
    size += sizeOf(t.shape);
    return offset;
  });
  return { dtype: packedType(types), offsets, size };
}

const resultRule: Result = {
  family: "result",
  name: "result",
  notation: { form: "special", text: "result" },
  pointwise: false,
  infer: (_, params) => params as ResultParams,
  evaluate: ([packed], node, out) => {
    const { offset } = node.params as ResultParams;
    const part = packed.subarray(offset, offset + node.size);
    // A view of a small part would keep the whole alive.
    if (dtypeOf(packed) === node.dtype && 2 * part.length >= packed.length) return part;
    const own = out ?? allocate(node.dtype, node.size);
    own.set(part);
    return own;
  },
};

/** Room for the packed results, and where each of them begins. */
export function room(types: readonly Typed[], out?: Data): { packed: Data; offsets: readonly number[] } {
  const { dtype, offsets, size } = layoutOf(types);
  return { packed: out ?? allocate(dtype, size), offsets };
}

/** Packs results that are known. */
export function pack(types: readonly Typed[], values: readonly Data[], out?: Data): Data {
  const { packed, offsets } = room(types, out);
  values.forEach((v, i) => {
    packed.set(v, offsets[i]);
  });
  return packed;
}

let made = false;

/** Whether there can be a control node in any graph at all: most programs have none, and need not look. */
export const anyControl = (): boolean => made;

type ControlSpec<P> = Omit<
  Control<P>,
  "family" | "pointwise" | "notation" | "infer" | "views" | "constants"
> &
  Partial<Pick<Control<P>, "views" | "constants">>;

/* @__NO_SIDE_EFFECTS__ */
export function control<P>(spec: ControlSpec<P>): Control {
  const rule: Control<P> = {
    family: "control",
    pointwise: false,
    notation: { form: "special", text: spec.name },
    infer: (_, params) => {
      const { size, dtype } = layoutOf(spec.results(params));
      return { shape: [size], dtype };
    },
    views: () => [],
    constants: () => 0,
    ...spec,
  };
  return rule as unknown as Control;
}

/** The results of a control primitive on inputs; evaluated at once when every input's numbers are known. */
export function resultsOf(rule: Control, inputs: readonly Node[], params: unknown): Node[] {
  made = true;
  const node = inputs.length > 0 ? apply(rule, inputs, params) : evaluated(rule, params);
  return resultNodes(node, rule.results(params));
}

function resultNodes(node: Node, types: readonly Typed[]): Node[] {
  const { offsets } = layoutOf(types);
  return types.map(({ shape, dtype }, index) => {
    const params: ResultParams = { index, offset: offsets[index], shape, dtype };
    return apply(resultRule as Primitive, [node], params);
  });
}

/** One result of a control node. */
export function takeResult(node: Node, index: number): Node {
  return resultNodes(node, (node.primitive as Control).results(node.params))[index];
}

/** With no input at all, it is a constant. */
function evaluated(rule: Control, params: unknown): Node {
  const node = new Node(rule, [], params, rule.infer([], params));
  return constant(rule.evaluate([], node), node.shape, node.dtype);
}

/** The place of a result node among the results of its control node. */
export function resultIndex(node: Node): number {
  return (node.params as ResultParams).index;
}
