import { type CredentialSummary, type RunResult, systemClock, type TitanSync } from "@titan-sync/core";
import { barsView } from "../output/progress/bars-view.js";
import { plainView } from "../output/progress/plain-view.js";
import type { ExpectedRows } from "../output/progress/progress-view.js";
import { styleFor } from "../output/style.js";
import { writeLine } from "../output/write.js";
import { type CommandContext, isTerminal } from "../program/context.js";

/** What a person sees of the demonstration. */
export interface DemoOutput {
  title(text: string): Promise<void>;
  say(text: string): Promise<void>;
  /**
   * Runs a sync with a bar for each feed, or with plain lines where there is no terminal.
   * @throws what refused the run.
   */
  sync(params: {
    readonly titan: TitanSync;
    readonly credential: CredentialSummary;
    readonly fresh: boolean;
    readonly expected: ExpectedRows;
  }): Promise<RunResult>;
}

export function demoOutput({ stdout, environment, signal }: CommandContext): DemoOutput {
  const style = styleFor(stdout, environment);
  return {
    title: (text) => writeLine(stdout, `\n${style(["bold", "cyan"], text)}\n`),
    say: (text) => writeLine(stdout, text.replace(/^(?=.)/gm, "  ")),

    async sync({ titan, credential, fresh, expected }) {
      const clock = systemClock;
      const view = isTerminal(stdout)
        ? barsView({ stream: stdout, style, clock, expected })
        : plainView(stdout, clock);
      try {
        const run = await titan.sync({
          credentialId: credential.id,
          data: "both",
          fresh,
          actor: "demo",
          signal,
        });
        const report = view.follow(null);
        for await (const event of run.events()) await report(event);
        return await run.result;
      } finally {
        view.close();
        await writeLine(stdout);
      }
    },
  };
}
