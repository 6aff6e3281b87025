/** A formula in the forms in which people take it with them. */
export interface Formula {
  readonly text: string;
  readonly latex: string;
}

export const asTypeScript = ({ text }: Formula): string =>
  `import { math } from "gradus/math";\n\nconst f = math\`${text.replace(/[\\`$]/g, "\\$&")}\`;\n`;
