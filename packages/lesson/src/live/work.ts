/** Draws blocks anew, in a worker. */
import type { Looked } from "../blocks/block.ts";
import { renderBlock } from "../render.ts";

export interface Task {
  readonly block: Parameters<typeof renderBlock>[0];
  readonly quantities: Record<string, number>;
  /** Whether a reader has moved a quantity. */
  readonly moved: boolean;
  /** For a picture, in pixels. */
  readonly room?: { width: number; height: number };
  readonly looked?: Looked;
}

export interface Done {
  readonly html: string;
}

addEventListener("message", async ({ data: t }: MessageEvent<Task>) => {
  const { html } = await renderBlock(t.block, new Map(Object.entries(t.quantities)), {
    stated: !t.moved,
    room: t.room,
    looked: t.looked,
  });
  const done: Done = { html };
  postMessage(done);
});
