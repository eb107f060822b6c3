/** One server-sent event. */
export interface ReadEvent {
  readonly id: string | null;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Reads server-sent events as they arrive; comments are left out. Ends with the stream. */
export async function* readEvents(response: Response): AsyncGenerator<ReadEvent> {
  if (response.body === null) return;
  let buffered = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    buffered += chunk;
    const blocks = buffered.split("\n\n");
    buffered = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = parse(block);
      if (event !== null) yield event;
    }
  }
}

function parse(block: string): ReadEvent | null {
  const fields = new Map(
    block.split("\n").map((line) => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon), line.slice(colon + 2)] as const;
    }),
  );
  const event = fields.get("event");
  const data = fields.get("data");
  if (event === undefined || data === undefined) return null;
  return { id: fields.get("id") ?? null, event, data: JSON.parse(data) as ReadEvent["data"] };
}
