/** What came of the newest question; the last good one stays while a new one is at work or fails. */
export class Answer<T> {
  value = $state.raw<T>();
  error = $state<string>();
  busy = $state(false);
}

/**
 * Asks whenever what `question` reads changes. Never two questions at once: while one is at work only the newest is
 * kept, so that a drag goes at the pace of the worker.
 */
export function answer<Q, T>(question: () => Q | undefined, ask: (q: Q) => Promise<T>): Answer<T> {
  const result = new Answer<T>();
  let waiting: { q: Q } | undefined;
  let busy = false;
  async function work(): Promise<void> {
    busy = true;
    result.busy = true;
    while (waiting) {
      const { q } = waiting;
      waiting = undefined;
      try {
        const value = await ask(q);
        result.value = value;
        result.error = undefined;
      } catch (error) {
        result.error = error instanceof Error ? error.message : String(error);
      }
    }
    busy = false;
    result.busy = false;
  }
  $effect(() => {
    const q = question();
    if (q === undefined) return;
    waiting = { q };
    if (!busy) void work();
  });
  return result;
}
