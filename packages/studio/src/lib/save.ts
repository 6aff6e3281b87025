/** Files that the page gives: pictures as SVG and PNG, numbers as CSV and JSON, code as text. */
import { fileStyle } from "gradus-charts";

export function saveText(name: string, text: string, type = "text/plain"): void {
  saveBlob(name, new Blob([text], { type: `${type};charset=utf-8` }));
}

function saveBlob(name: string, blob: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** The picture as a file of its own: its style within. */
export function svgText(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  // A layer that is painted apart belongs to the picture.
  const layer = svg.closest(".picture")?.querySelector(".still svg.chart");
  if (layer) copy.append(...[...layer.children].map((c) => c.cloneNode(true)));
  for (const e of copy.querySelectorAll("[tabindex]"))
    for (const { name } of [...e.attributes])
      if (/^(tabindex|role|aria-|data-)/.test(name)) e.removeAttribute(name);
  const style = document.createElementNS("http://www.w3.org/2000/svg", "style");
  style.textContent = fileStyle;
  copy.prepend(style);
  return new XMLSerializer().serializeToString(copy);
}

export const saveSvg = (name: string, svg: SVGSVGElement): void =>
  saveText(`${name}.svg`, svgText(svg), "image/svg+xml");

/** Twice the size on the screen: sharp on slides. */
export async function savePng(name: string, svg: SVGSVGElement): Promise<void> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(svg))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = svg.viewBox.baseVal.width * 2;
  canvas.height = svg.viewBox.baseVal.height * 2;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => blob && saveBlob(`${name}.png`, blob));
}

/** Rows as CSV (RFC 4180). */
export function csv(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cell = (v: string | number) =>
    typeof v === "number" ? String(v) : /[",\n]/.test(v) ? `"${v.replaceAll('"', '""')}"` : v;
  return `${[header, ...rows].map((r) => r.map(cell).join(",")).join("\r\n")}\r\n`;
}
