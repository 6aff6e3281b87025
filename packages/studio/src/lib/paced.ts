/** Of each frame, so much for work that may wait, in ms: what is more than that waits for the next. */
const SHARE = 6;

const waiting = new Set<() => void>();
let spent = 0;
let asked = false;
let busy = false;

function run(work: () => void): void {
  const start = performance.now();
  busy = true;
  try {
    work();
  } finally {
    busy = false;
    spent += performance.now() - start;
  }
}

function frame(): void {
  asked = false;
  spent = 0;
  for (const work of waiting) {
    if (spent >= SHARE) break;
    waiting.delete(work);
    run(work);
  }
  if (waiting.size > 0) next();
}

function next(): void {
  if (asked) return;
  asked = true;
  requestAnimationFrame(frame);
}

/**
 * Does something at once while this frame has time for it, else in one of the next, in the order asked: fifty formulas
 * that come together are no task that stalls the page. Gives what calls it off.
 */
export function paced(work: () => void): () => void {
  next();
  // What asks from within waits its turn: its time is not counted yet.
  if (!busy && spent < SHARE && waiting.size === 0) run(work);
  else waiting.add(work);
  return () => waiting.delete(work);
}
