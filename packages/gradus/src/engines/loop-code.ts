import type { Node } from "../ir/node.ts";
import { type Shape, sizeOf } from "../ir/shape.ts";
import {
  type Access,
  type Affine,
  accessKey,
  cellOf,
  flatIndex,
  type Guard,
  ownAccess,
  rangeOf,
  reducedDims,
  throughView,
} from "./access.ts";
import type { Layout } from "./layout.ts";
import { numberText, operationText } from "./operators.ts";
import { groupAt, isBeside, type Pass, type Schedule } from "./passes.ts";

/*
 * The text of one pass. It is made of numbers and of names that stand here: nothing of it comes from a user. It is made
 * twice: first to learn which elements are read, then with the fewest loops that read them.
 */

/** A text, and how many loops it stands in at least. */
interface Value {
  readonly text: string;
  readonly level: number;
}

interface Scope {
  lines: string[];
  known: Map<string, Value>;
  level: number;
}

type Kernel = (x: number, y: number, z: number) => number;

const MOST_SEGMENTS = 6;

export class LoopCode {
  readonly kernels: Kernel[] = [];
  /** Accumulators in double precision, where the result has less. */
  readonly scratch: number[] = [];
  private readonly plan: Schedule;
  private readonly pass: Pass;
  private readonly step: number;
  private readonly layout: Layout;
  /** Whether it runs over the rows from `lo` to `hi` only, in a group. */
  private readonly byRows: boolean;
  private readonly buffers = new Map<number, string>();
  private levels: Scope[] = [];
  private after: string[][] = [];
  private tail: string[] = [];
  private blocks: Scope[] = [];
  private names = 0;
  /** What the dry run saw. */
  private indices: Affine[] | undefined = [];
  private guards: Guard[] = [];
  private dims: Shape;
  private merged: number[];
  private range: [number, number] | undefined;

  constructor(pass: Pass, plan: Schedule, layout: Layout) {
    this.plan = plan;
    this.step = plan.steps.indexOf(pass);
    this.pass = pass;
    this.layout = layout;
    this.byRows = groupAt(plan, this.step) !== undefined;
    this.dims = this.pass.dims;
    this.merged = this.dims.map((_, d) => d);
  }

  text(): string {
    this.body();
    this.merge();
    this.indices = undefined;
    this.buffers.clear();
    this.scratch.length = 0;
    const depth = this.dims.length;
    this.reset(depth);
    const segments = depth === 0 ? [] : this.segments();
    const bodies = segments.map((range) => {
      this.range = range;
      this.levels[depth] = scope(depth);
      this.roots();
      const [from, end] = depth === 1 ? this.bounds(range) : range;
      return `for (let i${depth - 1} = ${from}; i${depth - 1} < ${end}; i${depth - 1}++) { ${this.levels[depth].lines.join(" ")} }`;
    });
    if (depth === 0) this.roots();
    const head = [...this.buffers].map(([slot, name]) => {
      const { among, index } = this.layout.whereIs(slot);
      const [array, begins] = { given: ["g", "f"], out: ["r", "t"], held: ["v", ""] }[among];
      const row = this.layout.localRow(slot);
      const begin = this.moves(slot)
        ? ` const o${slot} = ${begins}[${index}];`
        : row === undefined
          ? ""
          : ` const o${slot} = (-${row} * lo) | 0;`;
      return `const ${name} = ${array}[${index}];${begin}`;
    });
    return `${head.join(" ")} ${this.nest(0, bodies.join(" "))} ${this.tail.join(" ")}`;
  }

  private body(): void {
    this.reset(this.dims.length);
    this.roots();
  }

  private reset(depth: number): void {
    this.levels = Array.from({ length: depth + 1 }, (_, d) => scope(d));
    this.after = this.levels.map(() => []);
    this.tail = [];
    this.blocks = [];
    this.names = 0;
  }

  private nest(level: number, innermost: string): string {
    const depth = this.dims.length;
    const lines = this.levels[level].lines.join(" ");
    const after = this.after[level].join(" ");
    if (depth === 0) return `${lines} ${after}`;
    const i = `i${level}`;
    const [from, end] = level === 0 ? this.bounds([0, this.dims[0]]) : [0, this.dims[level]];
    const inner =
      level === depth - 1
        ? innermost
        : `for (let ${i} = ${from}; ${i} < ${end}; ${i}++) { ${this.nest(level + 1, innermost)} }`;
    return `${lines} ${inner} ${after}`;
  }

