/** How often a doubtful answer is asked for again before it is believed. */
const mostDoubts = 2;

/** Patience with answers that are strange but possible. One for each question. */
export interface Doubt {
  /** Whether to ask again; `false` when that was done often enough. */
  again(): boolean;
}

export function createDoubt(): Doubt {
  let doubts = 0;
  return {
    again() {
      doubts += 1;
      return doubts <= mostDoubts;
    },
  };
}
