/** Draws blocks anew: in a worker, or in the page itself where a file opened from a disk may have none. */
import { type RenderedBlock, renderBlock } from "../render.ts";

export interface Task {
  readonly id: number;
  readonly block: { kind: string; attributes: Record<string, string>; display: boolean };
  readonly quantities: Record<string, number>;
  /** Whether a reader has moved a quantity. */
  readonly moved: boolean;
  /** For a picture, in pixels. */
  readonly room?: { width: number; height: number };
}

export interface Done {
  readonly id: number;
  readonly html: string;
}

const render = (t: Task): Promise<RenderedBlock> =>
  renderBlock(t.block, new Map(Object.entries(t.quantities)), { stated: !t.moved, room: t.room });

if (typeof document === "undefined")
  addEventListener("message", async ({ data }: MessageEvent<Task>) => {
    const done: Done = { id: data.id, html: (await render(data)).html };
    postMessage(done);
  });
else Object.assign(globalThis, { gradusLesson: render });
