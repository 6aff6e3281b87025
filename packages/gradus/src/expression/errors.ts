/** A mistake in written maths: where it is, and how to mend it. */
export class MathSyntaxError extends Error {
  override name = "MathSyntaxError";
  readonly source: string;
  /** Offset in the source, in UTF-16 units. */
  readonly position: number;

  constructor(message: string, source: string, position: number) {
    super(`${message} (at character ${position + 1})`);
    this.source = source;
    this.position = position;
  }

  /** The line with a caret under the place. */
  show(): string {
    const from = this.source.lastIndexOf("\n", this.position - 1) + 1;
    const end = this.source.indexOf("\n", this.position);
    const line = this.source.slice(from, end < 0 ? undefined : end);
    const column = this.position - from;
    const start = Math.max(0, column - 40);
    return `${line.slice(start, start + 80)}\n${" ".repeat(column - start)}^`;
  }
}

/** Well-written maths that means nothing: an unknown name, shapes that do not fit. */
export class MathError extends Error {
  override name = "MathError";
}
