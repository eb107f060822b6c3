/** How often a doubtful response is requested again before it is accepted. */
const maxRepeats = 2;

/** Patience with answers that are strange but possible. One for each question. */
export interface RepeatedReading {
  /** Whether to request it again; `false` when that was done often enough. */
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
