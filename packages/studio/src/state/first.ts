import { EXAMPLES as LOSSES } from "../views/descend/methods.ts";
import { EXAMPLES as GRAPHS } from "../views/graph/examples.ts";
import { EXAMPLES as SERIES } from "../views/taylor/examples.ts";

type Written = Readonly<Record<string, string>>;

/** Where an address names no function, a view opens with its own first example; from then on all views have it. */
const FIRST: Readonly<Record<string, Written>> = {
  graph: { f: GRAPHS[0].value, point: GRAPHS[0].point },
  taylor: {
    f: SERIES[0].value,
    point: SERIES[0].point,
    "taylor.order": String(SERIES[0].order),
    "taylor.to": String(SERIES[0].to),
    "taylor.low": String(SERIES[0].low),
    "taylor.high": String(SERIES[0].high),
  },
  descend: {
    f: LOSSES[0].value,
    point: LOSSES[0].point,
    "descend.rate": String(LOSSES[0].rate),
    "descend.window": LOSSES[0].window,
  },
};
const OTHERWISE: Written = { f: "sin(x^2)" };

/** The fields of an address, with a function in any case. */
export function complete(view: string, fields: Written): Written {
  if (fields.f) return fields;
  const first = Object.hasOwn(FIRST, view) ? FIRST[view] : OTHERWISE;
  return { ...first, ...fields, f: first.f };
}
