import { canonical, whatIsWrongWith } from "../attributes.ts";
import { LessonError } from "../errors.ts";
import { html } from "../html.ts";
import { type BlockKind, number } from "./block.ts";

/** `::slider{name=x from=0 to=1 step=0.01 value=0.1}`: a quantity that blocks share. */
export const slider: BlockKind = {
  place: "either",
  attributes: ["name", "from", "to", "step", "value", "label"],
  render: (a, { quantities }) => {
    const name = a.text("name");
    const wrong = whatIsWrongWith(name);
    if (wrong !== undefined) throw new LessonError(wrong);
    const { low, high } = a.range([0, 1]);
    const value = quantities.get(canonical(name));
    if (value === undefined)
      throw new LessonError(
        `value="${a.text("value", a.text("from", ""))}" is no number; what follows another quantity is a ::quantity{name=${name} of="…"}`,
      );
    if (value < low || value > high)
      throw new LessonError(`value=${value} is outside of from=${low} to=${high}`);
    const step = a.number("step", (high - low) / 100);
    if (!(step > 0)) throw new LessonError(`step=${step}: expected a number greater than 0`);
    const label = a.text("label", name);
    return {
      html: html`<label class="slider"><span>${label}</span><input type="range" data-quantity="${canonical(name)}" min="${low}" max="${high}" step="${step}" value="${value}" autocomplete="off"><output>${number(value)}</output></label>`,
    };
  },
};
