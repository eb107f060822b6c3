import { inspect } from "node:util";

const redacted = "[redacted]";

/**
 * Holds a secret so that it cannot be printed by accident: logging it, putting it into a template or into JSON gives
 * `[redacted]`. Only {@link Secret.reveal} returns it.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The secret itself. Call it where the secret is used, never earlier. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }

  [inspect.custom](): string {
    return redacted;
  }
}