  /** Of the first loop, which may be over a part of the rows. */
  private bounds([from, end]: readonly [number, number]): [string | number, string | number] {
    if (!this.byRows) return [from, end];
    const row = this.dims[0] / this.pass.dims[0];
    const [lo, hi] = row === 1 ? ["lo", "hi"] : [`${row} * lo`, `${row} * hi`];
    return [
      from === 0 ? lo : `Math.max(${from}, ${lo})`,
      end === this.dims[0] ? hi : `Math.min(${end}, ${hi})`,
    ];
  }

  // --- the fewest loops ---

  /** Loops whose counters only stand together become one. */
  private merge(): void {
    const { dims } = this.pass;
    const reduced = this.pass.nodes.filter((n) => this.plan.kind(n) === "reduction").map(reducedDims);
    const all = [...(this.indices ?? []), ...this.guards.map((g) => g.index)];
    const groups: number[] = [];
    dims.forEach((_, d) => {
      const joins =
        d > 0 &&
        all.every(({ by }) => by[d - 1] === by[d] * dims[d]) &&
        reduced.every((r) => r[d - 1] === r[d]);
      if (joins) groups[groups.length - 1] = d;
      else groups.push(d);
    });
    this.merged = groups;
    this.dims = groups.map((last, g) => sizeOf(dims.slice(g === 0 ? 0 : groups[g - 1] + 1, last + 1)));
  }

  private collapsed({ at, by }: Affine): Affine {
    return { at, by: this.merged.map((d) => by[d]) };
  }

  /** Parts of the innermost loop inside which each guard is always or never true. */
  private segments(): [number, number][] {
    const last = this.dims.length - 1;
    const n = this.dims[last];
    const cuts = new Set<number>();
    for (const { index, limit } of this.guards) {
      const { at, by } = this.collapsed(index);
      if (by[last] === 0 || by.some((b, d) => b !== 0 && d !== last)) continue;
      const step = Math.abs(by[last]);
      const [first, end] =
        by[last] > 0
          ? [Math.ceil(-at / step), Math.ceil((limit - at) / step)]
          : [Math.floor((at - limit) / step) + 1, Math.floor(at / step) + 1];
      for (const c of [first, end]) if (c > 0 && c < n) cuts.add(c);
    }
    if (cuts.size === 0 || cuts.size >= MOST_SEGMENTS) return [[0, n]];
    const bounds = [0, ...[...cuts].sort((a, b) => a - b), n];
    return bounds.slice(1).map((end, i) => [bounds[i], end]);
  }

  /** Whether a guard holds: always, never, or where its conditions do. */
  private truth({ index, limit }: Guard): true | false | string {
    const a = this.collapsed(index);
    const dims = [...this.dims];
    const last = dims.length - 1;
    let [lo, hi] = rangeOf(a, dims);
    if (this.range && last >= 0) {
      const b = a.by[last];
      const [from, to] = [this.range[0] * b, (this.range[1] - 1) * b];
      lo += Math.min(from, to) - Math.min(0, b * (dims[last] - 1));
      hi += Math.max(from, to) - Math.max(0, b * (dims[last] - 1));
    }
    if (lo >= 0 && hi < limit) return true;
    if (hi < 0 || lo >= limit) return false;
    const { text } = this.index(a);
    return [...(lo < 0 ? [`${text} >= 0`] : []), ...(hi >= limit ? [`${text} < ${limit}`] : [])].join(" && ");
  }

  // --- values ---

  private roots(): void {
    const late: string[] = [];
    for (const node of this.pass.nodes) {
      if (this.plan.kind(node) === "reduction") this.reduce(node);
      else {
        const value = this.value(node, ownAccess(node.shape));
        if (this.plan.stored.has(node)) this.store(node, value, late);
      }
    }
    this.levels[this.dims.length].lines.push(...late);
  }

  private store(node: Node, { text }: Value, late: string[]): void {
    const target = this.element(node, flatIndex(ownAccess(node.shape), this.pass.dims.length));
    const lines = this.layout.isLate(node) ? late : this.levels[this.dims.length].lines;
    lines.push(`${target.text} = ${text};`);
  }

