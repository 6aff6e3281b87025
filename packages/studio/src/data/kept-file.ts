/** The file that a person dropped in, kept in this tab alone: a reload finds it again, no one else does. */
const KEY = "gradus-csv";

export function keepFile(text: string): void {
  try {
    sessionStorage.setItem(KEY, text);
  } catch {
    // Too large, or storage is refused: the file has to be chosen again after a reload.
    forgetFile();
  }
}

export function keptFile(): string | undefined {
  try {
    return sessionStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

function forgetFile(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing is kept where storage is refused.
  }
}
