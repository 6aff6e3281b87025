import fc from "fast-check";
import { at, gather, grad, mean, pow, sigmoid, sum, type Tensor, tanh, tensor } from "gradus";
import {
  adam,
  applyUpdate,
  chain,
  clipByNorm,
  cosineSchedule,
  gradientDescent,
  miniBatches,
  momentum,
  type Optimizer,
  trainStep,
} from "gradus/optimize";
import { afterEach, describe, expect, it, vi } from "vitest";

interface Neuron {
  readonly w: Tensor;
  readonly b: Tensor;
}
const neuronLoss = ({ w, b }: Neuron, x: Tensor, y: Tensor): Tensor =>
  mean(pow(y.sub(sigmoid(x.dot(w).add(b))), 2)).mul(0.5);

/** Rows of three measurements; the label is on which side of a plane they lie. */
function table(rows: number, dtype: "f32" | "f64" = "f64") {
  const x = Array.from({ length: rows }, (_, i) => [1, 2, 3].map((k) => Math.sin(k * 12.9898 * (i + 1))));
  const y = x.map(([a, b, c]) => (a - 2 * b + 0.5 * c > 0.1 ? 1 : 0));
  return { x: tensor(x, dtype), y: tensor(y, dtype) };
}
const start = (): Neuron => ({ w: tensor([0.1, -0.2, 0.3]), b: tensor(0.05) });

afterEach(() => vi.unstubAllGlobals());

