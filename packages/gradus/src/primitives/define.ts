import { allocate, type Data, type DType, isFloat, wider } from "../ir/dtype.ts";
import { boundNodes, constant, literal, Node, type Typed } from "../ir/node.ts";
import type {
  Elementwise,
  Flat,
  Formula,
  Interval,
  Linear,
  Multilinear,
  Notation,
  Primitive,
} from "../ir/primitive.ts";
import { broadcastShapes, type Shape, ShapeError, sameShape, showShape, sizeOf } from "../ir/shape.ts";

/** What a person may write where a tensor is wanted. Nested arrays must be rectangular. */
export type TensorLike =
  | Node
  | number
  | boolean
  | Float64Array
  | Float32Array
  | Int32Array
  | readonly TensorLike[];

/** A primitive is a function to call, with its rule attached. */
export type Operation<Call, Rule extends Primitive = Primitive> = Call & { readonly primitive: Rule };
export type Unary = (x: TensorLike) => Node;
export type Binary = (x: TensorLike, y: TensorLike) => Node;

/* @__NO_SIDE_EFFECTS__ */
export function operation<Call, Rule extends Primitive>(primitive: Rule, call: Call): Operation<Call, Rule> {
  return Object.assign(call as object, { primitive }) as Operation<Call, Rule>;
}

/** A tensor from numbers or nested arrays; f64 unless told. */
export function tensor(value: TensorLike, dtype?: DType): Node {
  if (value instanceof Node) return dtype && value.dtype !== dtype ? cast(value, dtype) : value;
  if (value instanceof Float64Array || value instanceof Float32Array || value instanceof Int32Array) {
    const own = value instanceof Float64Array ? "f64" : value instanceof Float32Array ? "f32" : "i32";
    return tensor(constant(value.slice(), [value.length], own), dtype);
  }
  if (typeof value === "number") return dtype ? filled([], dtype, value) : literal(value);
  if (typeof value === "boolean") return tensor(constant(Uint8Array.of(Number(value)), [], "bool"), dtype);
  if (Array.isArray(value)) return fromNested(value, dtype);
  throw new TypeError(
    `expected a number, a Tensor or an array of them; got ${value === null ? "null" : typeof value}`,
  );
}

function fromNested(value: readonly TensorLike[], dtype: DType | undefined): Node {
  const shape: number[] = [];
  for (let level: TensorLike = value; Array.isArray(level); level = level[0]) shape.push(level.length);
  const flat: (number | boolean)[] = [];
  const fill = (item: TensorLike, depth: number): void => {
    if (
      Array.isArray(item) !== depth < shape.length ||
      (Array.isArray(item) && item.length !== shape[depth])
    ) {
      throw new ShapeError(`a nested array must be rectangular: expected ${showShape(shape)}, a row differs`);
    }
    if (Array.isArray(item)) for (const i of item) fill(i, depth + 1);
    else if (typeof item === "number" || typeof item === "boolean") flat.push(item);
    else throw new TypeError("a nested array holds numbers only: stack([...]) joins Tensors");
  };
  fill(value, 0);
  const bools = flat.length > 0 && flat.every((x) => typeof x === "boolean");
  const type = dtype ?? (bools ? "bool" : "f64");
  const data = allocate(type, flat.length);
  for (let i = 0; i < flat.length; i++) data[i] = Number(flat[i]);
  return constant(data, shape, type);
}

export function filled(shape: Shape, dtype: DType, value: number): Node {
  charge(shape);
  const data = allocate(
    dtype,
    shape.reduce((a, b) => a * b, 1),
  );
  if (value !== 0) data.fill(value);
  return constant(data, shape, dtype);
}

/** A node of the primitive; evaluated at once when every input's numbers are known. */
export function apply(primitive: Primitive, inputs: readonly Node[], params: unknown = NO_PARAMS): Node {
  if (primitive.pointwise) inputs = aligned(primitive, inputs);
  const concrete = inputs.length > 0 && inputs.every((x) => x.concrete);
  if (primitive.family === "formula") {
    const y = primitive.expand(inputs, params);
    return concrete || y.primitive === primitive ? y : new Node(primitive, inputs, params, y, y.weak);
  }
  const node = new Node(
    primitive,
    inputs,
    params,
    typeOf(primitive, inputs, params),
    weakOf(primitive, inputs),
  );
  if (!concrete) return node;
  const data = evaluateNode(
    node,
    inputs.map((x) => x.buffer as Data),
  );
  return constant(data, node.shape, node.dtype, node.weak);
}

