/** Blocks that are played step by step, and parts of pictures that are looked at. */
import type { Looked } from "../blocks/block.ts";

const looks = new Map<HTMLElement, Looked>();
const timers = new Map<HTMLElement, ReturnType<typeof setInterval>>();
/** Milliseconds for each step, as in the Studio. */
const PACE = 650;

export const lookedAt = (block: HTMLElement): Looked | undefined => looks.get(block);

/** `changed` is told which block a reader has played, or looked at. */
export function connectPlayers(changed: (block: HTMLElement) => void): void {
  const look = (block: HTMLElement, now: Looked) => {
    looks.set(block, { ...looks.get(block), ...now });
    changed(block);
  };
  const pause = (block: HTMLElement) => {
    clearInterval(timers.get(block));
    timers.delete(block);
  };
  const go = (block: HTMLElement, where: string) => {
    const { step, steps } = placeOf(block);
    const playing = timers.has(block);
    pause(block);
    if (where !== "play") {
      const to = { start: 0, back: step - 1, on: step + 1, end: steps }[where] ?? step;
      return look(block, { step: Math.max(0, Math.min(steps, to)), playing: false });
    }
    if (playing) return look(block, { playing: false });
    timers.set(
      block,
      setInterval(() => {
        const at = placeOf(block);
        const next = Math.min(at.steps, at.step + 1);
        if (next === at.steps) pause(block);
        look(block, { step: next, playing: next < at.steps });
      }, PACE),
    );
    look(block, { step: step >= steps ? 0 : step, playing: true });
  };
  const placeOf = (block: HTMLElement) => {
    const steps = Number(block.querySelector<HTMLElement>("[data-steps]")?.dataset.steps ?? 0);
    return { steps, step: looks.get(block)?.step ?? steps };
  };
  const act = (event: Event): void => {
    const target = event.target as Element;
    const block = target.closest<HTMLElement>("[data-block]");
    const button = target.closest<HTMLElement>("[data-go]");
    const part = target.closest<SVGElement>("[data-part]")?.dataset.part;
    if (!block) return;
    if (button && event.type === "click") go(block, button.dataset.go as string);
    if (part === undefined) return;
    event.preventDefault();
    look(block, { part: part === looks.get(block)?.part ? "" : part });
  };
  document.addEventListener("click", act);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") act(event);
  });
}
