import { describe, expect, it } from "vitest";
import { createCapturingLogger } from "../__fixtures__/capturing-logger.js";
import { createFakeClock } from "../__fixtures__/fake-clock.js";
import { ConfigError } from "../errors.js";
import { generateEncryptionKey } from "./generate-key.js";
import { reloadingKeys } from "./reloading-keys.js";

function setUp(first: string) {
  const clock = createFakeClock();
  const logger = createCapturingLogger();
  const source = { text: first, loads: 0, failure: null as Error | null };
  const keys = reloadingKeys({
    clock,
    logger,
    load: async () => {
      source.loads += 1;
      if (source.failure !== null) throw source.failure;
      return source.text;
    },
  });
  return { clock, source, keys, logger };
}

const [one, two] = [generateEncryptionKey("one"), generateEncryptionKey("two")];

describe("reloadingKeys", () => {
  it("reads its source once for all callers within ten seconds", async () => {
    const { keys, source, clock } = setUp(one);
    await Promise.all([keys.current(), keys.current(), keys.find("one")]);
    await clock.advance(9999);
    await keys.current();

    expect(source.loads).toBe(1);
  });

  it("encrypts with a new key within ten seconds", async () => {
    const { keys, source, clock } = setUp(one);
    await keys.current();
    source.text = `${two},${one}`;
    expect((await keys.current()).id).toBe("one");
    await clock.advance(10_000);

    expect((await keys.current()).id).toBe("two");
    expect((await keys.find("one"))?.id).toBe("one");
  });

  it("decrypts at once what a new key has encrypted", async () => {
    const { keys, source } = setUp(one);
    await keys.current();
    source.text = `${two},${one}`;

    expect((await keys.find("two"))?.id).toBe("two");
    expect(await keys.find("three")).toBeNull();
  });

  it("refuses an unusable source, and accepts it once it is fixed", async () => {
    const { keys, source } = setUp("no key");
    await expect(keys.current()).rejects.toThrow(ConfigError);
    source.failure = new TypeError("kanari");
    await expect(keys.current()).rejects.toThrow("The encryption keys could not be read.");
    source.failure = null;
    source.text = one;

    expect((await keys.current()).id).toBe("one");
  });

  it("keeps the last good ring when its source breaks later, and says so", async () => {
    const { keys, source, clock, logger } = setUp(one);
    await keys.current();
    source.text = "half written";
    await clock.advance(10_000);

    expect((await keys.current()).id).toBe("one");
    expect(await keys.find("two")).toBeNull();
    expect(logger.lines[0]).toMatchObject({ level: "error", fields: { code: "CONFIG_INVALID" } });
  });
});
