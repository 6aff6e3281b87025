import type { Node } from "../../ir/node.ts";
import type { Rational } from "../../ir/rational.ts";
import { expandFormulas } from "../../transforms/expand.ts";
import { type Condition, shownCondition, shownPolynomial } from "./conditions.ts";
import { Field, type Quotient } from "./field.ts";
import { Functions } from "./functions.ts";
import { normalise } from "./normalise.ts";
import {
  Budget,
  exponentIn,
  exponentRanges,
  type Polynomial,
  term,
  UNIT,
  WorkBudgetError,
} from "./polynomial.ts";
import { ANY, NEGATIVE, NOTHING, POSITIVE, type Signs } from "./sign-set.ts";
import { Facts } from "./signs.ts";

export interface ProverOptions {
  /** Products of terms that the attempt may take. */
  readonly budget: number;
  /** Further graphs whose domain is taken for granted, as that of f for its derivative. */
  readonly domain?: readonly Node[];
  /** Whether points where a kink of `domain` lies may be left out: f has no derivative there. */
  readonly kinksLeftOut?: boolean;
}

/** One case of a proof: the signs that it assumes, as text. */
export interface ProofCase {
  readonly assumptions: readonly string[];
  /** "empty": no point of the common domain is in this case. "left out": the function has a kink there. */
  readonly result: "zero" | "empty" | "left out";
}

export interface Outcome {
  /** "zero": at every point of the common domain. "empty": there is no such point. "open": not shown. */
  readonly verdict: "zero" | "empty" | "open" | "budget";
  readonly cases: readonly ProofCase[];
}

const MOST_CASES = 40;
const DEEPEST = 6;
const MOST_ATTEMPTS = 4;

interface Assumption {
  readonly polynomial: Polynomial;
  readonly signs: Signs;
}

type Places = ReadonlyMap<string, Quotient>;

/** Tests whether two scalar graphs are equal wherever both are defined, by normal forms and by cases of signs. */
export class Prover {
  readonly roots: readonly Node[];
  readonly field: Field;
  private readonly functions: Functions;
  private readonly cases: ProofCase[] = [];
  /** Where they are 0, the function whose derivative is in question may have none. */
  private readonly kinks: ReadonlySet<string>;
  private conditions: readonly Condition[] = [];

  constructor(a: Node, b: Node, options: ProverOptions) {
    this.roots = expandFormulas([a, b, ...(options.domain ?? [])]);
    this.field = new Field(new Budget(options.budget));
    this.functions = new Functions(this.field, new Facts(this.field));
    this.kinks = options.kinksLeftOut ? this.kinksOf(this.roots.slice(2)) : new Set();
  }

  /** The rational number that the first graph is, if it is one. */
  exactValue(): Rational | undefined {
    try {
      const [value] = normalise(this.roots.slice(0, 1), this.functions).values;
      return value && this.field.asConstant(value);
    } catch (error) {
      if (!isEndOfWork(error)) throw error;
      return undefined;
    }
  }

  /** Operands whose sign decides what the given functions are: of |·|, max, comparisons. */
  private kinksOf(roots: readonly Node[]): ReadonlySet<string> {
    const alone = new Functions(this.field, new Facts(this.field));
    try {
      normalise(roots, alone);
    } catch (error) {
      if (!isEndOfWork(error)) throw error;
    }
    return new Set(alone.undecided.keys());
  }

  run(): Outcome {
    try {
      if (!this.prove([], new Map())) return { verdict: "open", cases: [] };
      const met = this.cases.some((c) => c.result === "zero");
      return { verdict: met ? "zero" : "empty", cases: this.cases };
    } catch (error) {
      if (!isEndOfWork(error)) throw error;
      return { verdict: "budget", cases: [] };
    }
  }

  /** What the domain asks, but for what always holds. After `run`. */
  openConditions(): Condition[] {
    const facts = new Facts(this.field);
    return this.conditions.filter(({ value, relation }) => {
      const wanted = signsOf(relation);
      return wanted === undefined || (facts.ofQuotient(value) & ~wanted) !== 0;
    });
  }

  /** The same as text, without repetition. */
  shownConditions(): string[] {
    const facts = new Facts(this.field);
    return [
      ...new Set(
        this.openConditions()
          .filter((c) => !c.conditional)
          .flatMap((c) => shownCondition(c, this.field, facts)),
      ),
    ];
  }

