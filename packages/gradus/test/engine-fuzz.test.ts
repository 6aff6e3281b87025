import { compile, interpret, jit, NotAnalyticError, type Tensor } from "gradus";
import { expect, it } from "vitest";
import { randomProgram, TRANSFORMS } from "./random-programs.ts";

/** GRADUS_FUZZ=10000 tries as many as the aim says; GRADUS_SEED begins elsewhere. */
const COUNT = Number(process.env.GRADUS_FUZZ ?? 300);
const FIRST = Number(process.env.GRADUS_SEED ?? 1);
const GROUP = 100;

/** The numbers; or that there is no series at a kink or jump, which every engine has to say. */
function outcome(run: () => readonly Tensor[]): readonly ArrayLike<number>[] | "not analytic" {
  try {
    return run().map((r) => r.toTypedArray());
  } catch (error) {
    if (error instanceof NotAnalyticError) return "not analytic";
    throw error;
  }
}

/** Bit for bit, but for the payload of NaN. */
function difference(want: ReturnType<typeof outcome>, got: ReturnType<typeof outcome>): string | undefined {
  if (typeof want === "string" || typeof got === "string")
    return want === got ? undefined : `${typeof got === "string" ? got : "numbers"}, not ${want}`;
  for (let o = 0; o < want.length; o++) {
    if (want[o].length !== got[o].length)
      return `result ${o}: ${got[o].length} numbers, not ${want[o].length}`;
    for (let i = 0; i < want[o].length; i++)
      if (!Object.is(want[o][i], got[o][i])) return `result ${o}[${i}]: ${got[o][i]}, not ${want[o][i]}`;
  }
  return undefined;
}

/** How many programs of each transform were compared. */
const compared: Record<string, number> = {};
const groups = Array.from({ length: Math.ceil(COUNT / GROUP) }, (_, k) => FIRST + k * GROUP);

it.each(groups)(
  "interpreter, javascript and tape agree on random programs from seed %i on",
  (first) => {
    for (let seed = first; seed < Math.min(first + GROUP, FIRST + COUNT); seed++) {
      const { inputs, outputs, given, transform, run: traced } = randomProgram(seed);
      const want = outcome(() => interpret({ inputs, outputs })(...given));
      if (want !== "not analytic") compared[transform] = (compared[transform] ?? 0) + 1;
      const check = (run: () => readonly Tensor[], by: string, explain: () => string): void => {
        const wrong = difference(want, outcome(run));
        if (wrong) expect.fail(`seed ${seed}, ${transform}, ${by}: ${wrong}\n${explain()}`);
      };
      for (const engine of ["javascript", "tape"] as const) {
        const compiled = compile({ inputs, outputs }, engine);
        // A second run must not see the first one's numbers.
        for (const run of [1, 2]) check(() => compiled(...given), `${engine}, run ${run}`, compiled.explain);
        if (seed % 4 > 0) continue;
        const jitted = jit(traced as (xs: Tensor[]) => Tensor[], { engine });
        for (const run of [1, 2]) check(() => jitted(given), `jit by ${engine}, run ${run}`, jitted.explain);
      }
    }
  },
  600_000,
);

it("has compared programs of every transform", () => {
  expect(Object.keys(compared).toSorted()).toEqual(Object.keys(TRANSFORMS).toSorted());
});
