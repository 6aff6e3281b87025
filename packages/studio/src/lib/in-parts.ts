import { type Scene, toSvg } from "gradus-charts";
import { paced } from "./paced.ts";

/** So many elements are set at once. */
const PART = 40;

/** What each element of a picture was set as. */
const shown = new WeakMap<SVGSVGElement, string[]>();

/**
 * Sets the children of a large picture as text, a part in each turn, and of a changed picture only what has changed.
 * Gives what calls the rest off.
 */
export function inParts(svg: SVGSVGElement, scene: Scene): () => void {
  for (const [name, value] of Object.entries(scene.attributes)) svg.setAttribute(name, String(value));
  const before = shown.get(svg) ?? [];
  shown.set(svg, before);
  while (svg.children.length > scene.children.length) svg.lastElementChild?.remove();
  before.length = svg.children.length;
  const set = (from: number): void => {
    let text = "";
    for (let i = from; i < Math.min(from + PART, scene.children.length); i++) {
      const child = scene.children[i];
      if (typeof child === "string") throw new Error("the parts of a large picture are elements");
      const next = toSvg(child, undefined, true);
      if (i >= svg.children.length) text += next;
      else if (before[i] !== next) replace(svg.children[i], next);
      before[i] = next;
    }
    if (text !== "") svg.insertAdjacentHTML("beforeend", text);
  };
  let off = (): void => undefined;
  const go = (from: number): void => {
    if (from >= scene.children.length) return;
    off = paced(() => {
      set(from);
      go(from + PART);
    });
  };
  go(0);
  return () => off();
}

/** In its place, and with the focus where it had it. */
function replace(element: Element, text: string): void {
  const next = (): Element | null | undefined =>
    before ? before.nextElementSibling : parent?.firstElementChild;
  const [before, parent] = [element.previousElementSibling, element.parentElement];
  const focused = element === document.activeElement;
  element.outerHTML = text;
  if (focused) (next() as SVGElement | null | undefined)?.focus();
}
