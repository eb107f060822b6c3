import type { CommandContext } from "../program/context.js";
import { inputOf, type TextStream, textStream } from "./text-stream.js";

export interface TestContext extends CommandContext {
  readonly stdout: TextStream;
  readonly stderr: TextStream;
}

/** A world without terminal, with nothing on standard input. */
export function testContext(given: Partial<CommandContext> = {}): TestContext {
  return {
    environment: {},
    workingDirectory: "/nowhere",
    stdin: inputOf(""),
    signal: new AbortController().signal,
    ...given,
    stdout: textStream(),
    stderr: textStream(),
  };
}
