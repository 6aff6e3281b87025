/** An answer as students write it: dy/dx = …, f'(x) = …, several steps in a row. */
export interface Answers {
  /** The expressions that are to be the answer, in order. */
  readonly answers: readonly string[];
  /** What was taken off, in words. */
  readonly reading: readonly string[];
}

/** Left sides that name the derivative, not a step of it. */
const NAMES: readonly RegExp[] = [
  // dy/dx, ∂L/∂w, d²y/dx², \frac{dy}{dx}
  /^[d∂](?:\^?\{?\d\}?|[²³])?\s*\S{0,12}?\s*\/\s*[d∂]\s*\S{1,12}$/u,
  /^\\[dt]?frac\s*\{\s*(?:d|\\mathrm\{d\}|\\partial|∂)[^{}]{0,12}\}\s*\{\s*(?:d|\\mathrm\{d\}|\\partial|∂)[^{}]{1,12}\}$/u,
  // y', f''(x), ∇f
  /^\p{L}[\p{L}\p{N}_]{0,5}\s*(?:'{1,4}|′{1,4}|\^\{?\\prime\}?)\s*(?:\(\s*[^()]{1,12}\s*\))?$/u,
  /^(?:∇|\\nabla)\s*(?:_\{?\S{1,6}\}?)?\s*\p{L}?\s*(?:\(\s*[^()]{1,12}\s*\))?$/u,
];

/** Left sides that write the operator before the function: d/dx sin(x^2), (sin(x^2))', D[sin(x^2)]. */
const OPERATORS: readonly RegExp[] = [
  /^[d∂]\s*\/\s*[d∂]\s*\S/u,
  /^\\[dt]?frac\s*\{\s*(?:d|\\partial|∂)\s*\}\s*\{\s*(?:d|\\partial|∂)[^{}]{1,12}\}/u,
  /\)\s*(?:'|′)$/u,
  /^D\s*(?:_\S{1,3}\s*)?\[/u,
];

/** The parts of an answer between its equal signs; those of comparisons, sums and named lines are left alone. */
export function answersIn(source: string): Answers {
  const text = source.trim();
  if (/[;\n]|\\\\/u.test(text)) return { answers: [text], reading: [] };
  const parts = partsOf(text);
  if (parts.length === 1) return { answers: [text], reading: [] };
  const [left, ...rest] = parts;
  const isMark = left === "" || NAMES.some((p) => p.test(left)) || OPERATORS.some((p) => p.test(left));
  // y = 2x: a name by itself is no step either.
  const isName = /^[\p{L}][\p{L}\p{N}_]{0,5}$/u.test(left) || /^[\p{L}]\s*\(\s*\p{L}\s*\)$/u.test(left);
  if (!isMark && !isName) return { answers: parts, reading: [steps(parts)] };
  const reading = [left === "" ? "= at the start left out" : `${left} = read as the name of the answer`];
  // dy/du · du/dx: a rule with names in it has no value of its own.
  const answers = rest.filter((step, i) => i === rest.length - 1 || !NAMED_RULE.test(step));
  for (const step of rest) if (!answers.includes(step)) reading.push(`${step} read as a rule, not compared`);
  if (answers.length > 1) reading.push(steps(answers));
  return { answers, reading };
}

/** dy/du and the like inside a step. */
const NAMED_RULE = /[d∂]\p{L}\s*\/\s*[d∂]\p{L}|frac\s*\{\s*(?:d|\\partial|∂)\s*\p{L}\s*\}/u;

const steps = (parts: readonly string[]): string =>
  `${parts.length} steps, each of which is to be the answer`;

/** Cut at equal signs outside brackets that are not part of ==, <=, >=, !=. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if ("([{".includes(c)) depth++;
    else if (")]}".includes(c)) depth--;
    else if (c === "=" && depth === 0 && !"=<>!:".includes(text[i - 1] ?? " ") && text[i + 1] !== "=") {
      parts.push(text.slice(from, i).trim());
      from = i + 1;
    }
  }
  return [...parts, text.slice(from).trim()];
}
