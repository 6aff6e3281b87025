import { compile, interpret, type Tensor } from "gradus";
import { expect, it } from "vitest";
import { randomProgram } from "./random-programs.ts";

/** GRADUS_FUZZ=10000 tries as many as the aim says; GRADUS_SEED begins elsewhere. */
const COUNT = Number(process.env.GRADUS_FUZZ ?? 300);
const FIRST = Number(process.env.GRADUS_SEED ?? 1);
const GROUP = 100;

const numbers = (results: readonly Tensor[]) => results.map((r) => r.toTypedArray());

/** Bit for bit, but for the payload of NaN. */
function difference(
  want: readonly ArrayLike<number>[],
  got: readonly ArrayLike<number>[],
): string | undefined {
  for (let o = 0; o < want.length; o++) {
    if (want[o].length !== got[o].length)
      return `result ${o}: ${got[o].length} numbers, not ${want[o].length}`;
    for (let i = 0; i < want[o].length; i++)
      if (!Object.is(want[o][i], got[o][i])) return `result ${o}[${i}]: ${got[o][i]}, not ${want[o][i]}`;
  }
  return undefined;
}

const groups = Array.from({ length: Math.ceil(COUNT / GROUP) }, (_, k) => FIRST + k * GROUP);

it.each(groups)(
  "interpreter, javascript and tape agree on random programs from seed %i on",
  (first) => {
    for (let seed = first; seed < Math.min(first + GROUP, FIRST + COUNT); seed++) {
      const { inputs, outputs, given } = randomProgram(seed);
      const want = numbers(interpret({ inputs, outputs })(...given));
      for (const engine of ["javascript", "tape"] as const) {
        const compiled = compile({ inputs, outputs }, engine);
        // A second run must not see the first one's numbers.
        for (const run of [1, 2]) {
          const wrong = difference(want, numbers(compiled(...given)));
          if (wrong) expect.fail(`seed ${seed}, ${engine}, run ${run}: ${wrong}\n${compiled.explain()}`);
        }
      }
    }
  },
  600_000,
);