const NO_PARAMS = {};

/** Looks at what a node has computed; set by `debugNans` while it runs. */
type Watch = (node: Node, operands: readonly Data[], result: Data) => void;
let watch: Watch | undefined;

/** Whether the numbers of every node are wanted: compiled programs then run node by node. */
export const isWatched = (): boolean => watch !== undefined;

/** Puts a watch on every evaluation and gives back the one that was there before. */
export function watchEvaluations(next: Watch | undefined): Watch | undefined {
  const before = watch;
  watch = next;
  return before;
}

/** More numbers than an array of JavaScript holds everywhere. */
const LARGEST = 2 ** 32;
let largest = LARGEST;
let together = Number.POSITIVE_INFINITY;
let left = together;

export interface Bounds {
  /** Numbers in one Tensor. */
  readonly each?: number;
  /** Numbers in all Tensors that are computed, together. */
  readonly all?: number;
  /** Nodes of graphs that are built. */
  readonly nodes?: number;
}

/**
 * Bounds the memory of what is computed node by node, and built, from now on: what is larger is refused before it is
 * allocated, by a RangeError. Without arguments the bounds are lifted. For programs that compute what a stranger wrote.
 */
export function boundMemory({
  each = LARGEST,
  all = Number.POSITIVE_INFINITY,
  nodes = Number.POSITIVE_INFINITY,
}: Bounds = {}): void {
  largest = each;
  together = all;
  left = all;
  boundNodes(nodes);
}

function charge(shape: Shape): void {
  const size = sizeOf(shape);
  if (size > largest)
    throw new RangeError(
      `a Tensor of shape ${showShape(shape)} has ${size} numbers: no more than ${largest} can be held`,
    );
  left -= size;
  if (left < 0) throw new RangeError(`this computes more than ${together} numbers, all together`);
}

/** The numbers of a node from those of its inputs: every engine that runs node by node comes through here. */
export function evaluateNode(node: Node, operands: readonly Data[]): Data {
  charge(node.shape);
  const result = node.primitive.evaluate(operands, node);
  watch?.(node, operands, result);
  return result;
}

function weakOf(primitive: Primitive, inputs: readonly Node[]): boolean {
  const { family } = primitive;
  if (family === "flat" || family === "formula" || family === "control" || family === "result") return false;
  const own =
    primitive.family === "linear" ? inputs.filter((_, i) => !primitive.parameters.includes(i)) : inputs;
  return own.length > 0 && own.every((x) => x.weak);
}

function typeOf(primitive: Primitive, inputs: readonly Node[], params: unknown): Typed {
  if (primitive.family === "leaf" || primitive.family === "formula")
    throw new Error(`${primitive.name} has no type rule`);
  if (primitive.family === "elementwise") return { shape: inputs[0].shape, dtype: inputs[0].dtype };
  return primitive.infer(inputs, params);
}

/** Broadcasts and promotes the inputs of a pointwise primitive to one shape and dtype. */
function aligned(primitive: Primitive, inputs: readonly Node[]): readonly Node[] {
  const [first] = inputs;
  // Most calls: floats of one shape.
  const alike = (x: Node): boolean => x.dtype === first.dtype && sameShape(x.shape, first.shape);
  if (isFloat(first.dtype) && inputs.every(alike)) return inputs;
  const shape = broadcastShapes(
    primitive.name,
    inputs.map((x) => x.shape),
  );
  const parameters = primitive.family === "linear" ? primitive.parameters : [];
  const dtype = promote(
    inputs.filter((_, i) => !parameters.includes(i)),
    primitive.family === "elementwise",
  );
  return inputs.map((x, i) => broadcastTo(parameters.includes(i) ? x : cast(x, dtype), shape));
}

