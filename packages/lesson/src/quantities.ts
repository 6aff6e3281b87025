import { canonical, type Definition, plainly, type Quantities, whatIsWrongWith } from "./attributes.ts";
import type { Block, Problem } from "./read.ts";

interface Linked {
  /** The sliders' numbers. */
  readonly quantities: Quantities;
  readonly blocks: readonly Block[];
}

/** Finds the quantities of a lesson, and tells each block which of them it follows. */
export function linked(blocks: readonly Block[], problems: Problem[]): Linked {
  const quantities = new Map<string, number>();
  const computed = new Map<string, Block>();
  for (const block of blocks) {
    const { kind, attributes, line } = block;
    if (kind !== "slider" && kind !== "quantity") continue;
    const { name = "", value = attributes.from ?? "0" } = attributes;
    // What is wrong with one quantity by itself is told where it is drawn.
    if (whatIsWrongWith(name) !== undefined) continue;
    const key = canonical(name);
    if (quantities.has(key) || computed.has(key))
      problems.push({
        line,
        text: `${kind}: name=${name}: there is a quantity ${name} already; one is enough, all blocks share it`,
      });
    else if (kind === "quantity") computed.set(key, block);
    else if (value.trim() !== "" && Number.isFinite(Number(value))) quantities.set(key, Number(value));
  }
  const order = inOrder(computed, [...quantities.keys()], problems);
  return { quantities, blocks: blocks.map((b) => ({ ...b, ...needsOf(b, [...quantities.keys()], order) })) };
}

interface Needed {
  readonly definition: Definition;
  readonly uses: readonly string[];
  readonly defined: readonly Definition[];
}

/** The computed quantities, each with all that leads to it; a circle is told, and left out. */
function inOrder(
  computed: ReadonlyMap<string, Block>,
  sliders: readonly string[],
  problems: Problem[],
): ReadonlyMap<string, Needed> {
  const done = new Map<string, Needed>();
  const circles = new Set<string>();
  const names = [...computed.keys()];
  const walk = (name: string, above: readonly string[]): void => {
    if (done.has(name) || circles.has(name)) return;
    const { attributes, line } = computed.get(name) as Block;
    const texts = textsOf(attributes);
    if (above.includes(name)) {
      const circle = [...above.slice(above.indexOf(name)), name];
      for (const c of circle) circles.add(c);
      problems.push({
        line,
        text: `quantity: ${circle.join(" needs ")}: a circle has no value; let one of them be a ::slider`,
      });
      return;
    }
    const below = named(texts, names);
    for (const b of below) walk(b, [...above, name]);
    if (below.some((b) => circles.has(b))) circles.add(name);
    if (circles.has(name)) return;
    const definition: Definition = [name, attributes];
    const parts = below.map((b) => done.get(b) as Needed);
    done.set(name, {
      definition,
      uses: [...new Set([...named(texts, sliders), ...parts.flatMap((p) => p.uses)])],
      defined: [...new Set([...parts.flatMap((p) => p.defined), definition])],
    });
  };
  for (const name of names) walk(name, []);
  return done;
}

function needsOf(
  b: Block,
  sliders: readonly string[],
  computed: ReadonlyMap<string, Needed>,
): Pick<Block, "uses" | "defined"> {
  if (b.kind === "math" || b.kind === "slider") return { uses: [], defined: [] };
  const texts = b.kind === "quantity" ? textsOf(b.attributes) : Object.values(b.attributes);
  const needed = named(texts, [...computed.keys()]).map((n) => computed.get(n) as Needed);
  return {
    uses: [...new Set([...named(texts, sliders), ...needed.flatMap((n) => n.uses)])],
    defined: [...new Set(needed.flatMap((n) => n.defined))],
  };
}

/** What a quantity is computed of. */
const textsOf = (attributes: Readonly<Record<string, string>>): string[] =>
  Object.entries(attributes).flatMap(([a, text]) => (a === "name" || a === "label" ? [] : [text]));

/** x₁² is the name x_1 with a power. */
const plain = (text: string): string =>
  text
    .replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]/g, " ")
    .replace(/[₀-₉]+/g, (digits) => `_${[...digits].map((d) => "₀₁₂₃₄₅₆₇₈₉".indexOf(d)).join("")}`);

/** Which of the names stand in the texts. In maths, wx is w times x, and eta is η. */
export function named(texts: readonly string[], names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const words = new Set(texts.flatMap((text) => plain(text).match(/\p{L}[\p{L}\p{M}\p{N}_]*/gu) ?? []));
  const stands = (n: string) =>
    words.has(n) || words.has(plainly(n)) || (n.length === 1 && [...words].some((w) => w.includes(n)));
  return names.filter(stands);
}
