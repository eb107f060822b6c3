import type { PageRow } from "./page-row.js";
import { parseExactly } from "./parse-exactly.js";

/** Where a row's text is. */
export interface RowSpan {
  readonly start: number;
  /** Behind it. */
  readonly end: number;
}

/** The rows of an answer, as long as they are needed. */
export interface ReceivedRows {
  readonly rows: readonly PageRow[];
  /**
   * Frees everything but the number of rows, whoever still holds them: neither their texts nor their values can be
   * read any more. May be called twice.
   */
  release(): void;
}

/**
 * Rows whose texts stay where they were received: a text is made each time that it is asked for.
 *
 * @param bytes - In UTF-8. If they fill their `ArrayBuffer`, releasing the rows frees its memory.
 * @throws SyntaxError for a row that is not valid JSON.
 */
export function receiveRows(bytes: Buffer, spans: readonly RowSpan[]): ReceivedRows {
  const page = new Page(bytes, spans);
  return { rows: spans.map((_, index) => new ReceivedRow(page, index)), release: () => page.release() };
}

class ReceivedRow implements PageRow {
  readonly #page: Page;
  readonly #index: number;

  constructor(page: Page, index: number) {
    this.#page = page;
    this.#index = index;
  }

  get text(): string {
    return this.#page.textOf(this.#index);
  }

  get value(): unknown {
    return this.#page.valueOf(this.#index);
  }
}

class Page {
  #held: {
    readonly bytes: Buffer;
    readonly spans: readonly RowSpan[];
    readonly values: readonly unknown[];
  } | null;

  constructor(bytes: Buffer, spans: readonly RowSpan[]) {
    const values = spans.map((span) => parseExactly(textIn(bytes, span)));
    this.#held = { bytes, spans, values };
  }

  textOf(index: number): string {
    const { bytes, spans } = this.#require();
    return textIn(bytes, spans[index]);
  }

  valueOf(index: number): unknown {
    return this.#require().values[index];
  }

  release(): void {
    const bytes = this.#held?.bytes;
    this.#held = null;
    // Garbage collection, which looks at the heap, would let the memory of many pages pile up outside of it.
    if (bytes?.byteLength === bytes?.buffer.byteLength)
      (bytes?.buffer as ArrayBuffer | undefined)?.transfer(0);
  }

  #require() {
    if (this.#held === null) throw new Error("The page of this row was released.");
    return this.#held;
  }
}

function textIn(bytes: Buffer, span: RowSpan | undefined): string {
  return bytes.toString("utf8", span?.start, span?.end);
}
