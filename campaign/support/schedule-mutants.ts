import type { Mutant } from "./mutant.js";

const folder = "packages/core/src/schedules";
const starts = `${folder}/first-start-after.test.ts`;
const manager = `${folder}/schedule-manager.test.ts`;

/** Against what decides when a schedule starts. */
export const scheduleMutants: readonly Mutant[] = [
  {
    mistake: "one schedule that cannot be read makes every list fail",
    file: "packages/core/src/schedules/schedule-json.ts",
    original: "next: problem === null ?",
    replacement: "next: problem !== undefined ?",
    test: {
      file: "packages/core/src/schedules/schedule-problem.test.ts",
      title: "says why and what to do: a time zone",
    },
  },
  {
    mistake: "a credential whose schedule cannot be read counts as fresh",
    file: "packages/core/src/status/judge-credential.ts",
    original: "if (problem !== null) return {",
    replacement: "if (problem !== null) return null;\n    if (problem !== null) return {",
    test: {
      file: "packages/core/src/status/judge-credential.test.ts",
      title: "when its schedule cannot be read",
    },
  },
  {
    mistake: "a credential whose feed repeats a page counts as fresh",
    file: "packages/core/src/status/judge-credential.ts",
    original: "if (uncertain.length > 0) {",
    replacement: "if (uncertain.length > 99) {",
    test: {
      file: "packages/core/src/status/judge-credential.test.ts",
      title: "was fresh although ServiceTitan had repeated a page in every sync, and nothing had arrived",
    },
  },
  {
    mistake: "a scheduler that is suspended in its turn holds up all others",
    file: "packages/postgres/src/storage/claim-starts.ts",
    original: "database.transaction(work, { longestIdleMs: longestTurnMs })",
    replacement: "database.transaction(work)",
    test: {
      file: "packages/postgres/src/storage/claim-starts.integration.test.ts",
      title: "a scheduler that froze in its turn kept all others from starting anything for two minutes",
    },
  },
  {
    mistake: "a fixed time in a repeated hour comes twice",
    file: `${folder}/zone-clock.ts`,
    original: "return Math.max(time + offset, before.until - 1 + before.offset);",
    replacement: "return Math.max(time + offset, before.until - 1 + Math.min(before.offset, offset));",
    test: { file: starts, title: "the first time that they occur when clocks are put back" },
  },
  {
    mistake: "a time that the clocks leave out is counted on by the old clock",
    file: `${folder}/zone-clock.ts`,
    original: "return Math.max(stretch.from, reading - stretch.offset);",
    replacement: "return reading - stretch.offset;",
    test: { file: starts, title: "at the first moment after skipped times when clocks are put forward" },
  },
  {
    mistake: "a day that a zone leaves out is caught up with",
    file: `${folder}/fixed-times.ts`,
    original: "clock.firstShowing(day) < clock.firstShowing(day + dayMs)",
    replacement: "clock.firstShowing(day) <= clock.firstShowing(day + dayMs)",
    test: { file: starts, title: "not on a day that a zone skips" },
  },
  {
    mistake: "nothing is added where an hour is repeated between two steps",
    file: `${folder}/wildcard-times.ts`,
    original: "return isStep && start <",
    replacement: "return !isStep && start <",
    test: {
      file: starts,
      title: "without a longer pause than their step where an hour is repeated between two of them",
    },
  },
  {
    mistake: "a pause between named hours is taken for a step",
    file: `${folder}/wildcard-times.ts`,
    original: "return isStep && start <",
    replacement: "return start <",
    test: { file: starts, title: "only in the hours that they name" },
  },
  {
    mistake: "the end of the window belongs to it",
    file: `${folder}/start-window.ts`,
    original: ": time >= opensAt || time < closesAt;",
    replacement: ": time >= opensAt || time <= closesAt;",
    test: { file: starts, title: "exclude the end of the window itself" },
  },
  {
    mistake: "a quiet day is one of UTC",
    file: `${folder}/judge-nominal.ts`,
    original: "quietDays.includes(new Date(reading)",
    replacement: "quietDays.includes(new Date(nominalAt)",
    test: { file: starts, title: "are judged by the nominal instant, in the schedule's zone" },
  },
  {
    mistake: "a window that opens again in a repeated hour is jumped over",
    file: `${folder}/judge-nominal.ts`,
    original: "return Math.min(change - offset, until);",
    replacement: "return change - offset;",
    test: { file: starts, title: "let a window that opens twice in a night open twice" },
  },
  {
    mistake: "the jitter goes beyond the end of the window",
    file: `${folder}/jitter.ts`,
    original: "return window === null\n    ? start",
    replacement: "return window !== null\n    ? start",
    test: { file: starts, title: "ends with the window" },
  },
  {
    mistake: "every credential of an interval has the same phase",
    file: `${folder}/interval-times.ts`,
    original: 'stableFraction("phase", credentialId)',
    replacement: 'stableFraction("phase")',
    test: {
      file: starts,
      title: "occurs at the same distance forever, spread over the interval by credential",
    },
  },
  {
    mistake: "a start that waits for its jitter is lost when somebody saves the schedule",
    file: `${folder}/schedule-manager.ts`,
    original: "return kept;",
    replacement: "return firstStartAfter(times, now);",
    test: {
      file: manager,
      title: "starts nothing when saved or enabled, and keeps a start that waits for its jitter",
    },
  },
];
