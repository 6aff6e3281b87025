import { asDefault, type Fields, readAddress, type Value, writeAddress } from "./address.ts";
import { complete } from "./first.ts";

interface Moment {
  readonly view: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Changes of one field that follow within this time are one step to undo: a drag, a word typed. */
const ONE_STEP = 700;
const MOST_STEPS = 200;

/** The one state of the page. It is what the address says, and nothing else is. */
class Store {
  view = $state("");
  fields = $state.raw<Readonly<Record<string, string>>>({});
  private past = $state.raw<readonly Moment[]>([]);
  private future = $state.raw<readonly Moment[]>([]);
  private last = { name: "", at: 0 };

  constructor() {
    this.read();
    addEventListener("hashchange", () => {
      if (location.hash === this.address) return;
      this.remember("");
      this.read();
    });
  }

  get address(): string {
    return writeAddress(this.view, this.fields);
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  /** Several fields at once, one step to undo. */
  set(changes: Readonly<Record<string, Value>>, defaults: Fields): void {
    const next = { ...this.fields };
    for (const [name, value] of Object.entries(changes)) {
      if (value === defaults[name]) delete next[name];
      else next[name] = String(value);
    }
    this.remember(Object.keys(changes).join());
    this.fields = next;
    this.write();
  }

  go(view: string): void {
    if (view === this.view) return;
    this.remember("");
    this.view = view;
    this.write();
  }

  undo(): void {
    this.travel("past", "future");
  }

  redo(): void {
    this.travel("future", "past");
  }

  private travel(from: "past" | "future", to: "past" | "future"): void {
    const moment = this[from].at(-1);
    if (!moment) return;
    this[to] = [...this[to], { view: this.view, fields: this.fields }];
    this[from] = this[from].slice(0, -1);
    this.view = moment.view;
    this.fields = moment.fields;
    this.last = { name: "", at: 0 };
    this.write();
  }

  /**
   * Several changes as one step to undo: an example that sets fields of the view and shared ones. By the name of a field,
   * also one with what soon follows in that field: the first move of a drag.
   */
  together(changes: () => void, field = ""): void {
    this.remember(field);
    this.held = true;
    try {
      changes();
    } finally {
      this.held = false;
    }
  }

  private held = false;

  private remember(name: string): void {
    if (this.held) return;
    const now = performance.now();
    const same = name !== "" && name === this.last.name && now - this.last.at < ONE_STEP;
    this.last = { name, at: now };
    if (same) return;
    this.past = [...this.past.slice(-MOST_STEPS + 1), { view: this.view, fields: this.fields }];
    this.future = [];
  }

  private read(): void {
    const { view, fields } = readAddress(location.hash);
    this.view = view;
    this.fields = complete(view, fields);
  }

  // A drag would write a hundred times a second, which browsers refuse: after the first change, at rest.
  private pending: ReturnType<typeof setTimeout> | undefined;
  private changed = Number.NEGATIVE_INFINITY;
  private write(): void {
    clearTimeout(this.pending);
    const now = performance.now();
    const rested = now - this.changed > ONE_STEP;
    this.changed = now;
    const put = (): void => history.replaceState(null, "", this.address);
    if (rested) put();
    else this.pending = setTimeout(put, 120);
  }
}

export const store = new Store();

/**
 * Fields of the state, read and written as properties: `const s = fields("taylor", { order: 4 }); s.order = 5`.
 * Without a view they are shared by all views.
 */
export function fields<D extends Record<string, Value>>(view: string, defaults: D): Writable<D> {
  const named = (name: string) => (view ? `${view}.${name}` : name);
  const whole = Object.fromEntries(Object.entries(defaults).map(([k, v]) => [named(k), v]));
  const target = { set: (changes: Partial<Record<string, Value>>) => write(changes) };
  const write = (changes: Partial<Record<string, Value>>) =>
    store.set(Object.fromEntries(Object.entries(changes).map(([k, v]) => [named(k), v as Value])), whole);
  for (const name of Object.keys(defaults)) {
    // Derived each by itself: what hangs on one field is not worked out anew when another changes.
    const value = $derived(asDefault(store.fields[named(name)], defaults[name]));
    Object.defineProperty(target, name, {
      get: () => value,
      set: (value: Value) => write({ [name]: value }),
    });
  }
  return target as Writable<D>;
}

/** Literal types of defaults are widened: an order of 4 may become 5. */
type Widened<T> = T extends string ? string : T extends number ? number : boolean;
type Writable<D> = { -readonly [K in keyof D]: Widened<D[K]> } & {
  set(changes: { [K in keyof D]?: Widened<D[K]> }): void;
};

/** What all views look at: a function, the variable that it is looked at along, and a value for each variable. */
export const shared = fields("", { f: "", wrt: "", point: "", theme: "" });
