import type { Data } from "./dtype.ts";
import type { Program } from "./graph.ts";
import type { Node, Typed, Zero } from "./node.ts";

/** A closed interval of reals; a point has lo = hi. */
export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

/** How a primitive is written. `text` is the name that the parser reads back. */
export interface Notation {
  readonly form: "function" | "infix" | "prefix" | "postfix" | "power" | "leaf" | "special";
  readonly text?: string;
  readonly latex?: string;
  /** For operators: 1 logical, 2 comparison, 3 sum, 4 product, 5 sign, 6 power, 7 postfix. */
  readonly precedence?: number;
  /** The rule's name in a derivation, such as "power rule". */
  readonly rule?: string;
  /** How many of the inputs are written; what follows them only saves work (a factorization). All unless told. */
  readonly arguments?: number;
  /** What the last input is unless told: where it is this number, it is not written. */
  readonly usual?: number;
}

/**
 * Runs a program inside a control node once: each input begins at its own place of an array, and so does each result,
 * which is written there. No result may share memory with an input.
 */
export type BodyStep = (
  given: readonly Data[],
  from: readonly number[],
  out: readonly Data[],
  to: readonly number[],
) => void;

/** How an engine runs such a program: the first `fixed` inputs are given once, the others in each step. */
export type BodyRunner = (body: Program, fixed: number) => (fixed: readonly Data[]) => BodyStep;

interface Common {
  readonly name: string;
  readonly notation: Notation;
  /** Acts on each element by itself: inputs are broadcast to one shape, and batching is free. */
  readonly pointwise: boolean;
  /** A pointwise primitive's value at one point, by its parameters; engines put it into their loops. */
  kernel?(params: never): (x: number, y: number, z: number) => number;
  /**
   * The reference: inputs' numbers in, the node's numbers out. It may write them into `out`, the result of an earlier
   * call for the same node, rather than into a new array. Programs inside it are run by `bodies`, node by node unless told.
   */
  evaluate(inputs: readonly Data[], node: Node, out?: Data, bodies?: BodyRunner): Data;
}

interface Shaped<P> {
  /** Shape and dtype of the result; throws a ShapeError on what does not fit. */
  infer(inputs: readonly Node[], params: P): Typed;
}

interface Batched {
  /**
   * Maps the primitive over a leading axis of the inputs marked in `batched`; the result has that axis first.
   * Pointwise primitives do not need it.
   */
  batch(inputs: readonly Node[], batched: readonly boolean[], node: Node, size: number): Node;
}

/** Linear in all inputs but those named in `parameters` (a mask, indices). */
export interface Linear<P = unknown> extends Common, Shaped<P>, Partial<Batched> {
  readonly family: "linear";
  readonly parameters: readonly number[];
  /** Cotangents of the inputs from that of the result; null at parameters. */
  transpose(cotangent: Node, node: Node): readonly (Node | Zero)[];
}

/** Linear in each input by itself. */
export interface Multilinear<P = unknown> extends Common, Shaped<P>, Partial<Batched> {
  readonly family: "multilinear";
  transpose(cotangent: Node, index: number, node: Node): Node;
}

/** One coefficient of a result's power series from those of the arguments: `x[i][0..k]` and `y[0..k-1]` are known. */
export type SeriesRule<P> = (k: number, x: readonly Float64Array[], y: Float64Array, params: P) => number;

export interface Elementwise<P = unknown> extends Common {
  readonly family: "elementwise";
  /** The value at one point. */
  kernel(params: P): (x: number, y: number, z: number) => number;
  /** ∂y/∂xᵢ as a graph of the inputs x and the result y; null where it is zero everywhere. */
  readonly partials: readonly ((x: readonly Node[], y: Node, params: P) => Node | Zero)[];
  /** The same partials as a textbook writes them, where the stable form above differs. Both are tested equal. */
  readonly textbook?: readonly ((x: readonly Node[], y: Node, params: P) => Node | Zero)[];
  /** "closes": y' = Σ ∂f/∂xᵢ·xᵢ' is read as a recurrence. Otherwise the primitive's own rule. */
  readonly series: "closes" | SeriesRule<P>;
  /** Whether f is real analytic on the whole box. */
  analyticOn(x: readonly Interval[], params: P): boolean;
}

