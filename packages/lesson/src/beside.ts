import type { Root } from "hast";
import { SKIP, visit } from "unist-util-visit";
import type { Beside, Problem } from "./read.ts";

const PICTURE = /\.(png|jpe?g|gif|svg|webp|avif)$/i;
const OWN = /^[\p{L}\p{N}_][\p{L}\p{N}_ ./-]*$/u;

/** Pictures of the lesson's folder alone: a page of a lesson loads nothing from elsewhere. */
export function ownPictures(images: Beside[], problems: Problem[]) {
  return (tree: Root): void =>
    visit(tree, "element", (node, index, parent) => {
      if (node.tagName !== "img" || !parent || index === undefined) return undefined;
      const line = node.position?.start.line ?? 1;
      const url = decoded(String(node.properties.src ?? ""));
      const alt = String(node.properties.alt ?? "");
      const own = OWN.test(url) && !url.includes("..");
      if (own && PICTURE.test(url)) {
        images.push({ path: url, line });
        if (alt.trim() === "")
          problems.push({
            line,
            text: `the picture ${url} has no words for those who cannot see it: ![what it shows](${url})`,
          });
        return undefined;
      }
      problems.push({
        line,
        text: `the picture ${url.slice(0, 80)} is not shown: a lesson shows ${own ? "PNG, JPEG, GIF, SVG, WebP and AVIF" : "pictures of its own folder"}`,
      });
      parent.children[index] = { type: "text", value: alt };
      return [SKIP, index + 1];
    });
}

/** A link to the file of another lesson leads to its page; other files are not among the pages. */
export function toPages(links: Beside[], problems: Problem[]) {
  return (tree: Root): void =>
    visit(tree, "element", (node) => {
      if (node.tagName !== "a") return;
      const line = node.position?.start.line ?? 1;
      const url = decoded(String(node.properties.href ?? ""));
      if (/^([a-z][a-z\d+.-]*:|\/\/)/i.test(url)) return;
      const found = /^(?!\/)([^?#]*?)(?:#(.*))?$/.exec(url);
      const [, path = "", part] = found ?? [];
      const page = /^(.+)\.md$/i.exec(path)?.[1];
      if (page !== undefined) node.properties.href = encodeURI(`${page}.html${part ? `#${part}` : ""}`);
      if (page !== undefined || (path === "" && part))
        links.push({ path: page === undefined ? "" : `${page}.md`, line, ...(part ? { part } : {}) });
      else
        problems.push({
          line,
          text: `the link${url === "" ? "" : ` to ${url.slice(0, 80)}`} leads nowhere: link the file of a lesson, such as 02-next.md, or an address of the web`,
        });
    });
}

function decoded(url: string): string {
  try {
    return decodeURI(url);
  } catch {
    return url;
  }
}

/** Every place that a link may lead to. */
export function partsOf(parts: Set<string>) {
  return (tree: Root): void =>
    visit(tree, "element", ({ properties: { id } }) => {
      if (id) parts.add(String(id));
    });
}
