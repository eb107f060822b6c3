import { describe } from "vitest";
import { describeFencing } from "./storage/describe-fencing.js";
import { describeLanding } from "./storage/describe-landing.js";
import { describeRuns } from "./storage/describe-runs.js";
import { describeWorkList } from "./storage/describe-work-list.js";
import { type DescribeStorageOptions, type StorageFixture, useStorage } from "./storage/storage-fixture.js";

const parts: readonly ((fixture: StorageFixture) => void)[] = [
  describeRuns,
  describeFencing,
  describeLanding,
  describeWorkList,
];

/**
 * Registers the tests that every storage must pass. They only touch companies of their own, with random ids,
 * so that the storage may be shared; call it at the top of a test file.
 *
 * @example
 * describeStorage({ name: "my storage", setup: () => ({ storage: myStorage({ pool }) }) });
 */
export function describeStorage(options: DescribeStorageOptions): void {
  describe(options.name ?? "storage", () => {
    const fixture = useStorage(options);
    for (const describePart of parts) describePart(fixture);
  });
}
