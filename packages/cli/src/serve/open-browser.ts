import { spawn } from "node:child_process";

/** Opens an address where there is a screen; elsewhere the printed line must do. */
export function openBrowser(url: string): void {
  const { platform, env, stdout } = process;
  if (!stdout.isTTY || env.CI || env.SSH_CONNECTION) return;
  const command =
    platform === "darwin"
      ? "open"
      : platform === "win32"
        ? "explorer"
        : env.DISPLAY || env.WAYLAND_DISPLAY
          ? "xdg-open"
          : "";
  if (!command) return;
  spawn(command, [url], { stdio: "ignore", detached: true })
    .on("error", () => {})
    .unref();
}