  /** Proves a − b = 0 under the assumptions, splitting into cases where that is needed. */
  private prove(assumptions: readonly Assumption[], places: Places): boolean {
    const result = this.attempt(assumptions, places);
    if (result !== "open") {
      this.cases.push({ assumptions: assumptions.map((s) => this.shown(s)), result });
      return true;
    }
    const [chosen] = [...this.functions.undecided].sort(([, p], [, q]) => p.size - q.size);
    if (!chosen || assumptions.length >= DEEPEST || this.cases.length > MOST_CASES) return false;
    const [key, split] = chosen;
    const open = this.functions.facts.of(split);
    for (const signs of [POSITIVE, NEGATIVE, NOTHING]) {
      if (!(open & signs)) continue;
      const next = [...assumptions, { polynomial: split, signs }];
      if (this.prove(next, signs === NOTHING ? this.solved(split, places) : places)) continue;
      if (signs !== NOTHING || !this.kinks.has(key)) return false;
      this.cases.push({ assumptions: next.map((s) => this.shown(s)), result: "left out" });
    }
    return true;
  }

  /** One case: what the domain says of signs is found first, and used in the next round. */
  private attempt(assumptions: readonly Assumption[], places: Places): "zero" | "empty" | "open" {
    const { field, functions } = this;
    let facts = this.factsOf(assumptions, []);
    for (let round = 0; round < MOST_ATTEMPTS; round++) {
      const before = `${functions.logarithms.factorCount} ${functions.lowerBases}`;
      functions.facts = facts;
      functions.undecided.clear();
      const { values, conditions } = normalise(this.roots, functions, places);
      if (assumptions.length === 0) this.conditions = conditions;
      if (facts.contradictory || values.some((v) => v === undefined)) return "empty";
      const next = this.factsOf(assumptions, conditions);
      if (next.contradictory) return "empty";
      const [a, b] = values as readonly Quotient[];
      if (field.isZero(field.sub(a, b))) return "zero";
      const settled =
        next.signature === facts.signature &&
        before === `${functions.logarithms.factorCount} ${functions.lowerBases}`;
      facts = next;
      if (settled) break;
    }
    return "open";
  }

  private factsOf(assumptions: readonly Assumption[], conditions: readonly Condition[]): Facts {
    const facts = new Facts(this.field);
    for (const { polynomial, signs } of assumptions) facts.note({ num: polynomial, den: [] }, signs);
    // Twice: what one condition says may decide another.
    for (let round = 0; round < 2; round++) {
      for (const { value, relation, conditional } of conditions) {
        const signs = signsOf(relation);
        if (!conditional && signs !== undefined) facts.note(value, signs);
      }
    }
    return facts;
  }

  /** p = 0 solved for a variable that stands in it by itself, with a number before it. */
  private solved(p: Polynomial, places: Places): Places {
    const { field } = this;
    for (const [k, { least, most }] of exponentRanges(p)) {
      if (field.kernels[k].kind !== "variable" || most !== UNIT || (least !== 0 && p.size > 1)) continue;
      const terms = [...p.values()];
      const own = terms.filter((t) => exponentIn(t.monomial, k) !== 0);
      const others = terms.filter((t) => !own.includes(t));
      if (own.length !== 1 || own[0].monomial.length !== 2 || !others.every((t) => this.isPlain(t.monomial)))
        continue;
      // A variable replaced before may stand for this one: then it is left as it is, which only proves less.
      if ([...places.values()].some((q) => [...q.num.values()].some((t) => exponentIn(t.monomial, k) !== 0)))
        continue;
      let value = field.zero;
      for (const t of others) value = field.add(value, { num: term(t.monomial, t.coefficient), den: [] });
      return new Map([
        ...places,
        [field.keyOfKernel(k), field.scale(value, own[0].coefficient.neg().inverse())],
      ]);
    }
    return places;
  }

  /** Variables and roots of numbers only. */
  private isPlain(monomial: readonly number[]): boolean {
    return monomial.every((k, i) => {
      if (i % 2 === 1) return true;
      const { kind, power } = this.field.kernels[k];
      return kind === "variable" || (power !== undefined && this.field.asConstant(power) !== undefined);
    });
  }

  private shown({ polynomial, signs }: Assumption): string {
    const relation = signs === POSITIVE ? "> 0" : signs === NEGATIVE ? "< 0" : "= 0";
    return `${shownPolynomial(polynomial, this.field)} ${relation}`;
  }
}

/** Numbers too long to be of use are work that is not done, too. */
const isEndOfWork = (error: unknown): boolean =>
  error instanceof WorkBudgetError || error instanceof RangeError;

function signsOf(relation: Condition["relation"]): Signs | undefined {
  if (relation === "> 0") return POSITIVE;
  if (relation === ">= 0") return POSITIVE | NOTHING;
  return relation === "!= 0" ? ANY & ~NOTHING : undefined;
}
