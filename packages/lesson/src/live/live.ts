/** Makes a page of a lesson live: blocks that use a quantity follow it. */
import { connectPlayers, lookedAt } from "./player.ts";
import { connectHandles, connectSliders, quantities } from "./quantities.ts";
import { connectSlides } from "./slides.ts";
import type { Done, Task } from "./work.ts";

const script = document.currentScript as HTMLScriptElement;
const workUrl = script.dataset.work as string;

/** What takes longer is ended. */
const LIMIT = 6_000;

interface LiveBlock {
  readonly element: HTMLElement;
  readonly block: Task["block"];
  readonly uses: readonly string[];
  /** It was ended before: it is drawn when nothing else waits. */
  slow: boolean;
}

let blocks: LiveBlock[] = [];
let moved = false;
/** Waiting to be drawn, first come first served. */
const waiting = new Set<LiveBlock>();
/** Drawn now, one at a time: so what takes too long is known, and ended alone. */
let drawn: LiveBlock | undefined;
let worker: Promise<Worker> | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

function ask(b: LiveBlock): void {
  waiting.add(b);
  // What is slow makes way.
  if (drawn?.slow && !b.slow) {
    waiting.add(drawn);
    end();
    drawn = undefined;
  }
  void next();
}

async function next(): Promise<void> {
  const b = [...waiting].find((w) => !w.slow) ?? [...waiting][0];
  if (drawn || !b) return;
  drawn = b;
  waiting.delete(b);
  worker ??= started();
  const w = await worker;
  const task: Task = {
    block: b.block,
    quantities: quantities(),
    moved,
    room: roomOf(b),
    looked: lookedAt(b.element),
  };
  w.postMessage(task);
  clearTimeout(timer);
  timer = setTimeout(() => {
    end();
    b.slow = true;
    done(`<p class="problem" role="note">this took more than ${LIMIT / 1000} s and was stopped</p>`);
  }, LIMIT);
}

/** Ends what is drawn now. */
function end(): void {
  clearTimeout(timer);
  void worker?.then((w) => w.terminate());
  worker = undefined;
}

function done(html: string): void {
  const b = drawn;
  clearTimeout(timer);
  drawn = undefined;
  if (b) put(b.element, html);
  void next();
}

const figureOf = (b: LiveBlock): HTMLElement | null => b.element.querySelector("figure.picture:not(.wide)");

/** The room that the page's style keeps for a picture. */
function roomOf(b: LiveBlock): Task["room"] {
  const figure = figureOf(b);
  // On slides, letters are larger.
  const slides = document.documentElement.classList.contains("slides");
  const fit = Number(getComputedStyle(b.element).getPropertyValue("--fit"));
  const zoom = slides ? Math.max(1, 1.3 * (fit || 1)) : 1;
  return figure
    ? { width: Math.round(figure.clientWidth / zoom), height: Math.round(figure.clientHeight / zoom) }
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

declare global {
  /** What the worker does; work.js puts it into a page, too. */
  var gradusWork: (() => void) | undefined;
}

/** A page from a disk may start no worker by its address: the script is put into the page, and a worker made of its text. */
async function started(): Promise<Worker> {
  const w = location.protocol === "file:" ? new Worker(await ownText()) : new Worker(workUrl);
  w.addEventListener("message", ({ data }: MessageEvent<Done>) => done(data.html));
  return w;
}

async function ownText(): Promise<string> {
  if (typeof globalThis.gradusWork !== "function")
    await new Promise((resolve) => {
      const s = document.createElement("script");
      s.src = workUrl;
      s.onload = resolve;
      document.head.append(s);
    });
  return URL.createObjectURL(new Blob([`(${globalThis.gradusWork})()`], { type: "text/javascript" }));
}

/** What in a block can be focused, and how it is found again. */
const FOCUSED = ["handle", "part", "go"] as const;

/** The new picture in the place of the old; what was focused, unfolded or scrolled stays so. */
function put(element: HTMLElement, html: string): void {
  const refocus = focusIn(element);
  const open = [...element.querySelectorAll("details")].map((d) => d.open);
  const scrolled = [...element.querySelectorAll(".wide")].map((w) => w.scrollLeft);
  element.innerHTML = html;
  [...element.querySelectorAll("details")].forEach((d, i) => {
    d.open = open[i] ?? d.open;
  });
  [...element.querySelectorAll(".wide")].forEach((w, i) => {
    w.scrollLeft = scrolled[i] ?? 0;
  });
  refocus();
  if (lookedAt(element)) say(element.querySelector(".told")?.textContent ?? "");
}

function focusIn(element: HTMLElement): () => void {
  const focused = document.activeElement as SVGElement | HTMLElement | null;
  const kind = FOCUSED.find((k) => focused?.dataset?.[k] !== undefined);
  if (!focused || !kind || !element.contains(focused)) return () => {};
  const name = focused.dataset[kind];
  // The same part stands in the picture for wide pages and in the one for narrow ones.
  const all = () =>
    [...element.querySelectorAll<SVGElement | HTMLElement>(`[data-${kind}]`)].filter(
      (e) => e.dataset[kind] === name,
    );
  const place = all().indexOf(focused);
  return () => all()[place]?.focus();
}

/** For those who cannot see that a step was taken. */
let status: HTMLElement | undefined;
function say(text: string): void {
  if (!status) {
    status = document.createElement("p");
    status.className = "unseen";
    status.setAttribute("role", "status");
    document.body.append(status);
  }
  if (status.textContent !== text) status.textContent = text;
}

function connect(): void {
  blocks = [...document.querySelectorAll<HTMLElement>("[data-block]")].map((element) => ({
    element,
    block: JSON.parse(element.dataset.block as string),
    uses: (element.dataset.uses ?? "").split(" "),
    slow: false,
  }));
  connectSliders((name) => {
    moved = true;
    for (const b of blocks) if (b.uses.includes(name)) ask(b);
  });
  connectHandles();
  connectPlayers((element) => {
    for (const b of blocks) if (b.element === element) ask(b);
  });
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