describe("trainStep", () => {
  it.each([
    ["gradient descent", gradientDescent(0.5)],
    ["momentum on a schedule", momentum(cosineSchedule(0.3, 20))],
    ["clipped Adam", chain(clipByNorm(0.05), adam(0.02))],
  ] as [string, Optimizer][])("%s: the same steps as grad and update by hand", (_, optimizer) => {
    const data = table(50);
    const step = trainStep(neuronLoss, start(), optimizer);
    let p = start();
    let state = optimizer.init(p);
    for (let epoch = 0; epoch < 3; epoch++)
      for (const { x, y } of miniBatches(data, 16, { seed: epoch })) {
        const before = neuronLoss(p, x, y).item();
        const done = optimizer.update(grad((q: Neuron) => neuronLoss(q, x, y))(p) as Neuron, state, p);
        p = applyUpdate(p, done.update);
        state = done.state;
        expect(step(x, y)).toBeCloseTo(before, 14);
        expect(step.parameters.w.toArray()).toEqual(
          (p.w.toArray() as number[]).map((v) => expect.closeTo(v, 14)),
        );
        expect(step.parameters.b.item()).toBeCloseTo(p.b.item(), 14);
      }
  });

  it("is traced once for each shape of a batch", () => {
    let calls = 0;
    const step = trainStep(
      (p: Neuron, x: Tensor, y: Tensor) => {
        calls++;
        return neuronLoss(p, x, y);
      },
      start(),
      adam(0.01),
    );
    const data = table(40);
    for (let epoch = 0; epoch < 5; epoch++)
      for (const { x, y } of miniBatches(data, 16, { seed: epoch })) step(x, y);
    expect(calls).toBe(2);
    expect(step.explain().match(/engine: javascript/g)?.length).toBe(2);
  });

  it.each(["f64", "f32"] as const)("allocates nothing that grows with network or data: %s", (dtype) => {
    const { x, y } = table(64, dtype);
    const layers = [
      {
        w: tensor(new Float64Array(24).map(Math.cos), dtype).reshape([3, 8]),
        b: tensor(new Float64Array(8), dtype),
      },
      { w: tensor(new Float64Array(8).map(Math.sin), dtype).reshape([8, 1]), b: tensor([0], dtype) },
    ];
    const network = (p: typeof layers, x: Tensor) =>
      p.reduce((h, { w, b }, i) => (i === 0 ? tanh(h.dot(w).add(b)) : sigmoid(h.dot(w).add(b))), x);
    const step = trainStep(
      (p: typeof layers, x: Tensor, y: Tensor) => mean(pow(network(p, x).reshape([64]).sub(y), 2)),
      layers,
      adam(0.05),
    );
    const first = step(x, y);
    step(x, y);
    const made: number[] = [];
    for (const type of [Float64Array, Float32Array, Int32Array])
      vi.stubGlobal(
        type.name,
        new Proxy(type, {
          construct(target, args, self) {
            const array = Reflect.construct(target, args, self) as Float64Array;
            if (array.buffer !== args[0]) made.push(array.length);
            return array;
          },
        }),
      );
    for (let i = 0; i < 200; i++) step(x, y);
    vi.unstubAllGlobals();
    expect(made.filter((length) => length > 1)).toEqual([]);
    expect(step(x, y)).toBeLessThan(first / 5);
    expect(step.parameters[0].w.dtype).toBe(dtype);
    expect(step.parameters[0].w.shape).toEqual([3, 8]);
  });

  it("rows of closed-over data by their numbers: typed arrays are read where they lie", () => {
    const { x, y } = table(50);
    const step = trainStep(
      (p: Neuron, rows: Tensor) => neuronLoss(p, gather(x, rows), gather(y, rows)),
      start(),
      gradientDescent(0.5),
    );
    const same = trainStep(neuronLoss, start(), gradientDescent(0.5));
    const rows = Int32Array.from({ length: 50 }, (_, i) => i);
    const batches = miniBatches({ x, y }, 10, { seed: 7 });
    for (const part of miniBatches(rows, 10, { seed: 7 })) {
      const { x, y } = batches.next().value as { x: Tensor; y: Tensor };
      expect(step(part)).toBe(same(x, y));
    }
    const before = step.parameters.w.toArray();
    expect(() => step(Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 50))).toThrow(/index 50/);
    expect(step.parameters.w.toArray()).toEqual(before);
  });

  it("a batch given again is read as it is then: arrays that changed in place, records with other arrays", () => {
    const still = () => gradientDescent(1e-12);
    const ofArray = trainStep((p: { w: Tensor }, x: Tensor) => sum(x.mul(p.w)), { w: 1 }, still());
    const x = Float64Array.of(1, 2);
    expect(ofArray(x)).toBeCloseTo(3, 9);
    x[0] = 5;
    expect(ofArray(x)).toBeCloseTo(7, 9);
    const ofRecord = trainStep((p: { w: Tensor }, b: { x: Tensor }) => sum(b.x.mul(p.w)), { w: 1 }, still());
    const batch = { x };
    expect(ofRecord(batch)).toBeCloseTo(7, 9);
    batch.x = Float64Array.of(1, 1);
    expect(ofRecord(batch)).toBeCloseTo(2, 9);
  });

  it("numbers and typed arrays come back as they went in", () => {
    const step = trainStep(
      (p: { w: Tensor; b: Tensor }, x: Tensor, y: Tensor) => sum(pow(x.mul(p.w).add(p.b).sub(y), 2)),
      { w: Float64Array.of(1, 1), b: 0 },
      gradientDescent(0.1),
    );
    expect(step(Float64Array.of(1, 2), Float64Array.of(2, 2))).toBe(1);
    const { w, b } = step.parameters;
    // ∂/∂w = 2(wx + b − y)x = [−2, 0], ∂/∂b = −2.
    expect(w).toEqual(Float64Array.of(1.2, 1));
    expect(b).toBe(0.2);
    w[0] = 9;
    expect(step.parameters.w[0]).toBe(1.2);
  });

  it("a small dense network learns by mini-batches what one neuron cannot", () => {
    // Two rings around the origin, a quarter of the rows held out.
    const rows = Array.from({ length: 400 }, (_, i) => {
      const [angle, label] = [i * 2.399963, i % 2];
      const radius = (label === 1 ? 1.5 : 0.7) + 0.25 * Math.sin(37 * i);
      return { x: [radius * Math.cos(angle), radius * Math.sin(angle)], y: label };
    });
    const held = rows.filter((_, i) => i % 4 > 1 && i % 8 < 4);
    const train = rows.filter((r) => !held.includes(r));
    const tableOf = (part: typeof rows) => ({
      x: tensor(
        part.map((r) => r.x),
        "f32",
      ),
      y: tensor(
        part.map((r) => r.y),
        "f32",
      ),
    });
    const layer = (from: number, to: number) => ({
      w: tensor(Float32Array.from({ length: from * to }, (_, i) => Math.sin(7 * i + 1))).reshape([from, to]),
      b: tensor(new Float32Array(to)),
    });
    type Layers = ReturnType<typeof layer>[];
    const predict = (layers: Layers, x: Tensor) =>
      layers.reduce((h, { w, b }, i) => {
        const z = h.dot(w).add(b);
        return i < layers.length - 1 ? tanh(z) : sigmoid(z);
      }, x);
    const accuracy = (layers: Layers) => {
      const guesses = predict(layers, tableOf(held).x).toTypedArray();
      return held.filter((r, i) => Number(guesses[i] > 0.5) === r.y).length / held.length;
    };
    const trained = (layers: Layers) => {
      const step = trainStep(
        (p: Layers, x: Tensor, y: Tensor) => mean(pow(predict(p, x).reshape([-1]).sub(y), 2)),
        layers,
        adam(0.02),
      );
      for (let epoch = 0; epoch < 60; epoch++)
        for (const { x, y } of miniBatches(tableOf(train), 32, { seed: epoch })) step(x, y);
      return accuracy(step.parameters as Layers);
    };
    expect(trained([layer(2, 16), layer(16, 1)])).toBeGreaterThan(0.95);
    expect(trained([layer(2, 1)])).toBeLessThan(0.75);
  });

  it("goes on from a saved state", () => {
    const { x, y } = table(20);
    const whole = trainStep(neuronLoss, start(), adam(0.1));
    for (let i = 0; i < 5; i++) whole(x, y);
    const later = trainStep(neuronLoss, whole.parameters, adam(0.1), { state: whole.state });
    for (let i = 0; i < 5; i++) expect(later(x, y)).toBe(whole(x, y));
    expect(() => trainStep(neuronLoss, start(), momentum(0.1), { state: whole.state })).toThrow(
      /saved state/,
    );
  });

  it("an optimizer may remember the parameters themselves", () => {
    const remembers: Optimizer<{ last: unknown }> = {
      init: (p) => ({ last: p }),
      update: (g, _, p) => ({ update: applyUpdate(g, g), state: { last: p } }),
    };
    const step = trainStep((p: Tensor) => pow(p, 2), 1, remembers);
    expect([step(), step(), step()]).toEqual([1, 25, 625]);
    expect(step.state).toEqual({ last: 25 });
  });

  it("names a bad call", () => {
    const { x, y } = table(4);
    expect(() => trainStep(neuronLoss, { w: tensor([1, 2, 3], "i32"), b: tensor(0) }, adam())).toThrow(/i32/);
    expect(() => trainStep((_: Tensor[]) => 1, [], adam())).toThrow(/no parameters/);
    expect(() => trainStep(neuronLoss, start(), adam())(y, x)).toThrow(/3/);
    expect(() => trainStep((p: Neuron, x: Tensor) => x.dot(p.w), start(), adam())(x)).toThrow(/one scalar/);
    expect(() => trainStep((p: Tensor) => (p.item() > 0 ? p : p.neg()), 1, adam())()).toThrow(/use where/);
  });
});