export interface Implicit<P = unknown> extends Common, Shaped<P>, Batched {
  readonly family: "implicit";
  /** The tangent of y, linear in dx; dx[i] is null where xᵢ does not vary. */
  tangent(x: readonly Node[], y: Node, dx: readonly (Node | Zero)[], params: P): Node | Zero;
  /** The same tangent as a textbook writes it, where the one that runs holds in a special case too. */
  textbookTangent?(x: readonly Node[], y: Node, dx: readonly (Node | Zero)[], params: P): Node | Zero;
  /** Whether it is linear in an input, as a solve is in its right side; `transpose` then gives its cotangent. */
  linearIn?(index: number): boolean;
  transpose?(cotangent: Node, index: number, node: Node): Node;
  /**
   * An equal graph for Taylor mode, where the tangent holds the primitive itself on varying inputs: lifting that
   * would start again at every order. The tangents in this graph need only their own results.
   */
  closed?(x: readonly Node[], params: P): Node | undefined;
}

/** Piecewise constant: derivative zero. */
export interface Flat<P = unknown> extends Common, Shaped<P>, Partial<Batched> {
  readonly family: "flat";
  /** Whether the result is one constant on the whole box (of the float inputs, elementwise). */
  constantOn(x: readonly Interval[], params: P): boolean;
  /** For one that is not pointwise: whether its value, given here, changes in every neighbourhood of the inputs. */
  jumpsAt?(value: Data, inputs: readonly Data[], x: readonly Typed[], params: P): boolean;
}

export interface Formula<P = unknown> extends Common {
  readonly family: "formula";
  /** The value as a graph of other primitives. */
  expand(x: readonly Node[], params: P): Node;
  /** A tangent of its own, linear in dx, where the formula's would cost accuracy or work. */
  tangent?(x: readonly Node[], y: Node, dx: readonly (Node | Zero)[], params: P): Node | Zero;
  /** The same tangent as a textbook writes it, where the one that runs guards against a special case. */
  textbookTangent?(x: readonly Node[], y: Node, dx: readonly (Node | Zero)[], params: P): Node | Zero;
  /** Stated where the tangent is the caller's and may differ from the expansion's: it is then kept under every transform. */
  batch?(x: readonly Node[], batched: readonly boolean[], node: Node, size: number): Node;
}

export interface Leaf extends Common {
  readonly family: "leaf";
}

/** Inputs and results of a control node at which it also computes another one: that one then need not run. */
export interface View {
  /** The parameters of the other node: the same object, so the same bodies. */
  readonly of: unknown;
  /** For each result of the other node, its place here, −1 where it is not at hand; so for inputs, −1 where no matter. */
  readonly inputs: readonly number[];
  readonly results: readonly number[];
}

/** A result of a transformed control node, with the new axis first; `varies` is false where it has none. */
export interface Batch {
  readonly node: Node;
  readonly varies: boolean;
}

/**
 * A primitive with programs inside, and several results: its own value packs them, a `result` node takes one out.
 * Each rule is the transform applied to the bodies.
 */
export interface Control<P = unknown> extends Common, Shaped<P> {
  readonly family: "control";
  /** The programs inside. They are closed: what a body reads from outside is an input of the node. */
  bodies(params: P): readonly Program[];
  /** How many of their first inputs are the same in every step. */
  constants(params: P): number;
  /** Shapes and dtypes of the results. */
  results(params: P): readonly Typed[];
  /** Which results depend on the inputs marked in `active`. */
  dependence(params: P, active: readonly boolean[]): readonly boolean[];
  tangent(node: Node, dx: readonly (Node | Zero)[]): readonly (Node | Zero)[];
  /** Cotangents of the active inputs, in which the node is linear, from those of the results. */
  transpose(
    node: Node,
    cotangents: readonly (Node | Zero)[],
    active: readonly boolean[],
  ): readonly (Node | Zero)[];
  batch(inputs: readonly Node[], batched: readonly boolean[], node: Node, size: number): readonly Batch[];
  /** Series of the results; null where one is constant. */
  series(node: Node, series: readonly (Node | null)[], order: number): readonly (Node | null)[];
  /** The results marked in `used`, from a node that computes only what they need; undefined if nothing can go. */
  prune(node: Node, used: readonly boolean[]): readonly (Node | undefined)[] | undefined;
  /** What it computes besides: other control nodes that it makes unnecessary. */
  views(params: P): readonly View[];
}

/** One result of a control node. */
export interface Result extends Common, Shaped<unknown> {
  readonly family: "result";
}

export interface ResultParams extends Typed {
  readonly index: number;
  /** Where it begins in the packed value. */
  readonly offset: number;
}

export type Primitive =
  | Linear
  | Multilinear
  | Elementwise
  | Implicit
  | Flat
  | Formula
  | Leaf
  | Control
  | Result;
