declare module "@bcoe/v8-coverage" {
  interface ScriptCoverage {
    readonly scriptId: string;
    readonly url: string;
    readonly functions: {
      readonly functionName: string;
      readonly isBlockCoverage: boolean;
      readonly ranges: { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
    }[];
  }
  /** Adds up what several processes ran. Changes its parameters. */
  export function mergeProcessCovs(processes: readonly { result: ScriptCoverage[] }[]): {
    result: ScriptCoverage[];
  };
}
