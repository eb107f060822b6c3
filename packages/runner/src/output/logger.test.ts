import { describe, expect, it } from "vitest";
import { textStream } from "../__fixtures__/text-stream.js";
import { createLogger } from "./logger.js";

describe("the log", () => {
  it("is one JSON document per line with only the allowed fields", () => {
    const stream = textStream();
    createLogger("info", stream).warn({ feed: "zones", client_secret: "cs1.x", body: "Jane" }, "degraded");
    expect(JSON.parse(stream.text())).toEqual({
      level: "warn",
      time: expect.any(String),
      feed: "zones",
      msg: "degraded",
    });
  });

  it("leaves out what is below its level", () => {
    const stream = textStream();
    const logger = createLogger("warn", stream);
    logger.debug({}, "a");
    logger.info({}, "b");
    createLogger("silent", stream).error({}, "c");
    expect(stream.text()).toBe("");
  });
});