  private value(node: Node, access: Access): Value {
    const literal = this.layout.literalOf(node);
    if (literal !== undefined) return { text: numberText(literal), level: 0 };
    const key = `${node.id}@${accessKey(access, this.pass.dims.length)}`;
    const known = this.lookUp(key);
    if (known) return known;
    const { plan } = this;
    const kind = plan.kind(node);
    const beside = isBeside(node, access, this.pass, this.step, plan);
    const held = kind === "leaf" || (!beside && this.isHeld(node, access));
    if (held) {
      const place = this.element(node, flatIndex(access, this.pass.dims.length));
      return this.define(place.text, place.level, key);
    }
    if (kind === "view") return this.seen(node, access, key);
    const args = node.inputs.map((i) => this.value(i, access));
    const text = operationText(
      node,
      args.map((a) => a.text),
      this.kernels,
    );
    return this.define(text, Math.max(0, ...args.map((a) => a.level)), key);
  }

  /** Whether it is in memory when this pass reads it. */
  private isHeld(node: Node, access: Access): boolean {
    if (this.plan.kept.has(node)) return true;
    const step = this.plan.stepOf.get(node);
    if (step === undefined || step === this.step) return false;
    return isBeside(node, access, this.pass, step, this.plan);
  }

  private seen(node: Node, access: Access, key: string): Value {
    const parts = throughView(node, access, this.pass.dims);
    if (!parts) throw new Error(`${node.primitive.name} was planned as a view, but no loop reads it`);
    const [first] = parts;
    if (parts.length === 1 && first.guards.length === 0) return this.value(first.node, first.access);
    const name = `t${this.names++}`;
    let text = "";
    // Which part it is may differ between the segments of a loop: nothing of it may stand outside.
    let level = Math.max(...parts.flatMap((p) => p.guards).map((g) => levelOf(this.collapsed(g.index))));
    for (const part of parts) {
      const tests: string[] = [];
      let never = false;
      for (const g of part.guards) {
        if (this.indices) this.guards.push(g);
        const holds = this.truth(g);
        if (holds === false) never = true;
        else if (holds !== true) tests.push(holds);
      }
      if (never) continue;
      if (tests.length === 0 && text === "") {
        const value = this.value(part.node, part.access);
        return { text: value.text, level: Math.max(level, value.level) };
      }
      this.blocks.push(scope(0));
      const value = this.value(part.node, part.access);
      const block = this.blocks.pop() as Scope;
      level = Math.max(level, block.level, value.level);
      const inside = `{ ${block.lines.join(" ")} ${name} = ${value.text}; }`;
      text += `${text === "" ? "" : " else "}${tests.length > 0 ? `if (${tests.join(" && ")}) ` : ""}${inside}`;
      if (tests.length === 0) break;
    }
    if (text === "") return { text: "0", level };
    return this.define(`let ${name} = 0; ${text}`, level, key, name);
  }

  private reduce(node: Node): void {
    const [x] = node.inputs;
    const value = this.value(x, ownAccess(x.shape));
    const depth = this.dims.length;
    const reduced = reducedDims(node);
    const flags = this.indices ? reduced : this.merged.map((d) => reduced[d]);
    const kept = flags.lastIndexOf(false) + 1;
    const inOrder = !flags.slice(0, kept).includes(true);
    const { name } = node.primitive;
    const start = name === "sum" ? "0" : name === "reduce_max" ? "-Infinity" : "Infinity";
    const next = (acc: string) =>
      name === "sum"
        ? `${acc} + ${value.text}`
        : `Math.${name === "reduce_max" ? "max" : "min"}(${acc}, ${value.text})`;
    const cell = cellOf(node, reduced);
    const innermost = this.levels[depth].lines;
    if (inOrder && kept === depth) {
      innermost.push(`${this.element(node, cell).text} = ${next(start)};`);
    } else if (inOrder) {
      // By its place, not its number: programs alike have the same text.
      const acc = `a${this.pass.nodes.indexOf(node)}`;
      const head = this.levels[kept];
      if (!head.known.has(acc)) {
        head.known.set(acc, { text: acc, level: kept });
        const target = this.element(node, cell);
        const carried = this.byRows && kept === 0 ? `s${this.scratch.push(1) - 1}[0]` : undefined;
        head.lines.push(`let ${acc} = ${carried ? `lo > 0 ? ${carried} : ` : ""}${start};`);
        this.after[kept].push(`${target.text} = ${carried ? `${carried} = ` : ""}${acc};`);
      }
      innermost.push(`${acc} = ${next(acc)};`);
    } else this.reduceInMemory(node, cell, start, next);
  }

