/** How often a doubtful answer is asked for again before it is believed. */
const maxRepeats = 2;

/** Patience with answers that are strange but possible. One for each question. */
export interface RepeatedReading {
  /** Whether to ask again; `false` when that was done often enough. */
  again(): boolean;
}

export function createRepeatedReading(): RepeatedReading {
  let repeats = 0;
  return {
    again() {
      repeats += 1;
      return repeats <= maxRepeats;
    },
  };
}
