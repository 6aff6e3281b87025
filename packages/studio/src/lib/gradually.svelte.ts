/** How many of a long list are drawn: some at once and more with each frame, so that no task stalls the page. */
export function gradually(total: () => number, some: number): { readonly count: number } {
  let count = $state(some);
  $effect(() => {
    if (count >= total()) return;
    const frame = requestAnimationFrame(() => (count += some));
    return () => cancelAnimationFrame(frame);
  });
  return {
    get count() {
      return count;
    },
  };
}