/**
 * The common dtype. Weak inputs (JavaScript numbers, exact constants) adopt the others' dtype, but a weak number
 * that is not whole turns i32 into f64. `toFloat`: functions such as sin take whole numbers as f64.
 */
export function promote(inputs: readonly Node[], toFloat = false): DType {
  let dtype: DType | undefined;
  for (const x of inputs) if (!x.weak) dtype = dtype === undefined ? x.dtype : wider(dtype, x.dtype);
  if (dtype === undefined) return "f64";
  if (!isFloat(dtype)) {
    for (const x of inputs) {
      if (!x.weak) continue;
      if (!isWhole(x)) return "f64";
      if (dtype === "bool") dtype = "i32";
    }
  }
  return toFloat && !isFloat(dtype) ? "f64" : dtype;
}

function isWhole(x: Node): boolean {
  return x.buffer?.every((v) => Number.isInteger(v) && Math.abs(v) < 2 ** 31) ?? false;
}

// Set by structure.ts, whose primitives need this file: the two casts that every pointwise call may insert.
let castNode: (x: Node, dtype: DType) => Node;
let broadcastNode: (x: Node, shape: Shape) => Node;

export function provideConversions(conversions: {
  cast: typeof castNode;
  broadcast: typeof broadcastNode;
}): void {
  castNode = conversions.cast;
  broadcastNode = conversions.broadcast;
}

export function cast(x: Node, dtype: DType): Node {
  return x.dtype === dtype ? x : castNode(x, dtype);
}

export function broadcastTo(x: Node, shape: Shape): Node {
  return sameShape(x.shape, shape) ? x : broadcastNode(x, shape);
}

// --- families: from the few lines that a primitive states to the whole entry ---

type Kernel<P> = (params: P) => (x: number, y: number, z: number) => number;

/** Runs a scalar kernel over aligned inputs. */
export function pointwiseEvaluate<P>(kernel: Kernel<P>): (inputs: readonly Data[], node: Node) => Data {
  return ([x, y, z], node) => {
    const f = kernel(node.params as P);
    const out = allocate(node.dtype, node.size);
    const n = out.length;
    if (z) for (let i = 0; i < n; i++) out[i] = f(x[i], y[i], z[i]);
    else if (y) for (let i = 0; i < n; i++) out[i] = f(x[i], y[i], 0);
    else for (let i = 0; i < n; i++) out[i] = f(x[i], 0, 0);
    return out;
  };
}

export const everywhere = (): boolean => true;
/** A name before brackets, with what its last argument is unless told. */
/* @__NO_SIDE_EFFECTS__ */
export function named(name: string, usual?: number, latex?: string): Notation {
  return {
    form: "function",
    text: name,
    latex: latex ?? `\\operatorname{${name.replaceAll("_", "\\_")}}`,
    usual,
  };
}

type Partials<P> = Elementwise<P>["partials"];

interface ElementwiseSpec<P> {
  readonly name: string;
  readonly kernel: (x: number, y: number, z: number) => number;
  readonly partials: Partials<P>;
  readonly textbook?: Partials<P>;
  readonly series?: Elementwise<P>["series"];
  readonly analyticOn?: (x: readonly Interval[], params: P) => boolean;
  readonly latex?: string;
  readonly notation?: Notation;
}

function elementwiseRule<P>(spec: ElementwiseSpec<P>, kernel: Kernel<P> = () => spec.kernel): Elementwise<P> {
  return {
    name: spec.name,
    family: "elementwise",
    pointwise: true,
    notation: spec.notation ?? named(spec.name, undefined, spec.latex),
    evaluate: pointwiseEvaluate(kernel),
    kernel,
    partials: spec.partials,
    textbook: spec.textbook,
    series: spec.series ?? "closes",
    analyticOn: spec.analyticOn ?? everywhere,
  };
}

/** An elementwise function of one variable. */
/* @__NO_SIDE_EFFECTS__ */
export function unary(spec: ElementwiseSpec<unknown>): Operation<Unary, Elementwise> {
  const rule = elementwiseRule(spec);
  return operation(rule, (x: TensorLike) => apply(rule, [tensor(x)]));
}

