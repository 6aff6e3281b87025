import type { Command } from "commander";
import { type Equality, type Expression, equal, Rational } from "gradus/math";
import { UsageError } from "../errors.ts";
import { type Given, readExpression, readGiven, usage, wholeNumber } from "../input.ts";
import { expressionJson, number, paint, print, printJson, printReading } from "../output.ts";
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
    .argument("<answer>", 'maths such as "2x cos(x^2)"; - reads standard input')
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

/** dy/dx = …, f'(x) = …: the side that is the answer. */
const LEFT_SIDE =
  /^\s*(?:[d∂]\s*\S{0,12}\s*\/\s*[d∂]\s*\S{1,12}|\p{L}'{1,3}(?:\(\s*\S{1,8}\s*\))?)\s*=\s*(?=\S)/u;

function check(source: string, options: Options): void {
  if ((options.derivativeOf === undefined) === (options.equals === undefined))
    throw new UsageError('say what the answer is to be: --derivative-of "…" or --equals "…"');
  const given = readGiven([], options);
  const names = options.wrt ? [options.wrt] : [];
  const expected = wanted(options, given, names);
  const answer = readExpression(source.replace(LEFT_SIDE, ""), given, [
    ...names,
    ...expected.named.variables.keys(),
  ]);
  const result = equal(answer, expected.value);
  if (options.json) return printJson(json(result, answer, expected.value));
  show(result, answer, expected.value, options);
}

/** What the answer is compared with, and the expression that names the variables. */
function wanted(
  options: Options,
  given: Given,
  names: readonly string[],
): { value: Expression; named: Expression } {
  if (options.equals !== undefined) {
    const e = readExpression(options.equals, given, names);
    return { value: e, named: e };
  }
  const e = readExpression(options.derivativeOf as string, given, names);
  const wrt = options.wrt ?? onlyVariable(e);
  if (e.variables.size > 0) usage(() => e.variable(wrt));
  return { value: e.derivative(wrt, wholeNumber("--order", options.order, 1, 20)), named: e };
}

function json(result: Equality, answer: Expression, expected: Expression): unknown {
  const { counterexample: c, proof } = result;
  return {
    verdict: result.verdict,
    reason: result.reason,
    ...(proof ? { proof: proofJson(proof) } : {}),
    ...(c
      ? {
          counterexample: {
            at: Object.fromEntries([...c.at].map(([n, v]) => [n, v.toString()])),
            answer: [c.left.lo, c.left.hi],
            expected: [c.right.lo, c.right.hi],
          },
        }
      : {}),
    domains: result.domains,
    agreeing: result.agreeing,
    answer: expressionJson(answer),
    expected: expressionJson(expected),
    reading: answer.reading,
  };
}

function proofJson(proof: NonNullable<Equality["proof"]>): unknown {
  return proof.method === "derivative" ? { method: proof.method, at: proof.at.toString() } : proof;
}

function show(result: Equality, answer: Expression, expected: Expression, options: Options): void {
  const title = { equal: "right", different: "not right", unproved: "not decided" }[result.verdict];
  const colour = ({ equal: "green", different: "red", unproved: "yellow" } as const)[result.verdict];
  print(`${paint(colour, title)}: ${result.reason}`);
  print(`  read as   ${answer}`);
  print(`  ${options.equals === undefined ? "derivative" : "other side"} ${expected}`);
  const c = result.counterexample;
  if (c) {
    const at = [...c.at].map(([n, v]) => `${n} = ${v}`).join(", ");
    const middle = (i: { lo: number; hi: number }) =>
      number(Rational.from(i.lo).add(Rational.from(i.hi)).div(Rational.of(2)).toNumber());
    print(`  at ${at || "every point"}: ${middle(c.left)} against ${middle(c.right)}`);
  }
  for (const d of result.domains) print(`  ${d.replace("first", "answer").replace("second", "other side")}`);
  printReading(answer);
}
