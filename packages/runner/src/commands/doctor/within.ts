/**
 * The work's result, or the reason of whichever signal ends first: also for work that takes no signal, which
 * then goes on unseen.
 */
export async function within<Result>(
  work: Promise<Result>,
  ...signals: readonly AbortSignal[]
): Promise<Result> {
  const signal = AbortSignal.any([...signals]);
  const finished = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true, signal: finished.signal });
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    finished.abort();
    // Nobody is left to hear how it ends.
    work.catch(() => undefined);
  }
}