/** An elementwise function of two variables. */
/* @__NO_SIDE_EFFECTS__ */
export function binary(spec: ElementwiseSpec<unknown>): Operation<Binary, Elementwise> {
  const rule = elementwiseRule(spec);
  return operation(rule, (x: TensorLike, y: TensorLike) => apply(rule, [tensor(x), tensor(y)]));
}

/** An elementwise function of one variable with fixed parameters, such as polygamma of order n. */
/* @__NO_SIDE_EFFECTS__ */
export function unaryWith<P>(spec: Omit<ElementwiseSpec<P>, "kernel"> & { kernel: Kernel<P> }) {
  const rule = elementwiseRule<P>({ ...spec, kernel: spec.kernel as never }, spec.kernel) as Elementwise;
  return operation(rule, (x: TensorLike, params: P) => apply(rule, [tensor(x)], params));
}

interface FormulaSpec<P> {
  readonly name: string;
  readonly expand: (x: readonly Node[], params: P) => Node;
  readonly tangent?: Formula<P>["tangent"];
  readonly textbookTangent?: Formula<P>["tangent"];
  readonly latex?: string;
  readonly notation?: Notation;
}

/* @__NO_SIDE_EFFECTS__ */
export function formulaRule<P>(spec: FormulaSpec<P>): Formula {
  return {
    name: spec.name,
    family: "formula",
    pointwise: false,
    notation: spec.notation ?? named(spec.name, undefined, spec.latex),
    expand: spec.expand as Formula["expand"],
    tangent: spec.tangent as Formula["tangent"],
    textbookTangent: spec.textbookTangent as Formula["tangent"],
    evaluate: () => {
      throw new Error(`${spec.name} is a formula: an engine expands it first`);
    },
  };
}

/** A formula of one tensor: the ten lines that an activation function takes. */
/* @__NO_SIDE_EFFECTS__ */
export function formula(spec: FormulaSpec<unknown>): Operation<Unary, Formula> {
  const rule = formulaRule(spec);
  return operation(rule, (x: TensorLike) => apply(rule, [tensor(x)]));
}

/** A formula of two tensors. */
/* @__NO_SIDE_EFFECTS__ */
export function formula2(spec: FormulaSpec<unknown>): Operation<Binary, Formula> {
  const rule = formulaRule(spec);
  return operation(rule, (x: TensorLike, y: TensorLike) => apply(rule, [tensor(x), tensor(y)]));
}

/** A formula with parameters; `call` turns the caller's arguments into tensors and parameters. */
/* @__NO_SIDE_EFFECTS__ */
export function formulaWith<P, Args extends unknown[]>(
  spec: FormulaSpec<P> & { arguments: (...args: Args) => { inputs: readonly TensorLike[]; params: P } },
): Operation<(...args: Args) => Node, Formula> {
  const rule = formulaRule(spec);
  return operation(rule, (...args: Args) => {
    const { inputs, params } = spec.arguments(...args);
    return apply(
      rule,
      inputs.map((x) => tensor(x)),
      params,
    );
  });
}

/** A pointwise function that is linear or multilinear, or flat: its kernel gives value, type and batching. */
/* @__NO_SIDE_EFFECTS__ */
export function pointwise<P>(name: string, kernel: Kernel<P>, dtype: (inputs: readonly Node[]) => DType) {
  return {
    name,
    pointwise: true as const,
    kernel,
    evaluate: pointwiseEvaluate(kernel),
    infer: (inputs: readonly Node[]): Typed => ({
      shape: inputs[inputs.length - 1].shape,
      dtype: dtype(inputs),
    }),
  };
}

/* @__NO_SIDE_EFFECTS__ */
export function linear<P>(rule: Omit<Linear<P>, "family">): Linear {
  return { family: "linear", ...rule } as Linear;
}

/* @__NO_SIDE_EFFECTS__ */
export function multilinear<P>(rule: Omit<Multilinear<P>, "family">): Multilinear {
  return { family: "multilinear", ...rule } as Multilinear;
}

/* @__NO_SIDE_EFFECTS__ */
export function flat<P>(rule: Omit<Flat<P>, "family">): Flat {
  return { family: "flat", ...rule } as Flat;
}
