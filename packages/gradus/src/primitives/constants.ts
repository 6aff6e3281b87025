import { namedNumber } from "../ir/node.ts";

/** Numbers that keep their name until they are evaluated. */
export const PI = namedNumber({ text: "pi", latex: "\\pi", value: Math.PI });
export const E = namedNumber({ text: "e", latex: "e", value: Math.E });
