import { allocate, type Data, type DType } from "./dtype.ts";
import type { Primitive } from "./primitive.ts";
import type { Rational } from "./rational.ts";
import { type Shape, showShape, sizeOf } from "./shape.ts";

/** A structural zero: a derivative that is zero whatever the numbers are. */
export type Zero = null;

export interface Typed {
  readonly shape: Shape;
  readonly dtype: DType;
}

let nextId = 0;
let endOfIds = Number.POSITIVE_INFINITY;

/** From now on, no more than so many nodes are made: a graph of more is an error. */
export function boundNodes(most: number): void {
  endOfIds = nextId + most;
}

/**
 * One tensor-valued node of a graph: a primitive applied to earlier nodes. Immutable. `Tensor` is its public name.
 * A *concrete* node holds its numbers in `data`; any other stands for a value that a program will compute.
 * Ids grow with creation, so inputs always have smaller ids than the node: sorting by id is a topological order.
 */
export class Node implements Typed {
  readonly id: number;
  readonly primitive: Primitive;
  readonly inputs: readonly Node[];
  readonly params: unknown;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Weakly typed: adopts the float type that it meets, so that `2 * x` stays f32 when x is. */
  readonly weak: boolean;
  /** Whether the numbers are known; a repeated literal knows them without holding them. */
  readonly concrete: boolean;
  private data: Data | undefined;
  /** The last walk that came by: a mark costs less than a set of a million nodes. Only `graph.ts` writes it. */
  walk = 0;

  constructor(
    primitive: Primitive,
    inputs: readonly Node[],
    params: unknown,
    typed: Typed,
    weak = false,
    buffer?: Data,
    concrete = buffer !== undefined,
  ) {
    if (nextId >= endOfIds)
      throw new RangeError("the graph grows beyond the number of nodes that it may have");
    this.id = nextId++;
    this.primitive = primitive;
    this.inputs = inputs;
    this.params = params;
    this.shape = typed.shape;
    this.dtype = typed.dtype;
    this.weak = weak;
    this.data = buffer;
    this.concrete = concrete;
  }

  /** The numbers, where they are known; not to be written to. */
  get buffer(): Data | undefined {
    if (!this.data && this.concrete) {
      const known = this.inputs.map((i) => i.buffer as Data);
      this.data = this.primitive.evaluate(known, this);
    }
    return this.data;
  }

  get rank(): number {
    return this.shape.length;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  /** Called by JavaScript where it wants a plain number: `x > 0`, `Math.sin(x)`, `x + 1`. */
  [Symbol.toPrimitive](hint: string): string | number {
    if (hint === "string") return this.toString();
    throw new TypeError(
      "a Tensor was used where JavaScript wants a number: write x.add(1) for x + 1, sin(x) for Math.sin(x), " +
        "greater(x, 0) with where(…) for x > 0, or x.item() for its number now",
    );
  }

  toString(): string {
    const type = `${this.dtype}${showShape(this.shape)}`;
    if (!this.concrete || !this.buffer) return `Tensor(${this.primitive.name}, ${type})`;
    const shown = Array.from(this.buffer.subarray(0, 8), String).join(", ");
    return `Tensor(${this.size > 8 ? `${shown}, …` : shown}; ${type})`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** Where a constant comes from: exact (parsed) or the bits of a float (traced). */
export interface ConstantParams {
  readonly exact?: Rational;
  /** A named number such as π, kept as a symbol until evaluated. */
  readonly symbol?: NamedNumber;
}

export interface NamedNumber {
  readonly text: string;
  readonly latex: string;
  readonly value: number;
}

export interface InputParams {
  readonly name?: string;
  /** The value that the traced function was called with, if it is known: lets `.item()` work under `grad`. */
  readonly value?: Node;
  /** Letters that sizes of axes stand for: 13 is m. They are written in the place of the number. */
  readonly sizes?: ReadonlyMap<number, string>;
}

export class UnboundInputError extends Error {
  override name = "UnboundInputError";
  constructor(input: string) {
    super(`${input} has no value: give one to every variable that the result needs`);
  }
}

/** Leaves of every graph. They have no derivative of their own: a transform seeds or skips them. */
export const constantPrimitive: Primitive = leaf("constant");
export const inputPrimitive: Primitive = leaf("input");

/* @__NO_SIDE_EFFECTS__ */
function leaf(name: string): Primitive {
  return {
    name,
    family: "leaf",
    pointwise: false,
    notation: { form: "leaf" },
    evaluate: (_inputs, node) => {
      if (node.buffer) return node.buffer;
      const { exact, symbol } = node.params as ConstantParams;
      const value = exact ? exact.toNumber() : symbol?.value;
      if (value === undefined)
        throw new UnboundInputError((node.params as InputParams).name ?? `#${node.id}`);
      const data = allocate(node.dtype, 1);
      data[0] = value;
      return data;
    },
  };
}

/** A concrete tensor over `data` (not copied: the caller gives it up). */
export function constant(data: Data, shape: Shape, dtype: DType, weak = false): Node {
  return new Node(constantPrimitive, [], {}, { shape, dtype }, weak, data);
}

/** A JavaScript number: a weakly typed f64 scalar that keeps its bits. */
export function literal(value: number): Node {
  return constant(Float64Array.of(value), [], "f64", true);
}

/** An exact rational constant, weakly typed; it becomes a float only when evaluated. */
export function exactConstant(value: Rational): Node {
  const params: ConstantParams = { exact: value };
  return new Node(constantPrimitive, [], params, { shape: [], dtype: "f64" }, true);
}

/* @__NO_SIDE_EFFECTS__ */
export function namedNumber(symbol: NamedNumber): Node {
  const params: ConstantParams = { symbol };
  return new Node(constantPrimitive, [], params, { shape: [], dtype: "f64" }, true);
}

export function input(typed: Typed, params: InputParams = {}, weak = false): Node {
  return new Node(inputPrimitive, [], params, { shape: typed.shape, dtype: typed.dtype }, weak);
}

export function isInput(node: Node): boolean {
  return node.primitive === inputPrimitive;
}

export function isConstant(node: Node): boolean {
  return node.primitive === constantPrimitive;
}

/** The exact value of an exact constant, or undefined. */
export function exactValue(node: Node): Rational | undefined {
  return isConstant(node) ? (node.params as ConstantParams).exact : undefined;
}

/** The number that a scalar constant holds (exact or float), or undefined. */
export function scalarValue(node: Node): number | undefined {
  if (!isConstant(node)) return undefined;
  if (node.buffer) return node.size === 1 ? node.buffer[0] : undefined;
  const { exact, symbol } = node.params as ConstantParams;
  return exact ? exact.toNumber() : symbol?.value;
}
