import { type Finding, good, problem } from "./finding.js";

const least = { major: 22, minor: 16 } as const;

/** @param version - such as `24.21.0`. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isEnough = major > least.major || (major === least.major && minor >= least.minor);
  return isEnough
    ? good({ check: "node" }, `Node ${version}.`)
    : problem(
        { check: "node" },
        `Node ${version} is too old.`,
        `Install Node ${least.major}.${least.minor} or newer.`,
      );
}
