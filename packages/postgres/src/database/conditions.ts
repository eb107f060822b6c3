/** Collects conditions and the values they are about, numbering the parameters. */
export class Conditions {
  readonly values: unknown[];
  readonly #parts: string[] = [];

  /** @param values - bound before the first condition. */
  constructor(values: readonly unknown[] = []) {
    this.values = [...values];
  }

  /**
   * Adds a condition unless its value is `undefined`.
   * @param write - returns the condition's text for the parameter's name.
   */
  add(value: unknown, write: (parameter: string) => string): this {
    if (value !== undefined) this.#parts.push(write(this.bind(value)));
    return this;
  }

  /** Adds a condition about several values, unless there are none. */
  addAll(values: readonly unknown[] | null, write: (...parameters: string[]) => string): this {
    if (values !== null) this.#parts.push(write(...values.map((value) => this.bind(value))));
    return this;
  }

  /** Binds a value and returns its parameter's name. */
  bind(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  /** ` WHERE …`, or nothing when nothing was added. */
  get where(): string {
    return this.#parts.length === 0 ? "" : ` WHERE ${this.#parts.join(" AND ")}`;
  }
}
