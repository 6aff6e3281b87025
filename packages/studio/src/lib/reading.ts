/** What a text was read as, or why it was not; read in the worker, so that the page need not know the language. */
import { type Expression, MathSyntaxError, namedLines, parse } from "gradus/math";
import type { Formula } from "./formats.ts";

export type Reading = Read | Refusal;

export interface Read {
  readonly ok: true;
  /** As a person would type it. */
  readonly text: string;
  readonly latex: string;
  /** Where names were given to lines: the lines as they were read, each in the names before it. */
  readonly lines?: Formula;
  /** How ambiguous writing was read. */
  readonly notes: readonly string[];
  readonly variables: readonly string[];
  /** 0 for a number, 1 for a vector, 2 for a matrix. */
  readonly rank: number;
}

export interface Refusal {
  readonly ok: false;
  readonly message: string;
  /** Offset of the character that is wrong. */
  readonly position?: number;
}

function linesOf(e: Expression): Formula {
  const left = (name: string): string => parse(name, { variables: [name] }).toLatex();
  const lines = namedLines(e);
  return {
    text: lines.map((l) => `${l.name} = ${l.formula.text}`).join("; "),
    latex: lines.map((l) => `${left(l.name)} = ${l.formula.latex}`).join(",\\quad "),
  };
}

/** Longer texts are for the library, not for a line that is read at every keystroke. */
const LONGEST = 2000;

export type Shapes = Readonly<Record<string, readonly number[]>>;

/** Reads a text; with the shapes of what stands for vectors and matrices, where it can be read with them. */
export function read(text: string, shapes: Shapes = {}): Reading {
  const shaped = Object.keys(shapes).length > 0 ? readWith(text, shapes) : undefined;
  return shaped?.ok ? shaped : readWith(text, {});
}

function readWith(text: string, shapes: Shapes): Reading {
  if (text.trim() === "") return { ok: false, message: "type a function, such as sin(x^2)" };
  if (text.length > LONGEST) return { ok: false, message: `more than ${LONGEST} characters` };
  try {
    const e = parse(text, { shapes });
    const { rank } = e.node;
    return {
      ok: true,
      text: String(e),
      latex: e.toLatex(),
      ...(e.bindings.size > 0 ? { lines: linesOf(e) } : {}),
      notes: e.reading,
      variables: [...e.variables.keys()],
      rank,
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, message, ...(error instanceof MathSyntaxError ? { position: error.position } : {}) };
  }
}
