import type { Formula } from "gradus-charts/graph";

/** A formula in the forms in which people take it with them. */
export type { Formula };

/** What the library wrote, as plain data for the page. */
export const formulaOf = ({ text, latex }: Formula): Formula => ({ text, latex });

/** To be looked at: long decimals cut to six digits. What is copied has all of them. */
export const shortDigits = (latex: string): string =>
  latex.replace(/\d+\.\d{6,}/g, (digits) => String(Number(Number(digits).toPrecision(6))));

export const asTypeScript = ({ text }: Formula): string =>
  `import { math } from "gradus/math";\n\nconst f = math\`${text.replace(/[\\`$]/g, "\\$&")}\`;\n`;
