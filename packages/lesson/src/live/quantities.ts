/** The quantities of a page: its sliders hold them, handles in pictures move them. */
const inputs = new Map<string, HTMLInputElement>();
let changed: (name: string) => void = () => {};

export function quantities(): Record<string, number> {
  return Object.fromEntries([...inputs].map(([name, input]) => [name, input.valueAsNumber]));
}

/** Finds the sliders; `listener` is told which quantity has changed. */
export function connectSliders(listener: (name: string) => void): void {
  changed = listener;
  for (const input of document.querySelectorAll<HTMLInputElement>("input[data-quantity]")) {
    const name = input.dataset.quantity as string;
    if (inputs.has(name)) continue;
    inputs.set(name, input);
    input.addEventListener("input", () => tell(name));
  }
}

function tell(name: string): void {
  const input = inputs.get(name) as HTMLInputElement;
  const output = input.parentElement?.querySelector("output");
  if (output) output.textContent = String(Number(input.valueAsNumber.toPrecision(6))).replace("-", "−");
  changed(name);
}

/** The slider snaps it to its steps and holds it in its range. */
function set(name: string, value: number): void {
  const input = inputs.get(name);
  if (!input || !Number.isFinite(value)) return;
  const before = input.value;
  input.value = String(value);
  if (input.value !== before) tell(name);
}

function nudge(name: string | undefined, steps: number): void {
  const input = name === undefined ? undefined : inputs.get(name);
  if (!input || steps === 0) return;
  if (steps > 0) input.stepUp(steps);
  else input.stepDown(-steps);
  tell(name as string);
}

interface Drag {
  readonly names: readonly string[];
  readonly along: string;
  readonly block: HTMLElement;
}

let drag: Drag | undefined;

function handleAt(
  event: Event,
): { handle: SVGElement; block: HTMLElement; names: string[]; along: string } | undefined {
  const handle = (event.target as Element).closest<SVGElement>("[data-handle]");
  const block = handle?.closest<HTMLElement>("[data-block]");
  if (!handle || !block) return undefined;
  return {
    handle,
    block,
    names: (handle.dataset.handle as string).split(" "),
    along: handle.dataset.along as string,
  };
}

/** Where a pointer is, in the data of the picture. */
function place(event: PointerEvent, block: HTMLElement): readonly [number, number] | undefined {
  const svg = block.querySelector<SVGSVGElement>("svg[data-frame]");
  if (!svg) return undefined;
  const [left, top, width, height, x0, x1, y0, y1] = (svg.dataset.frame as string).split(" ").map(Number);
  const box = svg.getBoundingClientRect();
  const scale = svg.viewBox.baseVal.width / box.width;
  const [px, py] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  return [x0 + ((x1 - x0) * (px - left)) / width, y1 - ((y1 - y0) * (py - top)) / height];
}

const KEYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
  PageUp: [0, 10],
  PageDown: [0, -10],
};

export function connectHandles(): void {
  document.addEventListener("pointerdown", (event) => {
    const found = handleAt(event);
    if (!found) return;
    drag = found;
    found.handle.focus();
    found.block.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  // A finger on a handle does not scroll the page. By style alone it would: browsers heed none within a picture.
  document.addEventListener("touchstart", (event) => handleAt(event) && event.preventDefault(), {
    passive: false,
  });
  document.addEventListener("pointermove", (event) => {
    const at = drag && place(event, drag.block);
    if (!drag || !at) return;
    if (drag.along === "xy") drag.names.forEach((name, i) => set(name, at[i]));
    else set(drag.names[0], drag.along === "x" ? at[0] : at[1]);
  });
  for (const end of ["pointerup", "pointercancel"])
    document.addEventListener(end, () => {
      drag = undefined;
    });
  document.addEventListener("keydown", (event) => {
    const found = handleAt(event);
    const step = KEYS[event.key];
    if (!found || !step) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const part = event.shiftKey ? 10 : 1;
    if (found.along === "xy") found.names.forEach((name, i) => nudge(name, part * step[i]));
    else nudge(found.names[0], part * (step[0] + step[1]));
  });
}
