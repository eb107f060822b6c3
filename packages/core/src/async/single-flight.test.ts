import { describe, expect, it } from "vitest";
import { AbortedError } from "../errors.js";
import { createSingleFlight } from "./single-flight.js";

interface Work {
  readonly signal: AbortSignal;
  readonly finish: (result: string) => void;
  readonly fail: (error: Error) => void;
}

function setUp() {
  const works: Work[] = [];
  const fly = createSingleFlight(
    (signal) =>
      new Promise<string>((finish, fail) => {
        works.push({ signal, finish, fail });
      }),
  );
  return { fly, works };
}

describe("createSingleFlight", () => {
  it("does the work once for all callers that arrive during it, and again for later ones", async () => {
    const { fly, works } = setUp();
    const { signal } = new AbortController();
    const results = Promise.all([fly(signal), fly(signal), fly(signal)]);
    works[0]?.finish("first");
    expect(await results).toEqual(["first", "first", "first"]);

    const next = fly(signal);
    works[1]?.finish("second");
    expect(await next).toBe("second");
    expect(works).toHaveLength(2);
  });

  it("fails for all, and tries again for the next", async () => {
    const { fly, works } = setUp();
    const { signal } = new AbortController();
    const results = Promise.allSettled([fly(signal), fly(signal)]);
    works[0]?.fail(new RangeError("m"));
    expect((await results).map((result) => result.status)).toEqual(["rejected", "rejected"]);

    const next = fly(signal);
    works[1]?.finish("good");
    expect(await next).toBe("good");
  });

  it("continues for the others when one caller stops", async () => {
    const { fly, works } = setUp();
    const one = new AbortController();
    const stopped = fly(one.signal);
    const other = fly(new AbortController().signal);
    one.abort();

    await expect(stopped).rejects.toThrow(AbortedError);
    expect(works[0]?.signal.aborted).toBe(false);
    works[0]?.finish("good");
    expect(await other).toBe("good");
  });

  it("stops the work when all callers have stopped, and starts again for the next", async () => {
    const { fly, works } = setUp();
    const controller = new AbortController();
    const stopped = Promise.allSettled([fly(controller.signal), fly(controller.signal)]);
    controller.abort();
    await stopped;
    expect(works[0]?.signal.aborted).toBe(true);

    const next = fly(new AbortController().signal);
    works[0]?.finish("late");
    works[1]?.finish("good");
    expect(await next).toBe("good");
  });

  it("does not start for a caller that has already been aborted", async () => {
    const { fly, works } = setUp();

    await expect(fly(AbortSignal.abort())).rejects.toThrow(AbortedError);
    expect(works).toEqual([]);
  });
});
