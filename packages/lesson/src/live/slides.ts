/** One section at a time, by keys. */
const root = document.documentElement;
let at = 0;

const sections = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("main > section")];
const button = (act: string): HTMLButtonElement | null => document.querySelector(`button[data-act=${act}]`);
const count = (): HTMLElement | null => document.querySelector("[data-act=count]");
const shown = (): boolean => root.classList.contains("slides");

/** From large letters in one column to small ones in two: the first that fits is taken. */
const SHAPES = [
  ...[1.5, 1.3, 1.15, 1, 0.9].map((size) => ({ size, two: false })),
  ...[1.2, 1.05, 0.95, 0.88, 0.8, 0.72, 0.65].map((size) => ({ size, two: true })),
];

/** A slide of more elements is slow to lay out: it is not tried in every shape, and scrolls. */
const MOST_ELEMENTS = 4_000;

/** A slide is seen whole, where its letters can still be read then. */
function fit(): void {
  const main = document.querySelector("main");
  const now = sections()[at];
  if (!main || !now || !shown()) return;
  const fits = ({ size, two }: (typeof SHAPES)[number]): boolean => {
    main.style.setProperty("--fit", String(size));
    main.classList.toggle("two", two);
    // A graph whose letters would be too small in one column stands across both.
    for (const g of now.querySelectorAll(".picture.across")) {
      g.classList.remove("span");
      const width = g.querySelector("svg")?.viewBox.baseVal.width ?? 0;
      g.classList.toggle("span", two && 0.75 * width > g.clientWidth);
    }
    const cut = [...now.querySelectorAll(".wide, .display, .board, pre")];
    return (
      root.scrollHeight <= innerHeight &&
      now.scrollWidth <= now.clientWidth &&
      cut.every((c) => c.scrollWidth <= c.clientWidth)
    );
  };
  const found = now.querySelectorAll("*").length <= MOST_ELEMENTS && SHAPES.some(fits);
  if (!found) fits({ size: 0.8, two: false });
}

function show(index: number): void {
  const all = sections();
  at = Math.min(all.length - 1, Math.max(0, index));
  all.forEach((s, i) => {
    s.classList.toggle("now", i === at);
  });
  const c = count();
  if (c) c.textContent = `${at + 1} / ${all.length}`;
  history.replaceState(null, "", `#slide-${at + 1}`);
  scrollTo(0, 0);
  dispatchEvent(new Event("resize"));
  for (const [act, end] of [
    ["before", 0],
    ["next", all.length - 1],
  ] as const) {
    const b = button(act);
    if (b) b.disabled = at === end;
  }
}

function toggle(): void {
  const on = root.classList.toggle("slides");
  for (const act of ["before", "next"]) {
    const b = button(act);
    if (b) b.hidden = !on;
  }
  const c = count();
  if (c) c.hidden = !on;
  const b = button("slides");
  if (b) b.textContent = on ? "Page" : "Slides";
  dispatchEvent(new Event("resize"));
  if (on) show(inView());
  else {
    history.replaceState(null, "", location.pathname + location.search);
    sections()[at]?.scrollIntoView();
  }
}

/** The section that one reads now. */
function inView(): number {
  const below = sections().findIndex((s) => s.getBoundingClientRect().bottom > 80);
  return Math.max(0, below);
}

const MOVES: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowDown: 1,
  PageDown: 1,
  " ": 1,
  ArrowLeft: -1,
  ArrowUp: -1,
  PageUp: -1,
};

/** Keys that scroll go to the next slide once all of this one was seen. */
const SCROLLS = new Set(["ArrowDown", "PageDown", " ", "ArrowUp", "PageUp"]);

function scrolls(key: string): boolean {
  if (!SCROLLS.has(key)) return false;
  const below = root.scrollHeight - innerHeight - scrollY;
  return MOVES[key] > 0 ? below > 8 : scrollY > 8;
}

function isControl(target: EventTarget | null): boolean {
  return (
    (target as Element | null)?.closest?.("input, button, a, summary, textarea, select, [tabindex]") != null
  );
}

export function connectSlides(): void {
  addEventListener("resize", fit);
  void document.fonts.ready.then(fit);
  button("slides")?.addEventListener("click", toggle);
  button("before")?.addEventListener("click", () => show(at - 1));
  button("next")?.addEventListener("click", () => show(at + 1));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "s" && !(event.target as Element).closest?.("input, textarea")) toggle();
    else if (shown() && event.key === "Escape") toggle();
    else if (shown() && MOVES[event.key] && !isControl(event.target) && !scrolls(event.key)) {
      event.preventDefault();
      show(at + MOVES[event.key]);
    }
  });
  const asked = /^#slide-(\d+)$/.exec(location.hash);
  if (asked) {
    toggle();
    show(Number(asked[1]) - 1);
  }
}
