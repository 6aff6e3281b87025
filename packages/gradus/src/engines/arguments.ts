import { allocate, type Data, dtypeOf } from "../ir/dtype.ts";
import { Node } from "../ir/node.ts";
import { sameShape } from "../ir/shape.ts";
import type { LeafKind, Structure } from "../ir/tree.ts";
import type { Traced } from "../transforms/trace.ts";
import type { Prepared } from "./prepared.ts";

/*
 * The quick way from the arguments of a call to the numbers that a program reads: no tensors in between, nothing
 * allocated. It is taken where the arguments are of the kind that the program was traced for.
 */

/**
 * Runs a program on arguments and gives the results, in arrays of the caller's if there are any; undefined where the
 * arguments or these are not of the kind that it was traced for.
 */
export type QuickRun = (args: readonly unknown[], out?: readonly Data[]) => readonly Data[] | undefined;

/** Generated code where that is allowed: one function that reads each leaf at its own place and runs. */
export function quickRun(
  traced: Traced,
  { outputs, run }: Prepared,
  fresh: () => readonly Data[],
  generated: boolean,
): QuickRun {
  // A plain number has a cell of its own.
  const cells = traced.inputs.map(() => new Float64Array(1));
  const data: Data[] = [...cells];
  if (generated) return generatedRun(traced, outputs, { data, cells, run, fresh });
  const fits = (out: readonly Data[]): boolean =>
    out.length === outputs.length &&
    out.every((o, i) => o.length === outputs[i].size && dtypeOf(o) === outputs[i].dtype);
  return (args, given) => {
    if (!takeAll(traced, args, data, cells) || (given && !fits(given))) return undefined;
    const out = given ?? fresh();
    run(data, out);
    return out;
  };
}

function takeAll(traced: Traced, args: readonly unknown[], data: Data[], cells: readonly Float64Array[]) {
  const own = traced.arguments;
  if (own.length !== args.length) return false;
  return own.every(({ structure, start }, i) => taken(args[i], structure, traced, data, cells, start) >= 0);
}

/** Puts the leaves into their places from `next` on; the place after them, or −1. */
function taken(
  tree: unknown,
  structure: Structure,
  traced: Traced,
  data: Data[],
  cells: readonly Float64Array[],
  next: number,
): number {
  if (structure.kind === "leaf") {
    const leaf = leafData(tree, structure.leaf, traced.inputs[next], cells[next]);
    if (!leaf) return -1;
    data[next] = leaf;
    return next + 1;
  }
  if (typeof tree !== "object" || tree === null) return -1;
  const { items } = structure;
  if (structure.kind === "list") {
    if (!Array.isArray(tree) || tree.length !== items.length) return -1;
    for (let i = 0; i < items.length && next >= 0; i++)
      next = taken(tree[i], items[i], traced, data, cells, next);
    return next;
  }
  let i = 0;
  for (const key in tree) {
    if (structure.keys[i] !== key) return -1;
    next = taken((tree as Record<string, unknown>)[key], items[i++], traced, data, cells, next);
    if (next < 0) return -1;
  }
  return i === items.length ? next : -1;
}

function leafData(x: unknown, kind: LeafKind, like: Node, cell: Float64Array): Data | undefined {
  if (kind === "number") {
    if (typeof x !== "number") return undefined;
    cell[0] = x;
    return cell;
  }
  if (kind !== "tensor" || !(x instanceof Node)) return undefined;
  if (x.dtype !== like.dtype || x.weak !== like.weak || !sameShape(x.shape, like.shape)) return undefined;
  return x.buffer;
}

interface Parts {
  readonly data: Data[];
  readonly cells: readonly Float64Array[];
  readonly run: Prepared["run"];
  fresh(): readonly Data[];
}

/** The same for one structure, written out. Keys are read from a list: nothing of the text comes from a user. */
function generatedRun(
  traced: Traced,
  outputs: readonly Node[],
  { data, cells, run, fresh }: Parts,
): QuickRun {
  const keys: string[] = [];
  const lines: string[] = [];
  const refuse = (...tests: string[]): void => {
    lines.push(`if (${tests.join(" || ")}) return;`);
  };
  let names = 0;
  let place = 0;
  const leaf = (x: string, kind: LeafKind): void => {
    const i = place++;
    const { dtype, weak, shape } = traced.inputs[i];
    if (kind === "number") {
      refuse(`typeof ${x} !== "number"`);
      lines.push(`c[${i}][0] = ${x};`);
    } else if (kind === "tensor") {
      refuse(`!(${x} instanceof N)`, `${x}.dtype !== "${dtype}"`, `${x}.weak !== ${weak}`);
      lines.push(`const s${i} = ${x}.shape;`);
      refuse(`s${i}.length !== ${shape.length}`, ...shape.map((d, k) => `s${i}[${k}] !== ${d}`));
      lines.push(`const b${i} = ${x}.buffer;`);
      refuse(`b${i} === undefined`);
      lines.push(`d[${i}] = b${i};`);
    } else refuse("true");
  };
  const visit = (text: string, structure: Structure): void => {
    const x = `x${names++}`;
    lines.push(`const ${x} = ${text};`);
    if (structure.kind === "leaf") return leaf(x, structure.leaf);
    refuse(`typeof ${x} !== "object"`, `${x} === null`);
    const { items } = structure;
    if (structure.kind === "list") {
      refuse(`!Array.isArray(${x})`, `${x}.length !== ${items.length}`);
      items.forEach((item, i) => {
        visit(`${x}[${i}]`, item);
      });
      return;
    }
    const first = keys.length;
    keys.push(...structure.keys);
    lines.push(`let n${x} = ${first}; for (const key in ${x}) if (k[n${x}++] !== key) return;`);
    refuse(`n${x} !== ${keys.length}`);
    items.forEach((item, i) => {
      visit(`${x}[k${first + i}]`, item);
    });
  };
  refuse(`a.length !== ${traced.arguments.length}`);
  traced.arguments.forEach(({ structure }, i) => {
    visit(`a[${i}]`, structure);
  });
  const misfits = outputs.map((o, i) => {
    const { name } = allocate(o.dtype, 0).constructor;
    return `!(r[${i}] instanceof ${name}) || r[${i}].length !== ${o.size}`;
  });
  lines.push(`if (r === undefined) r = m(); else {`);
  refuse(`r.length !== ${outputs.length}`, ...misfits);
  const own = keys.map((_, i) => `const k${i} = k[${i}];`).join(" ");
  const text = `"use strict"; ${own} return (a, r) => { ${lines.join(" ")} } run(d, r); return r; };`;
  return new Function("k", "N", "d", "c", "m", "run", text)(keys, Node, data, cells, fresh, run) as QuickRun;
}
