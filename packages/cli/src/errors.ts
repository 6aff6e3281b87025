import { MathSyntaxError } from "gradus/math";

/** The call was wrong: exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** One clear line for any failure, and the exit code: 2 for a wrong call, 1 where the maths failed. */
export function explain(error: unknown): { text: string; code: 1 | 2 } {
  if (error instanceof MathSyntaxError)
    return { text: `${error.message}\n${indented(error.show())}`, code: 2 };
  if (error instanceof UsageError) return { text: error.message, code: 2 };
  if (error instanceof RangeError && /call stack/.test(error.message))
    return { text: "the expression is too deeply nested", code: 1 };
  return { text: error instanceof Error ? error.message : String(error), code: 1 };
}

const indented = (text: string): string =>
  text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
