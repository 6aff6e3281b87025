import { allocate, type Data, dtypeOf } from "../ir/dtype.ts";
import type { Program } from "../ir/graph.ts";
import { constant, type InputParams, type Node, UnboundInputError } from "../ir/node.ts";
import { ShapeError, sameShape, showShape } from "../ir/shape.ts";
import { cast, isWatched } from "../primitives/define.ts";
import { nodeByNode } from "../transforms/plan.ts";
import { prepareCode } from "./javascript.ts";
import type { Prepared } from "./prepared.ts";
import { prepareTape } from "./tape.ts";

export type EngineName = "javascript" | "tape";

/** A program compiled for many runs: its buffers are made once. Not re-entrant. */
export interface Compiled {
  (...inputs: readonly Node[]): Node[];
  /** Writes the results into typed arrays that the caller gives, one for each output. */
  into(out: readonly Data[], ...inputs: readonly (Node | Data)[]): void;
  readonly engine: EngineName;
  /** Bytes that it holds for what is computed on the way; inputs and results are the caller's. */
  readonly memory: number;
  /** What was compiled: one line for each loop and each call. */
  explain(): string;
}

/**
 * Compiles a program: what is pointwise, a view or a sum becomes fused loops over typed arrays, as generated code, or a
 * tape of kernels where code from strings is forbidden (chosen by itself). Results equal the interpreter's bit for bit.
 */
export function compile(program: Program, engine?: EngineName): Compiled {
  const chosen = engine ?? (mayGenerate() ? "javascript" : "tape");
  const prepared = chosen === "javascript" ? prepareCode(program) : prepareTape(program);
  const { outputs, steps, bytes } = prepared;
  const { inputs } = program;
  const run = (given: readonly Data[], out: readonly Data[]): void =>
    isWatched() ? runWatched(program, given, out) : prepared.run(given, out);
  const fresh = () => outputs.map((o) => allocate(o.dtype, o.size));
  const call = (...given: readonly Node[]): Node[] => {
    const out = fresh();
    run(
      inputs.map((n, i) => givenFor(n, given[i])),
      out,
    );
    return outputs.map((o, i) => constant(out[i], o.shape, o.dtype, o.weak));
  };
  const compiled = Object.assign(call, {
    engine: chosen,
    memory: bytes,
    explain: () => [`engine: ${chosen}; ${steps.length} steps, ${bytes} bytes`, ...steps].join("\n"),
    into: (out: readonly Data[], ...given: readonly (Node | Data)[]): void => {
      const data = new Array<Data>(inputs.length);
      for (let i = 0; i < inputs.length; i++) {
        const x = given[i];
        data[i] = isData(x) ? sized(x, inputs[i]) : givenFor(inputs[i], x);
      }
      let straight = true;
      for (let i = 0; i < outputs.length; i++) {
        const target = sized(out[i], outputs[i]);
        if (dtypeOf(target) !== outputs[i].dtype) straight = false;
        for (let k = 0; k < data.length; k++) if (overlap(data[k], target)) straight = false;
      }
      if (straight) return run(data, out);
      const own = fresh();
      run(data, own);
      own.forEach((d, i) => {
        out[i].set(d as never);
      });
    },
  });
  preparations.set(compiled, prepared);
  return compiled;
}

/** Under `debugNans`, so that the node is found. */
function runWatched(program: Program, given: readonly Data[], out: readonly Data[]): void {
  const start = (list: readonly Data[]) => list.map(() => 0);
  nodeByNode(program, 0)([])(given, start(given), out, start(out));
}

const preparations = new WeakMap<Compiled, Prepared>();

/** The bare run of a compiled program, which checks nothing. */
export const preparedOf = (compiled: Compiled): Prepared => preparations.get(compiled) as Prepared;

const isData = (x: Node | Data | undefined): x is Data => ArrayBuffer.isView(x);

function overlap(a: Data, b: Data): boolean {
  if (a.buffer !== b.buffer) return false;
  return a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;
}

function sized(data: Data, node: Node): Data {
  if (data?.length === node.size) return data;
  throw new ShapeError(`expected a typed array of ${node.size} numbers, got ${data?.length ?? "none"}`);
}

/** The numbers that were given for an input, checked. */
function givenFor(expected: Node, given: Node | undefined): Data {
  const name = (expected.params as InputParams).name ?? "an input";
  if (!given) throw new UnboundInputError(name);
  if (!sameShape(expected.shape, given.shape)) {
    throw new ShapeError(
      `${name}: expected shape ${showShape(expected.shape)}, got ${showShape(given.shape)}`,
    );
  }
  const buffer = cast(given, expected.dtype).buffer;
  if (!buffer) throw new TypeError(`${name}: expected numbers, got a traced Tensor`);
  return buffer;
}

let allowed: boolean | undefined;

/** Whether this place lets code be made from strings. */
function mayGenerate(): boolean {
  if (allowed === undefined) {
    try {
      allowed = new Function("return true")() === true;
    } catch {
      allowed = false;
    }
  }
  return allowed;
}
