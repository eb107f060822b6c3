export { describeStorage } from "./describe-storage.js";
export type { ManualClock } from "./manual-clock.js";
export { manualClock } from "./manual-clock.js";
export type { DescribeStorageOptions, StorageUnderTest } from "./storage/storage-fixture.js";
