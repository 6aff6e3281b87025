/** Makes a page of a lesson live: blocks that use a quantity follow it. */
import { connectHandles, connectSliders, quantities } from "./quantities.ts";
import { connectSlides } from "./slides.ts";
import type { Done, Task } from "./work.ts";

const script = document.currentScript as HTMLScriptElement;
const workUrl = script.dataset.work as string;

/** What takes longer is ended. */
const LIMIT = 6_000;

interface LiveBlock {
  readonly id: number;
  readonly element: HTMLElement;
  readonly block: Task["block"];
  readonly uses: readonly string[];
  busy: boolean;
  stale: boolean;
}

let blocks: LiveBlock[] = [];
let moved = false;
let worker: Worker | undefined;
let inPage: Promise<(t: Task) => Promise<{ html: string }>> | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

function ask(b: LiveBlock): void {
  if (b.busy) {
    b.stale = true;
    return;
  }
  b.busy = true;
  b.stale = false;
  const task: Task = { id: b.id, block: b.block, quantities: quantities(), moved, room: roomOf(b) };
  if (!inPage) worker ??= started();
  if (worker) {
    worker.postMessage(task);
    timer ??= setTimeout(tooLong, LIMIT);
  } else void inPage?.then((render) => render(task)).then(({ html }) => done({ id: b.id, html }));
}

const figureOf = (b: LiveBlock): HTMLElement | null => b.element.querySelector("figure.picture:not(.wide)");

/** The room that the page's style keeps for a picture. */
function roomOf(b: LiveBlock): Task["room"] {
  const figure = figureOf(b);
  return figure
    ? { width: Math.round(figure.clientWidth), height: Math.round(figure.clientHeight) }
    : undefined;
}

/** Pictures are drawn for the width of the text of a desk; on a phone their letters would be too small. */
function fit(): void {
  for (const b of blocks) {
    const svg = figureOf(b)?.querySelector("svg");
    const room = roomOf(b);
    if (svg && room && room.width > 0 && Math.abs(svg.viewBox.baseVal.width - room.width) > 40) ask(b);
  }
}

/** Pages opened from a disk may start no worker: they draw in the page. */
function started(): Worker | undefined {
  try {
    const w = new Worker(workUrl);
    w.addEventListener("message", ({ data }: MessageEvent<Done>) => done(data));
    return w;
  } catch {
    inPage = new Promise((resolve) => {
      const s = document.createElement("script");
      s.src = workUrl;
      s.onload = () => resolve((globalThis as never as { gradusLesson: never }).gradusLesson);
      document.head.append(s);
    });
    return undefined;
  }
}

function tooLong(): void {
  worker?.terminate();
  worker = undefined;
  timer = undefined;
  for (const b of blocks) {
    if (!b.busy) continue;
    b.busy = false;
    const note = document.createElement("p");
    note.className = "problem";
    note.textContent = `this took more than ${LIMIT / 1000} s and was stopped`;
    b.element.replaceChildren(note);
  }
}

function done({ id, html }: Done): void {
  const b = blocks[id];
  b.busy = false;
  if (!blocks.some((o) => o.busy)) {
    clearTimeout(timer);
    timer = undefined;
  }
  if (b.stale) ask(b);
  put(b.element, html);
}

/** The new picture in the place of the old; what was focused, unfolded or scrolled stays so. */
function put(element: HTMLElement, html: string): void {
  const focused = document.activeElement as SVGElement | null;
  const held = focused && element.contains(focused) ? focused.dataset.handle : undefined;
  const open = [...element.querySelectorAll("details")].map((d) => d.open);
  const scrolled = [...element.querySelectorAll(".wide")].map((w) => w.scrollLeft);
  element.innerHTML = html;
  [...element.querySelectorAll("details")].forEach((d, i) => {
    d.open = open[i] ?? d.open;
  });
  [...element.querySelectorAll(".wide")].forEach((w, i) => {
    w.scrollLeft = scrolled[i] ?? 0;
  });
  if (held !== undefined)
    [...element.querySelectorAll<SVGElement>("[data-handle]")]
      .find((h) => h.dataset.handle === held)
      ?.focus();
}

function connect(): void {
  blocks = [...document.querySelectorAll<HTMLElement>("[data-block]")].map((element, id) => ({
    id,
    element,
    block: JSON.parse(element.dataset.block as string),
    uses: (element.dataset.uses ?? "").split(" "),
    busy: false,
    stale: false,
  }));
  connectSliders((name) => {
    moved = true;
    for (const b of blocks) if (b.uses.includes(name)) ask(b);
  });
  connectHandles();
  connectSlides();
}

connect();
fit();
let later: ReturnType<typeof setTimeout> | undefined;
addEventListener("resize", () => {
  clearTimeout(later);
  later = setTimeout(fit, 200);
});

if (script.dataset.reload !== undefined) {
  const changes = new EventSource(`${workUrl.replace(/work\.js$/, "")}changes`);
  changes.addEventListener("message", () => location.reload());
}
