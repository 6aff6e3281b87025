import type { Formula } from "gradus-charts/graph";

/** A formula in the forms in which people take it with them. */
export type { Formula };

export const asTypeScript = ({ text }: Formula): string =>
  `import { math } from "gradus/math";\n\nconst f = math\`${text.replace(/[\\`$]/g, "\\$&")}\`;\n`;
