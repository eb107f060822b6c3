import type { RetryAfterForm } from "../api/throttled.js";
import type { SimulatedFeed } from "../feeds.js";

/** The parts of the API that a fault can be aimed at. */
export type FaultEndpoint = "token" | "export" | "list" | "item";

/** What goes wrong. */
export type FaultEffect =
  /** An error response from anywhere between the caller and the API. */
  | {
      readonly kind: "status";
      readonly status: number;
      /** `oauth` is what a token endpoint says of a client that it does not know. @defaultValue "problem" */
      readonly body?: "html" | "problem" | "oauth" | "empty" | undefined;
      /** Of the problem. */
      readonly title?: string | undefined;
      readonly headers?: Readonly<Record<string, string>> | undefined;
    }
  /** 429, though the limit is not reached. */
  | {
      readonly kind: "throttle";
      /** @defaultValue "seconds" */
      readonly retryAfter?: RetryAfterForm | undefined;
      /** @defaultValue 1 */
      readonly seconds?: number | undefined;
    }
  /** The connection is reset without an answer. */
  | { readonly kind: "reset" }
  /** Nothing is ever sent; the caller has to give up. */
  | { readonly kind: "hang" }
  /** The response arrives late, complete and correct. */
  | { readonly kind: "latency"; readonly ms: number }
  /** The connection ends within the body, of which the given share (default half) is sent. */
  | { readonly kind: "cut-body"; readonly share?: number | undefined }
  /** A complete response whose JSON ends in the middle. */
  | { readonly kind: "cut-json"; readonly share?: number | undefined }
  /**
   * The previous page is returned again: with its own token or page number, so that a retry helps; or, with
   * `advance`, under those of the expected page, whose rows are lost to a reader that does not notice.
   * Never affects a first page.
   */
  | { readonly kind: "repeat-page"; readonly advance?: boolean | undefined }
  /**
   * Exports only: the right rows, `hasMore`, and the token that was sent. Never affects a request without
   * one.
   */
  | { readonly kind: "stuck-token" }
  /** No rows, but `hasMore`; an export's token is another one for the same place. */
  | { readonly kind: "empty-page" }
  /** The access token becomes invalid before it expires; the next one is valid. */
  | { readonly kind: "revoked-token" }
  /** Exports only: 400 for the token in `from`. Never hits a request without one. */
  | { readonly kind: "refused-cursor" }
  /** 403, as if the app had lost the scope. */
  | { readonly kind: "missing-scope" };

/** Which requests a fault can hit; what is left out matches all. */
export interface FaultMatch {
  readonly feed?: SimulatedFeed | undefined;
  readonly endpoint?: FaultEndpoint | undefined;
  readonly tenantId?: string | undefined;
  /** Tested against the path, without the query. */
  readonly path?: RegExp | undefined;
}

/** A fault to inject. */
export interface Fault extends FaultMatch {
  readonly effect: FaultEffect;
  /** Hits the n-th matching request, from 1, and those after it as far as `times` goes (default 1 then). */
  readonly nth?: number | undefined;
  /**
   * The share of matching requests that is hit, by the simulator's seeded chance.
   *
   * @defaultValue 1
   */
  readonly probability?: number | undefined;
  /**
   * How often it occurs before it is used up.
   *
   * @defaultValue no limit, or once if `nth` is given
   */
  readonly times?: number | undefined;
}

/** A fault at work. */
export interface InjectedFault {
  /** How often it has hit. */
  hits(): number;
  remove(): void;
}

/** Makes things go wrong. */
export interface Faults {
  /** The first injected fault that hits a request wins; delays add up. */
  inject(fault: Fault): InjectedFault;
  clear(): void;
}
