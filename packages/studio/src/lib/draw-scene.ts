import type { Scene } from "gradus-charts";

function made(scene: Scene): SVGElement {
  const e = document.createElementNS("http://www.w3.org/2000/svg", scene.tag);
  // What namespace it is of, the element knows; written twice, a saved file could not be read.
  for (const [name, value] of Object.entries(scene.attributes))
    if (name !== "xmlns") e.setAttribute(name, String(value));
  for (const child of scene.children) e.appendChild(node(child));
  return e;
}

const node = (child: Scene | string): Node =>
  typeof child === "string" ? document.createTextNode(child) : made(child);

function change(e: Element, before: Scene, next: Scene): void {
  if (before === next) return;
  for (const [name, value] of Object.entries(next.attributes))
    if (before.attributes[name] !== value) e.setAttribute(name, String(value));
  for (const name of Object.keys(before.attributes))
    if (!Object.hasOwn(next.attributes, name)) e.removeAttribute(name);
  let at = e.firstChild;
  next.children.forEach((child, i) => {
    if (!at) return void e.appendChild(node(child));
    const [here, was] = [at, before.children[i]];
    at = at.nextSibling;
    if (typeof child !== "string" && typeof was !== "string" && child.tag === was.tag)
      change(here as Element, was, child);
    else if (typeof child === "string" && typeof was === "string") {
      if (child !== was) (here as Text).data = child;
    } else e.replaceChild(node(child), here);
  });
  while (at) {
    const rest: ChildNode = at;
    at = at.nextSibling;
    rest.remove();
  }
}

const drawn = new WeakMap<Element, { readonly svg: SVGElement; readonly scene: Scene }>();

/** Draws a scene as the one child of an element; of a scene drawn there before, only what has changed is set anew. */
export function drawScene(place: Element, scene: Scene): void {
  const before = drawn.get(place);
  if (before) change(before.svg, before.scene, scene);
  const svg = before?.svg ?? made(scene);
  if (!before) place.replaceChildren(svg);
  drawn.set(place, { svg, scene });
}
