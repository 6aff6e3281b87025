const view = new DataView(new ArrayBuffer(8));

/** x = mantissa·2^exponent, x finite. */
function parts(x: number): { mantissa: bigint; exponent: number } {
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = biased === 0 ? fraction : fraction | 0x10000000000000n;
  return { mantissa: x < 0 ? -mantissa : mantissa, exponent: Math.max(biased, 1) - 1075 };
}

const ONE = 1n << 1074n;

/** |got − wanted| in units of the last place of `wanted`, a decimal of any length; exact, in big integers. */
export function ulps(got: number, wanted: string): number {
  const nearest = Number(wanted);
  if (Object.is(got, nearest) && !Number.isFinite(nearest)) return 0;
  if (!Number.isFinite(nearest) || !Number.isFinite(got)) return Number.POSITIVE_INFINITY;
  const [, sign, whole, fraction = "", power = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(wanted) ?? [];
  const digits = BigInt(sign + whole + fraction);
  const tens = Number(power) - fraction.length;
  const down = 10n ** BigInt(Math.max(0, -tens));
  const { mantissa, exponent } = parts(got);
  const gotScaled =
    mantissa * (ONE >> BigInt(Math.max(0, -exponent))) * (1n << BigInt(Math.max(0, exponent))) * down;
  const wantedScaled = digits * 10n ** BigInt(Math.max(0, tens)) * ONE;
  const gap = gotScaled > wantedScaled ? gotScaled - wantedScaled : wantedScaled - gotScaled;
  const last = parts(nearest).exponent;
  const unit = (last > 0 ? ONE << BigInt(last) : ONE >> BigInt(-last)) * down;
  return Number((gap * 1048576n) / unit) / 1048576;
}