  /** Sums of columns: each cell is an accumulator, and the rows are read as they lie. */
  private reduceInMemory(node: Node, cell: Affine, start: string, next: (acc: string) => string): void {
    const index = this.index(this.seenIndex(cell)).text;
    const { slot } = this.layout.placeOf(node);
    const moves = this.moves(slot);
    let cells = this.bufferOf(slot);
    const head = this.levels[0];
    if (node.dtype !== "f64" || moves) {
      const key = `scratch${node.id}`;
      const own = head.known.get(key);
      const target = moves ? `, o${slot}` : "";
      const scratch = own?.text ?? `s${this.scratch.push(node.size) - 1}`;
      if (!own) {
        this.tail.push(`${cells}.set(${scratch}${target});`);
        head.known.set(key, { text: scratch, level: 0 });
      }
      cells = scratch;
    }
    const fill = `${this.byRows ? "if (lo === 0) " : ""}${cells}.fill(${start});`;
    if (!head.lines.includes(fill)) head.lines.push(fill);
    this.levels[this.dims.length].lines.push(`${cells}[${index}] = ${next(`${cells}[${index}]`)};`);
  }

  // --- places ---

  private moves(slot: number): boolean {
    return this.layout.inside && this.layout.whereIs(slot).among !== "held";
  }

  private bufferOf(slot: number): string {
    let name = this.buffers.get(slot);
    if (!name) this.buffers.set(slot, (name = `b${slot}`));
    return name;
  }

  private element(node: Node, affine: Affine): Value {
    const { slot, at } = this.layout.placeOf(node);
    const buffer = this.bufferOf(slot);
    const begin = this.moves(slot) || this.layout.localRow(slot) !== undefined ? `o${slot} + ` : "";
    if (node.size === 1) return { text: `${buffer}[${begin}${at}]`, level: 0 };
    const index = this.index(this.seenIndex(affine));
    return { text: `${buffer}[${begin}${index.text}]`, level: index.level };
  }

  private seenIndex(affine: Affine): Affine {
    this.indices?.push(affine);
    return this.collapsed(affine);
  }

  /** An index as text; what an inner loop does not change is computed outside of it. */
  private index({ at, by }: Affine): Value {
    const used = by.map((b, d) => ({ b, d })).filter(({ b }) => b !== 0);
    const inner = used.pop();
    if (!inner) return { text: String(at), level: 0 };
    const step = Math.abs(inner.b) === 1 ? `i${inner.d}` : `${Math.abs(inner.b)} * i${inner.d}`;
    const level = inner.d + 1;
    if (used.length === 0) {
      if (inner.b < 0) return { text: `${at} - ${step}`, level };
      return { text: at === 0 ? step : at > 0 ? `${step} + ${at}` : `${step} - ${-at}`, level };
    }
    const terms = used.map(({ b, d }) => `${b} * i${d}`).join(" + ");
    const base = `${terms} + ${at}`;
    const outer = used[used.length - 1].d + 1;
    const { text } = this.lookUp(base) ?? this.define(base, outer, base);
    return { text: `${text} ${inner.b < 0 ? "-" : "+"} ${step}`, level };
  }

  private lookUp(key: string): Value | undefined {
    for (let b = this.blocks.length - 1; b >= 0; b--) {
      const found = this.blocks[b].known.get(key);
      if (found) return found;
    }
    for (const l of this.levels) {
      const found = l.known.get(key);
      if (found) return found;
    }
    return undefined;
  }

  /** Gives a text a name, outside of all loops that do not change it; inside of an `if` it stays there. */
  private define(text: string, level: number, key: string, name?: string): Value {
    const block = this.blocks[this.blocks.length - 1];
    const at = block ?? this.levels[level];
    const own = name ?? `t${this.names++}`;
    at.lines.push(name ? text : `const ${own} = ${text};`);
    const value = { text: own, level };
    at.known.set(key, value);
    at.level = Math.max(at.level, level);
    return value;
  }
}

const scope = (level: number): Scope => ({ lines: [], known: new Map(), level });

/** How many loops an index changes in. */
const levelOf = ({ by }: Affine): number => by.findLastIndex((b) => b !== 0) + 1;
