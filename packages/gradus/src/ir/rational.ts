/** Most bits that a power may have: `9^(9^9)` is refused at once. */
const MOST_BITS = 65_536;

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** Bits of |x|. */
export function bitLength(x: bigint): number {
  const hex = (x < 0n ? -x : x).toString(16);
  return hex.length * 4 - Math.clz32(Number.parseInt(hex[0], 16)) + 28;
}

/** An exact fraction n/d in lowest terms, d > 0. Immutable. */
export class Rational {
  static readonly ZERO = new Rational(0n, 1n);
  static readonly ONE = new Rational(1n, 1n);
  readonly n: bigint;
  readonly d: bigint;

  /** Takes n and d as they are: lowest terms, d > 0. Elsewhere use `Rational.of`. */
  private constructor(n: bigint, d: bigint) {
    this.n = n;
    this.d = d;
  }

  /** n/d in lowest terms. */
  static of(n: bigint | number, d: bigint | number = 1n): Rational {
    let [a, b] = [BigInt(n), BigInt(d)];
    if (b === 0n) throw new RangeError(`${a}/0: division by zero`);
    if (b < 0n) [a, b] = [-a, -b];
    if (b === 1n) return new Rational(a, b);
    const g = gcd(a, b);
    return g === 1n ? new Rational(a, b) : new Rational(a / g, b / g);
  }

  /** The exact value of a float, or of a decimal such as "1.5e-3". */
  static from(value: number | bigint | string): Rational {
    if (typeof value === "bigint") return new Rational(value, 1n);
    if (typeof value === "string") return fromDecimal(value);
    if (!Number.isFinite(value)) throw new RangeError(`${value} is not a rational number`);
    if (Number.isInteger(value)) return new Rational(BigInt(value), 1n);
    let scaled = value;
    let shift = 0n;
    while (!Number.isInteger(scaled)) {
      scaled *= 2;
      shift++;
    }
    return Rational.of(BigInt(scaled), 1n << shift);
  }

  get isInteger(): boolean {
    return this.d === 1n;
  }

  get isZero(): boolean {
    return this.n === 0n;
  }

  get isOne(): boolean {
    return this.n === 1n && this.d === 1n;
  }

  /** −1, 0 or 1. */
  get sign(): number {
    return this.n > 0n ? 1 : this.n < 0n ? -1 : 0;
  }

  add(o: Rational): Rational {
    if (this.d === 1n && o.d === 1n) return new Rational(this.n + o.n, 1n);
    return Rational.of(this.n * o.d + o.n * this.d, this.d * o.d);
  }

  sub(o: Rational): Rational {
    return this.add(o.neg());
  }

  mul(o: Rational): Rational {
    if (this.d === 1n && o.d === 1n) return new Rational(this.n * o.n, 1n);
    return Rational.of(this.n * o.n, this.d * o.d);
  }

  div(o: Rational): Rational {
    return Rational.of(this.n * o.d, this.d * o.n);
  }

  neg(): Rational {
    return new Rational(-this.n, this.d);
  }

  abs(): Rational {
    return this.n < 0n ? this.neg() : this;
  }

  inverse(): Rational {
    return Rational.of(this.d, this.n);
  }

  /** A whole power; throws a RangeError where the result would be too long to be of use. */
  pow(exponent: number): Rational {
    if (!Number.isInteger(exponent)) throw new RangeError(`${exponent} is not a whole exponent`);
    const k = Math.abs(exponent);
    if (k * Math.max(bitLength(this.n), bitLength(this.d)) > MOST_BITS && !this.abs().isOne && !this.isZero) {
      throw new RangeError(`${this}^${exponent} has too many digits to be worked out exactly`);
    }
    const power = new Rational(this.n ** BigInt(k), this.d ** BigInt(k));
    return exponent < 0 ? power.inverse() : power;
  }

  compare(o: Rational): number {
    const [a, b] = [this.n * o.d, o.n * this.d];
    return a < b ? -1 : a > b ? 1 : 0;
  }

  equals(o: Rational): boolean {
    return this.n === o.n && this.d === o.d;
  }

  /** The nearest float, halves to even; ±Infinity past the range. */
  toNumber(): number {
    if (this.d === 1n) return Number(this.n);
    if (this.n < 0n) return -this.neg().toNumber();
    // 54 or 55 bits of quotient, fewer below the normal range, with a sticky bit: one rounding in all.
    let shift = 55 - (bitLength(this.n) - bitLength(this.d));
    shift = Math.min(shift, 1076);
    const [n, d] = shift >= 0 ? [this.n << BigInt(shift), this.d] : [this.n, this.d << BigInt(-shift)];
    const quotient = n / d;
    const sticky = n % d === 0n ? quotient : quotient | 1n;
    return scaled(sticky, shift);
  }

  /** As a decimal, where that is exact and shorter than a long fraction: 0.001, 1.0507009873554805, but 1/32768. */
  toDecimal(): string | undefined {
    if (this.d < LONG) return undefined;
    let [rest, digits] = [this.d, 0];
    for (; rest % 10n === 0n; digits++) rest /= 10n;
    for (; rest % 5n === 0n; digits++) rest /= 5n;
    for (; rest % 2n === 0n; digits++) rest /= 2n;
    if (rest !== 1n) return undefined;
    const all = String((this.abs().n * 10n ** BigInt(digits)) / this.d).padStart(digits + 1, "0");
    const text = `${this.sign < 0 ? "-" : ""}${all.slice(0, -digits)}.${all.slice(-digits)}`;
    return text.length < this.toString().length ? text : undefined;
  }

  toString(): string {
    return this.d === 1n ? `${this.n}` : `${this.n}/${this.d}`;
  }
}

/** Shorter denominators read well as fractions. */
const LONG = 1000n;

/** bits·2^−shift, where bits has at most 56 bits, rounded once. */
function scaled(bits: bigint, shift: number): number {
  const extra = Math.max(bitLength(bits) - 53, shift - 1074);
  if (extra <= 0) return times2(Number(bits), -shift);
  const e = BigInt(extra);
  const low = bits & ((1n << e) - 1n);
  const half = 1n << (e - 1n);
  let top = bits >> e;
  if (low > half || (low === half && (top & 1n) === 1n)) top += 1n;
  return times2(Number(top), extra - shift);
}

/** x·2^e in steps that are exact. */
export function times2(x: number, e: number): number {
  if (e > 1000) return x * 2 ** 1000 * 2 ** (e - 1000);
  if (e < -1000) return x * 2 ** (e + 1000) * 2 ** -1000;
  return x * 2 ** e;
}

const LONGEST_EXPONENT = 10_000;

function fromDecimal(text: string): Rational {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text.trim());
  if (!match || (!match[2] && !match[3])) throw new RangeError(`"${text}" is not a number`);
  const exponent = Number(match[4] ?? 0) - (match[3]?.length ?? 0);
  if (Math.abs(exponent) > LONGEST_EXPONENT) {
    throw new RangeError(
      `${text}: an exponent beyond ${LONGEST_EXPONENT} is too large to be worked out exactly`,
    );
  }
  const digits = BigInt((match[2] ?? "") + (match[3] ?? ""));
  const n = match[1] === "-" ? -digits : digits;
  return exponent >= 0 ? Rational.of(n * 10n ** BigInt(exponent)) : Rational.of(n, 10n ** BigInt(-exponent));
}
