import { type FSWatcher, watch } from "node:fs";
import { foldersIn } from "./folder.ts";

/**
 * Tells when a file of a folder, or of those in it, was saved. Each folder is watched by itself: Node 20 loses sight of a file
 * that an editor has put in the place of another.
 */
export function watchFolder(folder: string, changed: (name: string | null) => void): void {
  const watched = new Map<string, FSWatcher>();
  const forget = (path: string): void => {
    watched.get(path)?.close();
    watched.delete(path);
  };
  const look = (): void => {
    let there: ReadonlySet<string>;
    try {
      there = new Set(foldersIn(folder));
    } catch {
      // One of them went while they were read: its going is another change.
      return;
    }
    for (const path of watched.keys()) if (!there.has(path)) forget(path);
    for (const path of there) {
      if (watched.has(path)) continue;
      const watcher = watch(path, (event, name) => {
        // A folder may have come or gone.
        if (event === "rename") look();
        changed(name);
      });
      watcher.on("error", () => forget(path));
      watched.set(path, watcher);
    }
  };
  look();
}
