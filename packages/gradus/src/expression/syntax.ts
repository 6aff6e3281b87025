import type { Rational } from "../ir/rational.ts";

/** Where a piece of maths stands in its source. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type BinaryOperator =
  | "+"
  | "-"
  | "*"
  | "dot"
  | "implicit"
  | "/"
  | "^"
  | "elementwise"
  | "dot"
  | "<"
  | "<="
  | ">"
  | ">="
  | "=="
  | "!="
  | "and"
  | "or";

/** What was written, before it is known what it means. */
export type Syntax = Span &
  (
    | { readonly kind: "number"; readonly value: Rational }
    | { readonly kind: "name"; readonly name: string }
    | {
        readonly kind: "call";
        readonly name: string;
        readonly args: readonly Syntax[];
        readonly primes: number;
      }
    | { readonly kind: "unary"; readonly operator: "-" | "!" | "not" | "transpose"; readonly value: Syntax }
    | {
        readonly kind: "binary";
        readonly operator: BinaryOperator;
        readonly left: Syntax;
        readonly right: Syntax;
      }
    | { readonly kind: "list"; readonly items: readonly Syntax[] }
    | {
        readonly kind: "cases";
        readonly rows: readonly { readonly value: Syntax; readonly condition?: Syntax }[];
      }
    | { readonly kind: "derivative"; readonly of: Syntax; readonly variables: readonly string[] }
    | {
        readonly kind: "sum";
        readonly product: boolean;
        readonly index: string;
        readonly from: Syntax;
        readonly to: Syntax;
        readonly body: Syntax;
      }
  );

/** `z = w x + b`, `f(x) = x^2`, or just an expression; `left` is set for equations such as `x^2 + y^2 = 1`. */
export interface Statement extends Span {
  readonly name?: string;
  readonly parameters?: readonly string[];
  readonly left?: Syntax;
  readonly value: Syntax;
}

export interface MathDocument {
  readonly source: string;
  readonly statements: readonly Statement[];
  /** How ambiguous writing was read, such as "wx read as w·x". */
  readonly reading: readonly string[];
}
