import type { Command } from "commander";
import { type Equality, type Expression, equal, Rational } from "gradus/math";
import { answersIn } from "../answers.ts";
import { UsageError } from "../errors.ts";
import { type Given, readExpression, readGiven, sourceOf, usage, wholeNumber } from "../input.ts";
import { expressionJson, number, paint, print, printJson } from "../output.ts";
import { onlyVariable } from "./derive.ts";

interface Options {
  derivativeOf?: string;
  equals?: string;
  wrt?: string;
  order: string;
  shapes?: string;
  json?: boolean;
}

export function addCheck(program: Command): void {
  program
    .command("check")
    .description("whether an answer is right: proved, or a point where it is not")
    .argument("<answer>", 'maths such as "2x cos(x^2)", also "dy/dx = 2x cos(x^2)"; - reads standard input')
    .option("--derivative-of <expression>", "the answer is to be its derivative")
    .option("--equals <expression>", "the answer is to be the same function")
    .option("--wrt <name>", "the variable of the derivative; the only one, or x, unless told")
    .option("--order <n>", "of the derivative", "1")
    .option("--shapes <shapes>", "shapes of vectors and matrices, as in X=m×n,w=n,y=m")
    .option("--json", "answer as JSON")
    .addHelpText(
      "after",
      '\nExamples:\n  gradus check "2x cos(x^2)" --derivative-of "sin(x^2)"\n  gradus check "ln(x^2)" --equals "2 ln(x)"\n  gradus check "2 X^T (X w - y)" --derivative-of "‖X w − y‖²" --wrt w --shapes X=m×n,w=n,y=m',
    )
    .action((source: string, options: Options) => check(source, options));
}

/** What an answer is compared with. */
interface Wanted {
  readonly value: Expression;
  /** The expression that the user wrote: it names the variables. */
  readonly written: Expression;
  readonly derivativeOf?: Expression;
}

interface Judged {
  readonly answer: Expression;
  readonly result: Equality;
  /** How the answer was read: what was taken off it, and ambiguous writing. */
  readonly reading: readonly string[];
}

function check(source: string, options: Options): void {
  if ((options.derivativeOf === undefined) === (options.equals === undefined))
    throw new UsageError('say what the answer is to be: --derivative-of "…" or --equals "…"');
  const given = readGiven([], options);
  const names = options.wrt ? [options.wrt] : [];
  const wanted = wantedFrom(options, given, names);
  const known = [...names, ...wanted.written.variables.keys()];
  const { answers, reading } = answersIn(sourceOf(source));
  const judged = answers.map((text): Judged => {
    const answer = readExpression(text, given, known);
    const result = equal(answer, wanted.value, { derivativeOf: wanted.derivativeOf });
    return { answer, result, reading: [...reading, ...answer.reading] };
  });
  // Of several steps in a row the first that is wrong decides, then the first that stays open.
  const decisive =
    judged.find((j) => j.result.verdict === "different") ??
    judged.find((j) => j.result.verdict === "unproved") ??
    (judged.at(-1) as Judged);
  if (options.json) return printJson(json(decisive, wanted, options));
  show(decisive, judged, wanted);
}

function wantedFrom(options: Options, given: Given, names: readonly string[]): Wanted {
  if (options.equals !== undefined) {
    const e = readExpression(options.equals, given, names);
    return { value: e, written: e };
  }
  const e = readExpression(options.derivativeOf as string, given, names);
  const wrt = options.wrt ?? onlyVariable(e);
  if (e.variables.size > 0) usage(() => e.variable(wrt));
  const order = wholeNumber("--order", options.order, 1, 20);
  return { value: e.derivative(wrt, order), written: e, derivativeOf: e };
}

function json({ answer, result, reading }: Judged, { value }: Wanted, options: Options): unknown {
  const { counterexample: c, proof } = result;
  return {
    verdict: result.verdict,
    reason: result.reason,
    ...(proof ? { proof: proofJson(proof) } : {}),
    ...(c
      ? {
          counterexample: {
            at: Object.fromEntries([...c.at].map(([n, v]) => [n, v.toString()])),
            ...(c.functions ? { functions: c.functions } : {}),
            answer: [c.left.lo, c.left.hi],
            expected: [c.right.lo, c.right.hi],
          },
        }
      : {}),
    domains: result.domains.map((d) => named(d, options)),
    agreeing: result.agreeing,
    answer: expressionJson(answer),
    expected: expressionJson(value),
    reading,
  };
}

function proofJson(proof: NonNullable<Equality["proof"]>): unknown {
  if (proof.method !== "derivative") return proof;
  return { method: proof.method, at: proof.at.map((point) => point.map(String)) };
}

/** The two sides by what they are here. */
const named = (domain: string, options: Options): string =>
  domain
    .replace("the first", "the answer")
    .replace("the second", options.equals === undefined ? "the derivative" : "the other side");

const MOST_SHOWN = 8;

function show(decisive: Judged, judged: readonly Judged[], wanted: Wanted): void {
  const { answer, result, reading } = decisive;
  const title = { equal: "right", different: "not right", unproved: "not decided" }[result.verdict];
  const colour = ({ equal: "green", different: "red", unproved: "yellow" } as const)[result.verdict];
  print(`${paint(colour, title)}: ${result.reason}`);
  const step = judged.length > 1 ? ` (${judged.indexOf(decisive) + 1} of ${judged.length} steps)` : "";
  const options: Options = { order: "1", equals: wanted.derivativeOf ? undefined : "" };
  print(`  read as    ${answer}${step}`);
  print(`  ${wanted.derivativeOf ? "derivative" : "other side"} ${wanted.value}`);
  const c = result.counterexample;
  if (c) {
    const many = c.at.size > MOST_SHOWN ? `a point of ${c.at.size} numbers (--json shows them)` : undefined;
    const at = many ?? [...c.at].map(([n, v]) => `${n} = ${v}`).join(", ");
    const middle = (i: { lo: number; hi: number }) =>
      number(Rational.from(i.lo).add(Rational.from(i.hi)).div(Rational.of(2)).toNumber());
    print(`  ${at ? `at ${at}` : "everywhere"}: ${middle(c.left)} against ${middle(c.right)}`);
    for (const f of c.functions ?? []) print(`  with ${f}`);
  }
  for (const d of result.domains) print(`  ${named(d, options)}`);
  if (reading.length > 0) print(paint("dim", `  (${reading.join("; ")})`));
}
