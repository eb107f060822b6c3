/** How far each run has come in the pieces of its work. */
export class RunPlaces {
  readonly #runs = new Map<string, Map<string, string>>();

  keep(runId: string, work: string, place: string): void {
    const places = this.#runs.get(runId) ?? new Map<string, string>();
    this.#runs.set(runId, places.set(work, place));
  }

  of(runId: string): ReadonlyMap<string, string> {
    return new Map(this.#runs.get(runId));
  }

  forget(runId: string): void {
    this.#runs.delete(runId);
  }
}
