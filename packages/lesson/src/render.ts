import { boundMemory } from "gradus";
import { didYouMean } from "gradus/math";
import { Attributes, type Quantities } from "./attributes.ts";
import type { Looked, Size } from "./blocks/block.ts";
import { BLOCKS } from "./blocks/index.ts";
import { withDefined } from "./blocks/quantity.ts";
import { LessonError } from "./errors.ts";
import { formula } from "./formula.ts";
import { html } from "./html.ts";
import type { Block } from "./read.ts";

export interface RenderedBlock {
  readonly html: string;
  /** What is wrong with it, in words; the page shows the same in its place. */
  readonly problems: readonly string[];
}

interface RenderOptions {
  /** Whether stated numbers and formulas are compared. */
  readonly stated?: boolean;
  /** For a picture, in pixels. */
  readonly room?: Size;
  readonly looked?: Looked;
}

const LONGEST_HTML = 2_000_000;

/** What one block may compute. */
const BOUNDS = { each: 1_000_000, all: 30_000_000, nodes: 500_000 };

/** LaTeX longer than this is no formula that is read. */
const LONGEST_FORMULA = 2_000;

/** One block as HTML. What cannot be shown is told in its place; nothing is thrown. */
export async function renderBlock(
  block: Pick<Block, "kind" | "attributes" | "display"> & Partial<Pick<Block, "defined">>,
  sliders: Quantities,
  { stated = true, room, looked }: RenderOptions = {},
): Promise<RenderedBlock> {
  boundMemory(BOUNDS);
  try {
    if (block.kind === "math") return { html: typeset(block.attributes.latex, block.display), problems: [] };
    const kind = BLOCKS.get(block.kind);
    if (!kind)
      throw new LessonError(
        `there is no block “${block.kind.slice(0, 40)}”${didYouMean(block.kind, BLOCKS.keys()) || `: choose of ${[...BLOCKS.keys()].join(", ")}`}`,
      );
    if (kind.place === "text" && block.display)
      throw new LessonError(`${block.kind} stands in the text: write :${block.kind}{…} with one colon`);
    if (kind.place === "leaf" && !block.display)
      throw new LessonError(
        `${block.kind} stands on a line of its own: write ::${block.kind}{…} with two colons`,
      );
    // A quantity itself is drawn by its own maths; what that needs stands before it.
    const quantities = withDefined(sliders, block.defined ?? []);
    const given = new Attributes(block.attributes, quantities, new Set(sliders.keys()));
    given.only(kind.attributes);
    const { html: found, problems = [] } = await kind.render(
      given,
      { quantities, stated, room, looked },
      block.display,
    );
    if (found.html.length > LONGEST_HTML)
      throw new LessonError(
        `what it shows has ${found.html.length} characters: no more than ${LONGEST_HTML} are put into a page`,
      );
    return { html: found.html, problems };
  } catch (error) {
    return failed((error as Error).message);
  } finally {
    boundMemory();
  }
}

function typeset(latex: string, display: boolean): string {
  if (latex.length > LONGEST_FORMULA)
    throw new LessonError(
      `a formula has ${latex.length} characters: no more than ${LONGEST_FORMULA} are read`,
    );
  return formula(latex, display).html;
}

/** The place of a block that cannot be shown. */
export function failed(message: string): RenderedBlock {
  const short = message.length > 600 ? `${message.slice(0, 600)}…` : message;
  return { html: html`<span class="problem" role="note">${short}</span>`.html, problems: [short] };
}
