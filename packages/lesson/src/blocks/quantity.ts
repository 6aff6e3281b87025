import { Attributes, type Definition, type Quantities, whatIsWrongWith } from "../attributes.ts";
import { LessonError } from "../errors.ts";
import { html } from "../html.ts";
import { type BlockKind, number } from "./block.ts";
import { COMPUTED, computed } from "./value.ts";

/** `:quantity{name=L of="(w - 1)^2"}`: a quantity that is computed from others; it is shown where it stands, or `hidden`. */
export const quantity: BlockKind = {
  place: "either",
  attributes: ["name", ...COMPUTED, "label", "digits", "hidden"],
  render: (a, { quantities, stated }) => {
    const wrong = whatIsWrongWith(a.text("name"));
    if (wrong !== undefined) throw new LessonError(wrong);
    const shown = number(computed(a, quantities, !stated), a.whole("digits", 6, [1, 15]));
    if (a.flag("hidden")) return { html: html`` };
    const label = a.has("label") ? a.optional("label") : a.text("name");
    const named = label === undefined ? "" : html`<i>${label}</i> = `;
    return { html: html`<span class="quantity">${named}<span class="value">${shown}</span></span>` };
  },
};

/** The sliders' numbers with those that are computed from them, one after the other. */
export function withDefined(quantities: Quantities, defined: readonly Definition[]): Quantities {
  const all = new Map(quantities);
  for (const [name, attributes] of defined) {
    try {
      all.set(name, computed(new Attributes(attributes, all), all));
    } catch (error) {
      throw new LessonError(`quantity ${name}: ${(error as Error).message}`);
    }
  }
  return all;
}
