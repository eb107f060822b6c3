import { memoryStorage, type Storage } from "@titan-sync/core";
import {
  describeStorage,
  manualClock,
  type StoragePart,
  storagePartNeeds,
  storageParts,
} from "@titan-sync/core/testing";
import { describe, expect, it } from "vitest";
import { partsOfStorage } from "./storage-verbs.js";

const verbsOf = new Map(partsOfStorage().map(({ name, verbs }) => [name, verbs]));

describe("the storage suite", () => {
  it("has a part for each part of the port, named after its file", () => {
    expect([...verbsOf.keys()].filter((file) => !storageParts.some((part) => part === file))).toEqual([]);
    expect([...verbsOf.values()].flat().length).toBeGreaterThan(60);
  });

  describe.each(storageParts)("in its part %s, while later parts are not written yet,", (part) => {
    const called = new Set<string>();
    describeStorage({
      parts: [part],
      setup() {
        const clock = manualClock();
        const storage = recording(memoryStorage({ clock }), called);
        return { storage, passTime: clock.advance };
      },
    });

    // After the part's own tests, which stand before it.
    it("calls each verb of its file of the port", () => {
      expect((verbsOf.get(part) ?? []).filter((verb) => !called.has(verb))).toEqual([]);
    });

    it("needs exactly what it declares of later parts", () => {
      const written = new Set<string>(["close", ...verbsUpTo(part)]);
      const needed = [...called].filter((verb) => !written.has(verb));
      expect(needed.sort()).toEqual([...(storagePartNeeds[part] ?? [])].sort());
    });
  });
});

/** Verbs of a part and of all parts before it. */
function verbsUpTo(part: StoragePart): readonly string[] {
  return storageParts.slice(0, storageParts.indexOf(part) + 1).flatMap((name) => verbsOf.get(name) ?? []);
}

function recording(storage: Storage, called: Set<string>): Storage {
  return new Proxy(storage, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      called.add(String(name));
      return value.bind(target);
    },
  });
}
