/** What a memory storage is to those that keep rows about its credentials elsewhere in memory. */
export class MemoryDatabase {
  readonly hasCredential: (id: string) => boolean;
  readonly #removalListeners = new Set<(credentialId: string) => void>();

  constructor(hasCredential: (id: string) => boolean) {
    this.hasCredential = hasCredential;
  }

  whenCredentialRemoved(listener: (credentialId: string) => void): void {
    this.#removalListeners.add(listener);
  }

  credentialRemoved(credentialId: string): void {
    for (const listener of this.#removalListeners) listener(credentialId);
  }
}