describe("miniBatches", () => {
  const rowsOf = (batches: Iterable<{ a: Tensor; i: Int32Array }>) =>
    Array.from(batches).flatMap(({ a, i }) => Array.from(i, (v, k) => [v, at(a, k).toArray()]));
  it("an epoch has each row once, whole, in one order for one seed", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 45 }),
        fc.nat(),
        (n, size, seed) => {
          const a = tensor(Array.from({ length: n }, (_, i) => [i, 10 * i]));
          const i = Int32Array.from({ length: n }, (_, k) => k);
          const rows = rowsOf(miniBatches({ a, i }, size, { seed }));
          for (const [v, row] of rows) expect(row).toEqual([v, 10 * (v as number)]);
          expect(rows.map(([v]) => v).sort((p, q) => Number(p) - Number(q))).toEqual(Array.from(i));
          expect(rowsOf(miniBatches({ a, i }, size, { seed }))).toEqual(rows);
          expect(rowsOf(miniBatches({ a, i }, size)).map(([v]) => v)).toEqual(Array.from(i));
          const whole = [...miniBatches({ a, i }, size, { seed, dropLast: true })];
          expect(whole.length).toBe(Math.floor(n / size));
          for (const batch of whole) expect(batch.a.shape).toEqual([size, 2]);
        },
      ),
    );
  });
  it("names a bad call", () => {
    const first = (data: unknown, size = 2) => miniBatches(data, size).next();
    expect(() => first({ x: tensor([1, 2]), y: Float64Array.of(1) })).toThrow(/y has 1 rows, x has 2/);
    expect(() => first({ x: 3 })).toThrow(/x is a number/);
    expect(() => first([])).toThrow(/no tensors/);
    expect(() => first(tensor([1, 2]), 0)).toThrow(/positive whole number, got 0/);
  });
});
