import { wrap } from "comlink";
import type { Work } from "./worker.ts";

/** Quick answers (a drag) do not wait behind slow ones (a proof). */
type Lane = "quick" | "slow";

const LIMIT: Readonly<Record<Lane, number>> = { quick: 4_000, slow: 15_000 };

const lanes = new Map<Lane, { worker: Worker; work: Work }>();

function lane(name: Lane): { worker: Worker; work: Work } {
  let found = lanes.get(name);
  if (!found) {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    found = { worker, work: wrap(worker) as unknown as Work };
    lanes.set(name, found);
  }
  return found;
}

/** Begins with what a view will ask for, beside the loading of the view itself. */
export function begin(view: string): void {
  for (const name of ["quick", "slow"] as const)
    lane(name)
      .work.open(view)
      .catch(() => undefined);
}

/** Work done beside the page. What takes too long is ended, and says so. */
export async function ask<T>(question: (work: Work) => Promise<T>, name: Lane = "quick"): Promise<T> {
  const { worker, work } = lane(name);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      worker.terminate();
      lanes.delete(name);
      reject(
        new Error(`this took more than ${LIMIT[name] / 1000} s and was stopped: try a shorter function`),
      );
    }, LIMIT[name]);
  });
  try {
    return await Promise.race([question(work), end]);
  } finally {
    clearTimeout(timer);
  }
}
