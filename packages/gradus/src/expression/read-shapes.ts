import { MathError } from "./errors.ts";

interface GivenShapes {
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** What each letter stands for. */
  readonly sizes: ReadonlyMap<string, number>;
}

const PRIMES = [13, 17, 19, 23, 29, 31, 37, 41, 43, 47];

/** Primes that no number of a text holds as a factor: where one turns up in a result, it is the size. */
export function sizesApartFrom(source: string): readonly number[] {
  const numbers = [...source.matchAll(/\d[\d.]*/g)].map(([n]) => BigInt(n.replaceAll(".", "").slice(0, 40)));
  return PRIMES.filter((p) => numbers.every((n) => n === 0n || n % BigInt(p) !== 0n));
}

/** Reads `X=m×n, w=n, y=3`; a letter stands for the next of the free sizes. */
export function readShapes(text: string, free: readonly number[]): GivenShapes {
  const shapes = new Map<string, number[]>();
  const sizes = new Map<string, number>();
  const sizeOf = (size: string): number => {
    if (/^\d+$/.test(size)) return Number(size);
    if (!/^[A-Za-z]$/.test(size)) throw new MathError(`the size ${size} must be a letter or a whole number`);
    const known = sizes.get(size) ?? free[sizes.size];
    if (known === undefined) throw new MathError(`at most ${free.length} letters`);
    sizes.set(size, known);
    return known;
  };
  for (const part of text.split(",")) {
    const match = /^\s*([^\s=]+)\s*=\s*([\w×x*]+)\s*$/u.exec(part);
    if (!match) throw new MathError(`${part.trim()} is not a shape: write X=m×n,w=n (or X=3x2)`);
    shapes.set(match[1], match[2].split(/[×*]|(?<=[\w])x(?=[\w])/u).map(sizeOf));
  }
  return { shapes, sizes };
}
